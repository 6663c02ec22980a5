import LocalRuntimeConsole

/// What a new function changes in files that there are.
extension NewFunction {
    /// The manifest with its targets and its product.
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

    /// The local runtime's list with its line.
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
