// swift-tools-version: 6.2
import PackageDescription

// Somebody else's package, with modules of the names that come to mind first. SwiftPM wants each name once in a graph, so
// no module of stream-token may have one of these. `Crowd` uses all of them beside every library product of stream-token.
let names = [
    "CHiredis", "CLinux", "COpenSSL", "EventLoop", "Function", "HTTP", "Metrics", "Platforms", "Redis", "TLS", "Tokens",
    "Workflows", "admit", "hello", "stream", "token",
]

let products = [
    "FunctionCore", "FunctionEventLoop", "FunctionHTTP", "FunctionMetrics", "FunctionRedis", "FunctionRuntime",
    "FunctionTLS", "FunctionTesting", "StreamTokens", "StreamTokensRedis",
]

let package = Package(
    name: "neighbours",
    dependencies: [
        .package(name: "stream-token", path: "../..")
    ],
    targets: names.map { .target(name: $0) } + [
        .executableTarget(
            name: "Crowd",
            dependencies: names.map { .byName(name: $0) } + products.map { .product(name: $0, package: "stream-token") }
        )
    ]
)
