// swift-tools-version: 6.2
import PackageDescription

// A function in a package of its own. Copy this folder, and put the URL and the version of stream-token in place of the path.
let package = Package(
    name: "examples",
    dependencies: [
        .package(name: "stream-token", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "hello",
            dependencies: [
                .product(name: "FunctionCore", package: "stream-token"),
                .product(name: "FunctionRuntime", package: "stream-token"),
            ]
        ),
        .testTarget(
            name: "HelloTests",
            dependencies: [
                "hello",
                .product(name: "FunctionCore", package: "stream-token"),
                .product(name: "FunctionTesting", package: "stream-token"),
            ]
        ),
    ]
)
