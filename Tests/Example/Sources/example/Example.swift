import Function
import FunctionRuntime

@main
enum Example {
    static func main() {
        FunctionRuntime.run("example") { request in
            Response(.ok, body: .text("Hello, \(request.parameters["name"] ?? "stranger")!\n"))
        }
    }
}
