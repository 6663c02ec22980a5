// swift-tools-version: 6.2
import PackageDescription

// Module map over Debian's libhiredis-dev; every other C interface is the C library's own.
let hiredis: Target = .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])])

// Another over libssl-dev; what is built without the trait TLS does not touch it.
let openSSL: Target = .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])])

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // Async code stays on its caller's executor: a request never leaves its event loop.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ name: String, path: String? = nil, resources: [Resource] = [], _ dependencies: String...) -> Target {
    .target(
        name: name,
        dependencies: dependencies.map { .byName(name: $0) },
        path: path,
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

func tests(_ name: String, _ dependencies: String...) -> Target {
    .testTarget(name: name, dependencies: dependencies.map { .byName(name: $0) }, swiftSettings: settings)
}

let package = Package(
    name: "stream-token",
    products: [
        .library(name: "Function", targets: ["Function"]),
        .library(name: "HTTP", targets: ["HTTP"]),
        .library(name: "Metrics", targets: ["Metrics"]),
        .library(name: "FunctionRuntime", targets: ["FunctionRuntime"]),
        .library(name: "Redis", targets: ["Redis"]),
        .library(name: "Tokens", targets: ["Tokens"]),
        .library(name: "RedisTokenStore", targets: ["RedisTokenStore"]),
        .library(name: "FunctionTesting", targets: ["FunctionTesting"]),
        .executable(name: "token", targets: ["token"]),
        .executable(name: "stream", targets: ["stream"]),
        .executable(name: "local-runtime", targets: ["local-runtime"]),
    ],
    traits: [
        .trait(name: "TLS", description: "rediss:// and https://, by OpenSSL")
    ],
    targets: [
        hiredis,
        openSSL,
        .systemLibrary(name: "CLinux"),

        library("FunctionBytes"),
        library("Function", "FunctionBytes"),
        library("Metrics"),
        library("Tokens", "FunctionBytes"),
        library("Workflows", "Function", "FunctionBytes"),
        library("Platforms", "Function", "FunctionBytes"),
        library("EventLoop", "CLinux"),
        .target(
            name: "TLS",
            dependencies: ["EventLoop", .target(name: "COpenSSL", condition: .when(traits: ["TLS"]))],
            swiftSettings: settings
        ),
        library("HTTP", "Function", "FunctionBytes", "EventLoop", "TLS"),
        library("Redis", "FunctionBytes", "Metrics", "EventLoop", "TLS", "CHiredis"),
        library("HTTPWorkflow", "Workflows", "HTTP", "Function", "FunctionBytes", "EventLoop", "TLS"),
        library(
            "FunctionRuntime",
            "Function",
            "FunctionBytes",
            "Metrics",
            "Platforms",
            "HTTP",
            "EventLoop",
            "CLinux"
        ),
        library("RedisTokenStore", resources: [.embedInCode("Scripts")], "Tokens", "Redis"),

        library("TokenFunction", path: "functions/token/Handler", "Function", "FunctionBytes", "Tokens"),
        library(
            "StreamFunction",
            path: "functions/stream/Handler",
            "Function",
            "FunctionBytes",
            "Tokens",
            "Workflows"
        ),
        // What the executables share.
        library(
            "FunctionWiring",
            "Function",
            "FunctionRuntime",
            "RedisTokenStore",
            "Redis",
            "EventLoop",
            "TLS"
        ),
        library(
            "TokenWiring",
            path: "functions/token/Wiring",
            "TokenFunction",
            "Tokens",
            "Function",
            "FunctionRuntime",
            "Metrics"
        ),
        library(
            "StreamWiring",
            path: "functions/stream/Wiring",
            "StreamFunction",
            "Workflows",
            "HTTPWorkflow",
            "HTTP",
            "Function",
            "FunctionRuntime",
            "Metrics",
            "Tokens",
            "EventLoop",
            "TLS"
        ),
        executable(
            "token",
            path: "functions/token/Executable",
            "TokenFunction",
            "TokenWiring",
            "FunctionWiring",
            "FunctionRuntime",
            "RedisTokenStore"
        ),
        executable(
            "stream",
            path: "functions/stream/Executable",
            "FunctionWiring",
            "StreamWiring",
            "FunctionRuntime",
            "RedisTokenStore"
        ),

        library(
            "LocalRuntimeConsole",
            path: "local-runtime/Console",
            "EventLoop",
            "Function",
            "FunctionBytes",
            "FunctionRuntime",
            "FunctionWiring",
            "Redis",
            "TLS"
        ),
        library(
            "FunctionTesting",
            path: "local-runtime/Harness",
            "EventLoop",
            "Function",
            "FunctionRuntime",
            "HTTP",
            "LocalRuntimeConsole",
            "Redis",
            "RedisTokenStore",
            "StreamFunction",
            "StreamWiring",
            "TokenFunction",
            "TokenWiring",
            "Tokens",
            "Workflows"
        ),
        library(
            "LocalRuntimeLambda",
            path: "local-runtime/LambdaEmulator",
            "CLinux",
            "EventLoop",
            "Function",
            "FunctionBytes",
            "FunctionRuntime",
            "HTTP",
            "LocalRuntimeConsole",
            "Platforms"
        ),
        library(
            "LocalRuntimeFixtures",
            path: "local-runtime/Fixtures",
            "EventLoop",
            "Function",
            "FunctionRuntime",
            "FunctionTesting",
            "LocalRuntimeConsole",
            "Platforms",
            "Tokens",
            "Workflows"
        ),
        library(
            "LocalRuntimeReplay",
            path: "local-runtime/Replay",
            "EventLoop",
            "Function",
            "FunctionRuntime",
            "FunctionTesting",
            "FunctionWiring",
            "HTTP",
            "LocalRuntimeConsole",
            "LocalRuntimeFixtures",
            "LocalRuntimeLambda",
            "Platforms",
            "Redis",
            "RedisTokenStore",
            "StreamFunction",
            "TLS",
            "TokenFunction",
            "Tokens",
            "Workflows"
        ),
        library(
            "LocalRuntimeRecording",
            path: "local-runtime/Recording",
            "EventLoop",
            "Function",
            "FunctionBytes",
            "FunctionRuntime",
            "FunctionTesting",
            "HTTP",
            "LocalRuntimeConsole",
            "LocalRuntimeFixtures",
            "LocalRuntimeReplay",
            "Tokens",
            "Workflows"
        ),
        library(
            "LocalRuntimeCommands",
            path: "local-runtime/CommandLine",
            resources: ["page.html", "page.css", "page.js", "page.svg", "fixtures.js"].map { name in
                .embedInCode("Page/\(name)")
            } + [.embedInCode("OpenAPI/openapi.json")],
            "EventLoop",
            "Function",
            "FunctionBytes",
            "FunctionRuntime",
            "FunctionTesting",
            "LocalRuntimeConsole",
            "LocalRuntimeFixtures",
            "LocalRuntimeLambda",
            "LocalRuntimeRecording",
            "LocalRuntimeReplay",
            "Platforms",
            "StreamFunction",
            "TokenFunction",
            "Tokens"
        ),
        executable("local-runtime", path: "local-runtime/Executable", "LocalRuntimeCommands"),

        // What several test targets share: a redis-server of their own, a raw socket, the suites that both stores pass.
        .target(
            name: "Support",
            dependencies: ["Function", "Tokens", "CLinux", "EventLoop", "Redis", "RedisTokenStore", "TLS"],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        tests("FunctionTests", "Function", "Support"),
        tests("MetricsTests", "Metrics"),
        tests("PlatformsTests", "Platforms", "Function", "Support"),
        tests("TokensTests", "Tokens", "FunctionBytes", "Support"),
        tests("EventLoopTests", "EventLoop", "Support"),
        tests("TLSTests", "TLS", "EventLoop", "Support"),
        tests("HTTPTests", "HTTP", "Function", "FunctionBytes", "EventLoop", "TLS", "Support"),
        tests("RedisTests", "Redis", "Metrics", "EventLoop", "TLS", "Support"),
        tests("RedisTokenStoreTests", "RedisTokenStore", "Redis", "Tokens", "EventLoop", "TLS", "Support"),
        tests("FunctionRuntimeTests", "FunctionRuntime", "Platforms", "HTTP", "Function", "EventLoop", "Support"),
        tests("TokenFunctionTests", "TokenFunction", "Function", "Tokens", "Support"),
        tests("WorkflowsTests", "Workflows", "Function", "Support"),
        tests("HTTPWorkflowTests", "HTTPWorkflow", "Workflows", "HTTP", "Function", "EventLoop", "TLS", "Support"),
        tests("StreamFunctionTests", "StreamFunction", "Workflows", "Function", "Tokens", "EventLoop", "Support"),
        // Depends on the executables so that they are built.
        tests(
            "BlackBoxTests",
            "token",
            "stream",
            "Support",
            "Function",
            "Tokens",
            "Redis",
            "RedisTokenStore",
            "EventLoop",
            "TLS"
        ),
        tests(
            "LocalRuntimeTests",
            // So that they are built.
            "local-runtime",
            "token",
            "stream",
            "EventLoop",
            "Function",
            "FunctionBytes",
            "FunctionRuntime",
            "FunctionTesting",
            "HTTP",
            "LocalRuntimeCommands",
            "LocalRuntimeConsole",
            "LocalRuntimeFixtures",
            "LocalRuntimeLambda",
            "LocalRuntimeRecording",
            "LocalRuntimeReplay",
            "Platforms",
            "Support",
            "Tokens",
            "Workflows"
        ),
    ]
)
