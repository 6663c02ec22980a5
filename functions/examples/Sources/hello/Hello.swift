import FunctionCore
import FunctionRuntime

@main
enum Hello {
    /// Greets the person that the parameter `name` names.
    static let handler: Handler = { request in
        Response(.ok, body: .text("Hello, \(request.parameters["name"] ?? "world")!\n"))
    }

    static func main() {
        Runtime.run("hello", handler)
    }
}
