// swift-tools-version: 6.2
import PackageDescription

// Somebody else's package: a function of its own on this one's runtime, and its tests.
let package = Package(
    name: "example",
    dependencies: [.package(name: "stream-token", path: "../..")],
    targets: [
        .executableTarget(
            name: "example",
            dependencies: [
                .product(name: "Function", package: "stream-token"),
                .product(name: "FunctionRuntime", package: "stream-token"),
            ]
        ),
        .testTarget(
            name: "ExampleTests",
            dependencies: [
                "example",
                .product(name: "Function", package: "stream-token"),
                .product(name: "LocalRuntime", package: "stream-token"),
            ]
        ),
    ]
)
