import FunctionEventLoop
import Glibc
import StreamTokens
import StreamTokensRedis
import Support
import Testing

extension StreamBlackBox {
    @Suite("no leaks after streams") struct StreamLeakTests {
        /// A way in which a request or its stream ends.
        enum Ending: CaseIterable, Sendable {
            case whole
            case wholeEvents
            case oldClient
            case unknownToken
            case unknownWorkflow
            case rejectedVariables
            case malformedVariables
            case malformedRequest
            case leftAtOnce
            case leftInTheMiddle
            case halfClosed
            case revoked

            func come(to service: StreamService) async throws {
                let organization = service.organization
                let token = try await organization.mint()
                let endless = StreamRequest.count(to: 1_000_000, every: 20)
                switch self {
                case .whole: #expect(try await service.open(token).isWhole)
                case .wholeEvents: #expect(try await service.open(token, .echo("a b").events).isWhole)
                case .oldClient:
                    var request = StreamRequest.echo("a b")
                    request.version = "1.0"
                    try await expect(service.open(token, request).body, is: "a b")
                case .unknownToken:
                    _ = try await organization.store.revoke(StreamToken(token).orThrow("no token"))
                    try await expect(service.open(token).status, is: 401)
                case .unknownWorkflow:
                    let request = StreamRequest(workflow: "other", variables: "{}")
                    try await expect(service.open(token, request).status, is: 404)
                case .rejectedVariables:
                    let request = StreamRequest(workflow: "echo", variables: #"{"text":1}"#)
                    try await expect(service.open(token, request).status, is: 422)
                case .malformedVariables:
                    let request = StreamRequest(workflow: "echo", variables: "[")
                    try await expect(service.open(token, request).status, is: 400)
                case .malformedRequest:
                    let client = StreamClient(port: service.port)
                    try await expect(client.ask("POST\r\n\r\n").status, is: 400)
                    await client.close()
                case .leftAtOnce:
                    let client = StreamClient(port: service.port)
                    try await client.send(endless.text(token))
                    await client.close()
                case .leftInTheMiddle:
                    await (try await service.begin(token, endless)).close()
                case .halfClosed:
                    let client = try RawClient(port: service.port)
                    try client.sendAtOnce(endless.text(token))
                    client.finishSending()
                    _ = try await client.receiveAll()
                case .revoked:
                    let client = try await service.begin(token, endless.events)
                    _ = try await organization.store.revoke(StreamToken(token).orThrow("no token"))
                    try await expect(client.response().code, is: "revoked")
                    await client.close()
                }
            }
        }

        @Test("200 streams with all kinds of endings leave no descriptors, threads or leases")
        func endings() async throws {
            let service = try await StreamService(try RedisServer(), ["LOG_LEVEL": "debug"])
            _ = try await service.organization.store.setMaxStreams(1000, of: service.organization.name)
            try await Ending.whole.come(to: service)
            let (descriptors, threads) = (try service.process.descriptorCount, try service.process.threadCount)
            try await withThrowingTaskGroup { group in
                for number in 0..<200 {
                    let ending = Ending.allCases[number % Ending.allCases.count]
                    group.addTask { try await ending.come(to: service) }
                }
                try await group.waitForAll()
            }
            try await eventually("everything is released") {
                guard try service.process.descriptorCount <= descriptors else { return false }
                guard try await service.organization.members(of: "held") == 0 else { return false }
                return try await service.organization.members(of: "open") == 0
            }
            if !BlackBox.ResourceTests.isThreadSanitized { #expect(threads == 1) }
            try expect(service.process.threadCount, is: threads)
            try await expect(service.end(), is: 0)
            #expect(!service.process.output.contains("pub_tok_"))
        }
    }
}
