/// The new files of a function, with their paths in the package.
extension NewFunction {
    var folders: [String] { ["functions/\(name)", "events/\(name)", "Tests/\(module)Tests"] }

    var files: [SourceFile] {
        [
            SourceFile(path: "functions/\(name)/Handler/\(type).swift", text: handler),
            SourceFile(path: "functions/\(name)/Handler/\(errorsName).swift", text: errors),
            SourceFile(path: "functions/\(name)/Executable/\(executable).swift", text: main),
            SourceFile(path: "events/\(name)/answered.json", text: event(method)),
            SourceFile(path: "events/\(name)/answered.expect.json", text: answered),
            SourceFile(path: "events/\(name)/other-method.json", text: event(otherMethod)),
            SourceFile(path: "events/\(name)/other-method.expect.json", text: refused),
            SourceFile(path: "Tests/\(module)Tests/\(type)Tests.swift", text: tests),
        ]
    }

    private var errorsName: String { type.replacing(/Function$/, with: "Errors") }

    private var otherMethod: String { method == "GET" ? "POST" : "GET" }

    /// Import lines of the function's module and `others`, in the linter's order.
    private func imports(_ others: String...) -> String {
        (others + [module]).sorted().map { "import \($0)" }.joined(separator: "\n")
    }

    private var handler: String {
        """
        package import FunctionCore

        /// `\(method) \(path)`
        package struct \(type): Sendable {
            /// The path that the function serves.
            package static let path = "\(path)"
            /// The only method that the function allows.
            package static let method = Method.\(method.lowercased())

            package init() {}

            /// Returns the response to a request.
            package func handle(_ request: Request) async -> Response {
                guard request.path == Self.path else { return HTTPError.notFound.response() }
                guard request.method == Self.method else { return HTTPError.wrongMethod.response() }
                var json = JSONWriter()
                json.object {
                    $0.member("success", true)
                    $0.member("function", "\(name)")
                }
                return Response(.ok, headers: .common(.json), body: .bytes(json.finish()))
            }
        }

        """
    }

    private var errors: String {
        """
        package import FunctionCore

        /// The errors of this function; the errors that all functions share are in Sources/FunctionCore/CommonErrors.swift.
        extension HTTPError {
            static let wrongMethod = methodNotAllowed("\(method)", "Use \(method).")
        }

        extension \(type) {
            /// The response to a request that the runtime refuses.
            package static func errorResponse(_ error: HTTPError, _ request: Request?) -> Response {
                error.response()
            }
        }

        """
    }

    private var main: String {
        """
        \(imports("FunctionRuntime"))

        @main
        enum \(executable) {
            static func main() {
                Runtime.run(
                    "\(name)",
                    summary: "Serves \(method) \(path)."
                ) { _ in
                    { _ in
                        FunctionInstance(
                            errorResponse: \(type).errorResponse,
                            handler: \(type)().handle
                        )
                    }
                }
            }
        }

        """
    }

    private func event(_ method: String) -> String {
        """
        {
          "method": "\(method)",
          "path": "\(path)"
        }

        """
    }

    private var answered: String {
        """
        {
          "status": 200,
          "headers": {
            "content-type": "application/json",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff"
          },
          "body": {
            "success": true,
            "function": "\(name)"
          }
        }

        """
    }

    private var refused: String {
        """
        {
          "status": 405,
          "headers": {
            "content-type": "application/json",
            "allow": "\(method)"
          },
          "body": {
            "$exact": {
              "error": {
                "$type": "string"
              },
              "success": false,
              "code": "method_not_allowed"
            }
          }
        }

        """
    }

    private var tests: String {
        """
        \(imports("FunctionCore", "Testing"))

        @Suite("The \(name) function")
        struct \(type)Tests {
            private func send(_ method: Method, to path: String) async -> Response {
                await \(type)().handle(Request(method: method, path: path))
            }

            @Test("\(method) returns JSON")
            func json() async throws {
                let response = await send(\(type).method, to: \(type).path)
                #expect(response.status == .ok)
                #expect(response.headers[.contentType] == "application/json")
                let body = try await response.body.collect(upTo: 1024)
                #expect(String(decoding: body, as: UTF8.self) == #"{"success":true,"function":"\(name)"}"#)
            }

            @Test("other methods return 405 and the allowed method")
            func otherMethods() async {
                let response = await send(.options, to: \(type).path)
                #expect(response.status == .methodNotAllowed)
                #expect(response.headers[.allow] == "\(method)")
            }

            @Test("other paths return 404", arguments: ["/", "x", "/x"])
            func otherPaths(rest: String) async {
                let response = await send(\(type).method, to: \(type).path + rest)
                #expect(response.status == .notFound)
            }
        }

        """
    }
}
