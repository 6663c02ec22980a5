import LocalRuntimeConsole

/// The changes that a new function makes to existing files.
extension NewFunction {
    /// Package.swift with the function's targets and product.
    func addTargets(to file: SourceFile) throws(CommandFailure) -> SourceFile {
        var file = file
        try file.insert(
            "        .executable(name: \"\(name)\", targets: [\"StreamTokens\(executable)\"]),\n",
            before: "        .executable(name: \"local-runtime\", targets: [\"LocalRuntimeExecutable\"]),\n"
        )
        try file.insert(
            """
                    library(
                        "\(module)",
                        path: "functions/\(name)/Handler",
                        "FunctionCore"
                    ),

            """,
            before: "        // What the executables share"
        )
        try file.insert(
            """
                    executable(
                        "StreamTokens\(executable)",
                        path: "functions/\(name)/Executable",
                        "FunctionRuntime",
                        "\(module)"
                    ),

            """,
            before: "\n        library(\n            \"LocalRuntimeConsole\",\n"
        )
        try file.insert(
            "            \"\(module)\",\n",
            before: "            // Those of `local-runtime new`"
        )
        try file.insert(
            """
                    tests(
                        "\(module)Tests",
                        "FunctionCore",
                        "\(module)"
                    ),

            """,
            before: "        // Depends on the executables"
        )
        return file
    }

    /// The OpenAPI description with the new function.
    func addDescription(to file: SourceFile) throws(CommandFailure) -> SourceFile {
        var file = file
        try file.insert(
            """
                {"name": "\(name)", "description": "\(method) \(path)"},

            """,
            before: #"    {"name": "health", "#
        )
        try file.insert(
            """
                "\(path)": {
                  "\(method.lowercased())": {
                    "operationId": "\(name)",
                    "tags": ["\(name)"],
                    "summary": "Call the function \(name)",
                    "security": [],
                    "parameters": [{"$ref": "#/components/parameters/RequestID"}],
                    "responses": {
                      "200": {
                        "description": "The response.",
                        "headers": {
                          "x-request-id": {"$ref": "#/components/headers/XRequestID"},
                          "cache-control": {"$ref": "#/components/headers/NoStore"},
                          "x-content-type-options": {"$ref": "#/components/headers/NoSniff"},
                          "referrer-policy": {"$ref": "#/components/headers/NoReferrer"}
                        },
                        "content": {
                          "application/json": {
                            "schema": {
                              "type": "object",
                              "required": ["success", "function"],
                              "properties": {"success": {"const": true}, "function": {"const": "\(name)"}}
                            },
                            "example": {"success": true, "function": "\(name)"}
                          }
                        }
                      },
                      "400": {"$ref": "#/components/responses/BadRequest"},
                      "408": {"$ref": "#/components/responses/RequestTimeout"},
                      "413": {"$ref": "#/components/responses/ContentTooLarge"},
                      "414": {"$ref": "#/components/responses/URITooLong"},
                      "417": {"$ref": "#/components/responses/ExpectationFailed"},
                      "431": {"$ref": "#/components/responses/FieldsTooLarge"},
                      "501": {"$ref": "#/components/responses/NotImplemented"},
                      "503": {"$ref": "#/components/responses/Overloaded"},
                      "504": {"$ref": "#/components/responses/DeadlineExceeded"},
                      "505": {"$ref": "#/components/responses/VersionNotSupported"}
                    }
                  }
                },

            """,
            before: #"    "/health/liveness": {"#
        )
        return file
    }

    /// The local runtime's list of functions with the new one.
    func addToList(in file: SourceFile) throws(CommandFailure) -> SourceFile {
        var file = file
        try file.insertImport(of: module)
        try file.insert(
            """
                        PackageFunction(
                            "\(name)",
                            at: \(type).path,
                            errorResponse: \(type).errorResponse,
                            handler: \(type)().handle
                        ),

            """,
            before: "            // Those of `local-runtime new`"
        )
        return file
    }
}
