// swift-tools-version: 6.2
import PackageDescription

// Somebody else's modules, by the names that come to mind first. SwiftPM wants each name once in a graph, so none of
// stream-token's modules may have one of these.
let names = [
    "CHiredis", "CLinux", "COpenSSL", "EventLoop", "Function", "HTTP", "Metrics", "Platforms", "Redis", "TLS", "Tokens",
    "Workflows", "hello", "stream", "token",
]

let package = Package(
    name: "neighbours",
    products: [.library(name: "Neighbours", targets: names)],
    targets: names.map { .target(name: $0) }
)
