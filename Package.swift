// swift-tools-version: 6.2
import PackageDescription

// Module map over Debian's libhiredis-dev; every other C interface is the C library's own.
let hiredis: Target = .systemLibrary(name: "CFunctionHiredis", providers: [.apt(["libhiredis-dev"])])

// Another over libssl-dev; what is built without the trait TLS does not touch it.
let openSSL: Target = .systemLibrary(name: "CFunctionOpenSSL", providers: [.apt(["libssl-dev"])])

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // Async code stays on its caller's executor: a request never leaves its event loop.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(
    _ name: String,
    path: String? = nil,
    exclude: [String] = [],
    resources: [Resource] = [],
    _ dependencies: String...
) -> Target {
    .target(
        name: name,
        dependencies: dependencies.map { .byName(name: $0) },
        path: path,
        exclude: exclude,
        resources: resources,
        swiftSettings: settings
    )
}

func executable(_ name: String, path: String, _ dependencies: String...) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies.map { .byName(name: $0) },
        path: path,
        swiftSettings: settings
    )
}

func tests(_ name: String, exclude: [String] = [], _ dependencies: String...) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies.map { .byName(name: $0) },
        exclude: exclude,
        swiftSettings: settings
    )
}

let package = Package(
    name: "stream-token",
    products: [
        .library(name: "FunctionCore", targets: ["FunctionCore"]),
        .library(name: "FunctionEventLoop", targets: ["FunctionEventLoop"]),
        .library(name: "FunctionHTTP", targets: ["FunctionHTTP"]),
        .library(name: "FunctionMetrics", targets: ["FunctionMetrics"]),
        .library(name: "FunctionRuntime", targets: ["FunctionRuntime"]),
        .library(name: "FunctionRedis", targets: ["FunctionRedis"]),
        .library(name: "FunctionTLS", targets: ["FunctionTLS"]),
        .library(name: "FunctionTesting", targets: ["FunctionTesting"]),
        .library(name: "StreamTokens", targets: ["StreamTokens"]),
        .library(name: "StreamTokensRedis", targets: ["StreamTokensRedis"]),
        .executable(name: "token", targets: ["StreamTokensTokenExecutable"]),
        .executable(name: "stream", targets: ["StreamTokensStreamExecutable"]),
        .executable(name: "admit", targets: ["StreamTokensAdmitExecutable"]),
        .executable(name: "local-runtime", targets: ["LocalRuntimeExecutable"]),
    ],
    traits: [
        .trait(name: "TLS", description: "rediss:// and https://, by OpenSSL")
    ],
    targets: [
        hiredis,
        openSSL,
        .systemLibrary(name: "CFunctionLinux"),

        library("FunctionBytes"),
        library("FunctionCore", "FunctionBytes"),
        library("FunctionMetrics"),
        library("StreamTokens", "FunctionBytes", "FunctionCore"),
        library("StreamTokensWorkflows", "FunctionBytes", "FunctionCore"),
        library("FunctionPlatforms", exclude: ["README.md"], "FunctionBytes", "FunctionCore"),
        library("FunctionEventLoop", "CFunctionLinux"),
        .target(
            name: "FunctionTLS",
            dependencies: ["FunctionEventLoop", .target(name: "CFunctionOpenSSL", condition: .when(traits: ["TLS"]))],
            swiftSettings: settings
        ),
        library("FunctionHTTP", "FunctionBytes", "FunctionCore", "FunctionEventLoop", "FunctionTLS"),
        library(
            "FunctionRedis",
            "CFunctionHiredis",
            "FunctionBytes",
            "FunctionEventLoop",
            "FunctionMetrics",
            "FunctionTLS"
        ),
        library(
            "StreamTokensHTTPWorkflow",
            "FunctionBytes",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionHTTP",
            "FunctionTLS",
            "StreamTokensWorkflows"
        ),
        library(
            "FunctionRuntime",
            exclude: ["Contracts/README.md"],
            "CFunctionLinux",
            "FunctionBytes",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionHTTP",
            "FunctionMetrics",
            "FunctionPlatforms"
        ),
        library(
            "StreamTokensRedis",
            resources: [.embedInCode("Scripts")],
            "FunctionBytes",
            "FunctionRedis",
            "StreamTokens"
        ),

        library("StreamTokensRedemption", "FunctionBytes", "FunctionCore", "StreamTokens"),
        library(
            "StreamTokensTokenFunction",
            path: "functions/token/Handler",
            "FunctionBytes",
            "FunctionCore",
            "StreamTokens"
        ),
        library(
            "StreamTokensStreamFunction",
            path: "functions/stream/Handler",
            "FunctionBytes",
            "FunctionCore",
            "StreamTokens",
            "StreamTokensRedemption",
            "StreamTokensWorkflows"
        ),
        library(
            "StreamTokensAdmitFunction",
            path: "functions/admit/Handler",
            "FunctionBytes",
            "FunctionCore",
            "StreamTokens",
            "StreamTokensRedemption",
            "StreamTokensWorkflows"
        ),
        // What the executables share.
        library(
            "StreamTokensWiring",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionRedis",
            "FunctionRuntime",
            "FunctionTLS",
            "StreamTokensRedis"
        ),
        // What those share that redeem tokens.
        library(
            "StreamTokensRedemptionWiring",
            "FunctionCore",
            "FunctionRuntime",
            "StreamTokens",
            "StreamTokensRedemption"
        ),
        library(
            "StreamTokensTokenWiring",
            path: "functions/token/Wiring",
            "FunctionCore",
            "FunctionMetrics",
            "FunctionRuntime",
            "StreamTokens",
            "StreamTokensTokenFunction"
        ),
        library(
            "StreamTokensStreamWiring",
            path: "functions/stream/Wiring",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionHTTP",
            "FunctionMetrics",
            "FunctionRuntime",
            "FunctionTLS",
            "StreamTokens",
            "StreamTokensHTTPWorkflow",
            "StreamTokensRedemption",
            "StreamTokensRedemptionWiring",
            "StreamTokensStreamFunction",
            "StreamTokensWorkflows"
        ),
        library(
            "StreamTokensAdmitWiring",
            path: "functions/admit/Wiring",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionMetrics",
            "FunctionRuntime",
            "StreamTokens",
            "StreamTokensAdmitFunction",
            "StreamTokensRedemption",
            "StreamTokensRedemptionWiring"
        ),
        executable(
            "StreamTokensTokenExecutable",
            path: "functions/token/Executable",
            "FunctionRuntime",
            "StreamTokensRedis",
            "StreamTokensTokenFunction",
            "StreamTokensTokenWiring",
            "StreamTokensWiring"
        ),
        executable(
            "StreamTokensStreamExecutable",
            path: "functions/stream/Executable",
            "FunctionRuntime",
            "StreamTokensRedis",
            "StreamTokensStreamWiring",
            "StreamTokensWiring"
        ),
        executable(
            "StreamTokensAdmitExecutable",
            path: "functions/admit/Executable",
            "FunctionRuntime",
            "StreamTokensAdmitFunction",
            "StreamTokensAdmitWiring",
            "StreamTokensRedis",
            "StreamTokensWiring"
        ),

        library(
            "LocalRuntimeConsole",
            path: "local-runtime/Console",
            "FunctionBytes",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionRedis",
            "FunctionRuntime",
            "FunctionTLS",
            "StreamTokens",
            "StreamTokensWiring"
        ),
        library(
            "FunctionTesting",
            path: "local-runtime/Harness",
            // Those of `local-runtime new` come before this line.
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionHTTP",
            "FunctionRedis",
            "FunctionRuntime",
            "LocalRuntimeConsole",
            "StreamTokens",
            "StreamTokensAdmitFunction",
            "StreamTokensAdmitWiring",
            "StreamTokensRedis",
            "StreamTokensStreamFunction",
            "StreamTokensStreamWiring",
            "StreamTokensTokenFunction",
            "StreamTokensTokenWiring",
            "StreamTokensWorkflows"
        ),
        library(
            "LocalRuntimeLambda",
            path: "local-runtime/LambdaEmulator",
            "CFunctionLinux",
            "FunctionBytes",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionHTTP",
            "FunctionPlatforms",
            "FunctionRuntime",
            "LocalRuntimeConsole"
        ),
        library(
            "LocalRuntimeFixtures",
            path: "local-runtime/Fixtures",
            "FunctionBytes",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionPlatforms",
            "FunctionRuntime",
            "FunctionTesting",
            "LocalRuntimeConsole",
            "StreamTokens",
            "StreamTokensWorkflows"
        ),
        library(
            "LocalRuntimeReplay",
            path: "local-runtime/Replay",
            "FunctionBytes",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionHTTP",
            "FunctionPlatforms",
            "FunctionRedis",
            "FunctionRuntime",
            "FunctionTesting",
            "FunctionTLS",
            "LocalRuntimeConsole",
            "LocalRuntimeFixtures",
            "LocalRuntimeLambda",
            "StreamTokens",
            "StreamTokensHTTPWorkflow",
            "StreamTokensRedis",
            "StreamTokensTokenFunction",
            "StreamTokensWiring",
            "StreamTokensWorkflows"
        ),
        library(
            "LocalRuntimeRecording",
            path: "local-runtime/Recording",
            "FunctionBytes",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionHTTP",
            "FunctionRuntime",
            "FunctionTesting",
            "LocalRuntimeConsole",
            "LocalRuntimeFixtures",
            "LocalRuntimeReplay",
            "StreamTokens",
            "StreamTokensTokenFunction",
            "StreamTokensWorkflows"
        ),
        library(
            "LocalRuntimeCommands",
            path: "local-runtime/CommandLine",
            resources: ["page.html", "page.css", "page.js", "page.svg", "fixtures.js"].map { name in
                .embedInCode("Page/\(name)")
            } + [.embedInCode("OpenAPI/openapi.json")],
            "FunctionBytes",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionPlatforms",
            "FunctionRuntime",
            "FunctionTesting",
            "LocalRuntimeConsole",
            "LocalRuntimeFixtures",
            "LocalRuntimeLambda",
            "LocalRuntimeRecording",
            "LocalRuntimeReplay",
            "StreamTokens",
            "StreamTokensRedemption",
            "StreamTokensStreamFunction",
            "StreamTokensTokenFunction"
        ),
        executable("LocalRuntimeExecutable", path: "local-runtime/Executable", "LocalRuntimeCommands"),

        // What several test targets share: a redis-server of their own, a raw socket, the suites that both stores pass.
        .target(
            name: "Support",
            dependencies: [
                "CFunctionLinux", "FunctionCore", "FunctionEventLoop", "FunctionRedis", "FunctionTLS", "StreamTokens",
                "StreamTokensRedis",
            ],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        tests("FunctionCoreTests", "FunctionCore", "Support"),
        tests("FunctionMetricsTests", "FunctionMetrics"),
        tests("FunctionPlatformsTests", "FunctionCore", "FunctionPlatforms", "Support"),
        tests("StreamTokensTests", "FunctionBytes", "FunctionCore", "StreamTokens", "Support"),
        tests("FunctionEventLoopTests", "FunctionEventLoop", "Support"),
        tests("FunctionTLSTests", "FunctionEventLoop", "FunctionTLS", "Support"),
        tests(
            "FunctionHTTPTests",
            "FunctionBytes",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionHTTP",
            "FunctionTLS",
            "Support"
        ),
        tests("FunctionRedisTests", "FunctionEventLoop", "FunctionMetrics", "FunctionRedis", "FunctionTLS", "Support"),
        tests(
            "StreamTokensRedisTests",
            exclude: ["OlderScripts"],
            "FunctionEventLoop",
            "FunctionRedis",
            "FunctionTLS",
            "StreamTokens",
            "StreamTokensRedis",
            "Support"
        ),
        tests(
            "FunctionRuntimeTests",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionHTTP",
            "FunctionPlatforms",
            "FunctionRuntime",
            "Support"
        ),
        tests("StreamTokensTokenFunctionTests", "FunctionCore", "StreamTokens", "StreamTokensTokenFunction", "Support"),
        tests("StreamTokensWorkflowsTests", "FunctionCore", "StreamTokensWorkflows", "Support"),
        tests(
            "StreamTokensHTTPWorkflowTests",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionHTTP",
            "FunctionTLS",
            "StreamTokensHTTPWorkflow",
            "StreamTokensWorkflows",
            "Support"
        ),
        tests("StreamTokensRedemptionTests", "FunctionCore", "StreamTokens", "StreamTokensRedemption", "Support"),
        tests(
            "StreamTokensStreamFunctionTests",
            "FunctionCore",
            "FunctionEventLoop",
            "StreamTokens",
            "StreamTokensRedemption",
            "StreamTokensStreamFunction",
            "StreamTokensWorkflows",
            "Support"
        ),
        tests(
            "StreamTokensAdmitFunctionTests",
            "FunctionCore",
            "FunctionEventLoop",
            "StreamTokens",
            "StreamTokensAdmitFunction",
            "StreamTokensRedemption",
            "Support"
        ),
        // Depends on the executables so that they are built.
        tests(
            "BlackBoxTests",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionRedis",
            "FunctionTLS",
            "StreamTokens",
            "StreamTokensAdmitExecutable",
            "StreamTokensRedis",
            "StreamTokensStreamExecutable",
            "StreamTokensTokenExecutable",
            "Support"
        ),
        tests(
            "LocalRuntimeTests",
            // So that they are built.
            "FunctionBytes",
            "FunctionCore",
            "FunctionEventLoop",
            "FunctionHTTP",
            "FunctionPlatforms",
            "FunctionRuntime",
            "FunctionTLS",
            "FunctionTesting",
            "LocalRuntimeCommands",
            "LocalRuntimeConsole",
            "LocalRuntimeExecutable",
            "LocalRuntimeFixtures",
            "LocalRuntimeLambda",
            "LocalRuntimeRecording",
            "LocalRuntimeReplay",
            "StreamTokens",
            "StreamTokensAdmitExecutable",
            "StreamTokensStreamExecutable",
            "StreamTokensTokenExecutable",
            "StreamTokensWorkflows",
            "Support"
        ),
    ]
)
