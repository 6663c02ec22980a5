// swift-tools-version: 6.2
import PackageDescription

// Somebody else's package: a function of its own on this one's runtime, and its tests. It depends on modules of the names
// that come to mind first, too; `Crowd` holds that all of them and every product of this one can stand in one file.
let package = Package(
    name: "example",
    dependencies: [
        .package(name: "stream-token", path: "../.."),
        .package(name: "neighbours", path: "Neighbours"),
    ],
    targets: [
        .executableTarget(
            name: "example",
            dependencies: [
                .product(name: "FunctionCore", package: "stream-token"),
                .product(name: "FunctionRuntime", package: "stream-token"),
            ]
        ),
        .target(
            name: "Crowd",
            dependencies: [
                .product(name: "FunctionCore", package: "stream-token"),
                .product(name: "FunctionEventLoop", package: "stream-token"),
                .product(name: "FunctionHTTP", package: "stream-token"),
                .product(name: "FunctionMetrics", package: "stream-token"),
                .product(name: "FunctionRedis", package: "stream-token"),
                .product(name: "FunctionRuntime", package: "stream-token"),
                .product(name: "FunctionTLS", package: "stream-token"),
                .product(name: "FunctionTesting", package: "stream-token"),
                .product(name: "StreamTokens", package: "stream-token"),
                .product(name: "StreamTokensRedis", package: "stream-token"),
                .product(name: "Neighbours", package: "neighbours"),
            ]
        ),
        .testTarget(
            name: "ExampleTests",
            dependencies: [
                "Crowd",
                "example",
                .product(name: "FunctionCore", package: "stream-token"),
                .product(name: "FunctionTesting", package: "stream-token"),
            ]
        ),
    ]
)
