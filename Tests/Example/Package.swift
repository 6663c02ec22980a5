// swift-tools-version: 6.2
import PackageDescription

// Somebody else's package: a function of its own on this one's runtime.
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
        )
    ]
)
