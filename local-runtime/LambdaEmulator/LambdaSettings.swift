package import FunctionEventLoop

/// The settings and limits of the emulated function.
package struct LambdaSettings: Sendable {
    package var name = "function"
    /// In MB. The function learns it, but nothing enforces it.
    package var memorySize = 128
    package var timeout = Interval.seconds(3)
    var initTimeout = Interval.seconds(10)
    /// The most environments at once.
    package var concurrency = 10
    /// The most invocations that one environment runs at once: more than 1 only on Managed Instances.
    package var slots = 1
    /// Whether a process is stopped while it has no work.
    package var freezes = true
    var region = "us-east-1"
    /// The function's environment variables, without those that the platform sets.
    package var variables: [String: String] = [:]

    package init() {}

    var arn: String { arn(of: name) }

    func arn(of name: String) -> String {
        "arn:aws:lambda:\(region):123456789012:function:\(name)"
    }

    /// Whether the platform sets this variable, so that a user cannot.
    package static func isReserved(_ name: String) -> Bool {
        name.hasPrefix("AWS_LAMBDA_")
            || ["LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "_HANDLER", "_X_AMZN_TRACE_ID"].contains(name)
    }

    /// Whether a variable of the emulator's own environment must not reach the function, which would take it for one of
    /// the platform's, or for its own credentials.
    package static func isWithheld(_ name: String) -> Bool {
        name.hasPrefix("AWS_") || isReserved(name)
    }

    /// The whole environment of a process.
    package func environment(taskRoot: String, runtimeAPI: String) -> [String: String] {
        var environment = [
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
        ].merging(variables) { $1 }
        environment["_HANDLER"] = "bootstrap"
        environment["LAMBDA_TASK_ROOT"] = taskRoot
        environment["LAMBDA_RUNTIME_DIR"] = taskRoot
        environment["AWS_LAMBDA_RUNTIME_API"] = runtimeAPI
        environment["AWS_LAMBDA_FUNCTION_NAME"] = name
        environment["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST"
        environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "\(memorySize)"
        environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = slots > 1 ? "lambda-managed-instances" : "on-demand"
        environment["AWS_LAMBDA_LOG_GROUP_NAME"] = "/aws/lambda/\(name)"
        environment["AWS_LAMBDA_LOG_STREAM_NAME"] = "local/[$LATEST]"
        if slots > 1 { environment["AWS_LAMBDA_MAX_CONCURRENCY"] = "\(slots)" }
        return environment
    }
}
