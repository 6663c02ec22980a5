import FunctionCore
import FunctionRuntime

@main
enum Example {
    static let handler: Handler = { request in
        Response(.ok, body: .text("Hello, \(request.parameters["name"] ?? "stranger")!\n"))
    }

    static func main() {
        Runtime.run("example", handler)
    }
}
