import LocalRuntimeConsole

/// What a new function changes in files that there are.
extension NewFunction {
    /// The manifest with its targets and its product.
    func addTargets(to file: SourceFile) throws(CommandFailure) -> SourceFile {
        var file = file
        try file.insert(
            "        .executable(name: \"\(name)\", targets: [\"\(name)\"]),\n",
            before: "        .executable(name: \"local-runtime\", targets: [\"local-runtime\"]),\n"
        )
        try file.insert(
            "        library(\"\(type)\", path: \"functions/\(name)/Handler\", \"Function\"),\n",
            before: "        // What the executables share"
        )
        try file.insert(
            """
                    executable(
                        "\(name)",
                        path: "functions/\(name)/Executable",
                        "\(type)",
                        "FunctionRuntime"
                    ),

            """,
            before: "\n        library(\n            \"LocalRuntime\",\n"
        )
        try file.insert(
            "            \"\(type)\",\n",
            before: "            \"StreamWiring\",\n            \"Workflows\",\n"
        )
        try file.insert(
            "        tests(\"\(type)Tests\", \"\(type)\", \"Function\"),\n",
            before: "        // Depends on the executables"
        )
        return file
    }

    /// The local runtime's list with its line.
    func addToList(in file: SourceFile) throws(CommandFailure) -> SourceFile {
        var file = file
        try file.insertImport(of: type)
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
