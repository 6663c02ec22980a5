import FunctionEventLoop
import Testing

@testable import FunctionRuntime

@Suite("The contract")
struct ContractTests {
    private static let runtimeAPI = ["AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"]
    private static let fn = ["FN_LISTENER": "unix:/tmp/iofs/lsnr.sock"]
    private static let azure = ["FUNCTIONS_CUSTOMHANDLER_PORT": "7071"]
    private static let port = ["PORT": "9000"]

    @Test(
        "is the first one that the environment announces",
        arguments: [
            ([], .http, "no platform announces itself"),
            ([port], .http, "PORT is set"),
            ([runtimeAPI, fn, azure, port], .lambda, "AWS_LAMBDA_RUNTIME_API is set"),
            ([fn, azure, port], .fn, "FN_LISTENER is set"),
            ([azure, port], .azure, "FUNCTIONS_CUSTOMHANDLER_PORT is set"),
            ([runtimeAPI, ["AWS_LWA_PORT": "8000"]], .http, "AWS_LWA_PORT is set"),
            ([runtimeAPI, ["FUNCTION_CONTRACT": "http"]], .http, "FUNCTION_CONTRACT is set"),
            ([runtimeAPI, azure, ["FUNCTION_CONTRACT": "azure"]], .azure, "FUNCTION_CONTRACT is set"),
        ] as [([[String: String]], Contract, String)]
    )
    func detection(environment: [[String: String]], contract: Contract, reason: String) {
        let environment = environment.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        var settings = Settings(environment: environment)
        #expect(ContractChoice(&settings) == ContractChoice(contract, because: reason))
        #expect(settings.problems.isEmpty)
    }

    @Test(
        "is HTTP if there is any sign of the Lambda Web Adapter",
        arguments: [
            (["AWS_LWA_INVOKE_MODE": "response_stream"], nil, "AWS_LWA_INVOKE_MODE is set"),
            (
                ["AWS_LWA_READINESS_CHECK_PATH": "/health/readiness", "PORT": "9000"], nil,
                "AWS_LWA_READINESS_CHECK_PATH is set"
            ),
            (["AWS_LWA_INVOKE_MODE": "buffered", "AWS_LWA_PORT": "8000"], nil, "AWS_LWA_PORT is set"),
            (["AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"], nil, "AWS_LAMBDA_EXEC_WRAPPER is /opt/bootstrap"),
            ([:], "/opt/extensions/lambda-adapter", "/opt/extensions/lambda-adapter is there"),
        ] as [([String: String], String?, String)]
    )
    func webAdapter(environment: [String: String], file: String?, reason: String) {
        var settings = Settings(environment: Self.runtimeAPI.merging(environment) { $1 })
        #expect(ContractChoice(&settings) { $0 == file } == ContractChoice(.http, because: reason))
        #expect(settings.problems.isEmpty)
    }

    @Test(
        "is Lambda's if there is no sign of an adapter, and outside Lambda a sign is ignored",
        arguments: [
            ["AWS_LAMBDA_EXEC_WRAPPER": "/opt/otel-handler"], ["PORT": "9000"], ["AWS_LWA_PORT": ""],
            ["AWS_LWA_INVOKE_MODE": " \n"], ["AWS_LWA_PORT": "tcp://10.0.0.1:80"],
        ]
    )
    func noWebAdapter(environment: [String: String]) {
        var settings = Settings(environment: Self.runtimeAPI.merging(environment) { $1 })
        #expect(ContractChoice(&settings) { _ in false }.contract == .lambda)
        settings = Settings(environment: environment)
        #expect(ContractChoice(&settings) { _ in true }.reason != "/opt/extensions/lambda-adapter is there")
    }

    @Test(
        "cannot be one whose platform does not announce itself",
        arguments: [
            ("lambda", "FUNCTION_CONTRACT is lambda, which needs AWS_LAMBDA_RUNTIME_API to be set"),
            ("fn", "FUNCTION_CONTRACT is fn, which needs FN_LISTENER to be set"),
            ("azure", "FUNCTION_CONTRACT is azure, which needs FUNCTIONS_CUSTOMHANDLER_PORT to be set"),
            ("gcp", "FUNCTION_CONTRACT must be one of http, lambda, azure, fn, not \"gcp\""),
        ]
    )
    func missingPlatform(name: String, problem: String) {
        var settings = Settings(environment: ["FUNCTION_CONTRACT": name])
        _ = ContractChoice(&settings)
        #expect(settings.problems == [problem])
    }

    @Test(
        "for HTTP takes the port that the platform chose",
        arguments: [
            ([:], 8080),
            (["PORT": "9000"], 9000),
            (["AWS_LWA_PORT": "8000", "PORT": "9000"], 8000),
            (["upstream_url": "http://127.0.0.1:5000"], 5000),
            (["upstream_url": "http://127.0.0.1:5000/x"], 5000),
            (["upstream_url": "http://127.0.0.1:5000", "PORT": "9000"], 9000),
            (["upstream_url": "nonsense"], 8080),
            (["FUNCTIONS_CUSTOMHANDLER_PORT": "7071", "PORT": "9000"], 7071),
        ] as [([String: String], Int)]
    )
    func ports(environment: [String: String], port: Int) {
        var settings = Settings(environment: environment)
        let options = RuntimeOptions(&settings)
        #expect(options.port == port)
        #expect(settings.problems.isEmpty)
    }

    @Test("of Azure accepts connections only from this machine")
    func azureHost() {
        var settings = Settings(environment: Self.azure)
        #expect(RuntimeOptions(&settings).host == "127.0.0.1")
    }

    @Test(
        "makes a process accept on after SIGTERM if the platform still sends requests then",
        arguments: [
            ([:], 0), (["K_SERVICE": "token"], 5), (["upstream_url": "http://127.0.0.1:5000"], 5),
            (["K_SERVICE": "token", "DRAIN_SECONDS": "1"], 1),
        ] as [([String: String], Int)]
    )
    func drain(environment: [String: String], seconds: Int) {
        var settings = Settings(environment: environment)
        #expect(RuntimeOptions(&settings).drain == .seconds(seconds))
    }
}
