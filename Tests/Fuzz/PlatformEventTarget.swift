import FunctionBytes
import FunctionCore
import FunctionPlatforms

/// The input is an event, an answer and a prelude alike.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPlatformEvent(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(PlatformEventError) {
        let event = try PlatformEvent(reading: bytes)
        check(event.request)
        check(event)
    } catch {
        precondition(!error.description.isEmpty, "no reason")
    }
    for kind in PlatformEvent.Kind.allCases {
        let front = GatewaySimulator(kind: kind)
        if let response = try? front.response(from: bytes) { check(response, front) }
        _ = try? front.streamedHead(from: bytes)
    }
    return 0
}

private func check(_ request: Request) {
    precondition(request.path.utf8.first == UInt8(ascii: "/"), "the path is no path")
    precondition(request.path.utf8.allSatisfy(ASCIISet.path.contains), "the path holds what no path does")
    precondition(request.query?.utf8.allSatisfy(ASCIISet.query.contains) != false, "the query holds what no query does")
    precondition(request.query != "", "an empty query")
}

/// What was read as a request of a kind comes through the front of that kind as it is.
private func check(_ event: PlatformEvent) {
    guard case .bytes(let body) = event.request.body.storage else { preconditionFailure("a body not at hand") }
    let context = FrontContext(requestID: "1", time: 0, sourceIP: "192.0.2.1")
    let bytes = GatewaySimulator(kind: event.kind).event(for: event.request, body: body, context: context)
    do throws(PlatformEventError) {
        let again = try PlatformEvent(reading: bytes)
        precondition(again.kind == event.kind, "another kind")
        precondition(again.request.method == event.request.method, "another method")
        precondition(Array(again.request.path.utf8) == Array(event.request.path.utf8), "another path")
        precondition(
            again.request.parameters.all.count <= event.request.parameters.all.count,
            "parameters out of nowhere"
        )
        guard case .bytes(let content) = again.request.body.storage else { preconditionFailure("a body not at hand") }
        precondition(content == body, "another body")
    } catch .tooLong {
        // Escapes make an event longer than what it was read from.
    } catch {
        // Names that differ but mean the same characters are one name to the reader.
        guard case .content(.syntax(let error)) = error, error.reason.hasSuffix("is there twice") else {
            preconditionFailure("the front's event is refused: \(error)")
        }
    }
}

/// What the client sees is what is encoded again.
private func check(_ response: Response, _ front: GatewaySimulator) {
    guard case .bytes(let body) = response.body.storage else { preconditionFailure("a body not at hand") }
    let bytes = PlatformEvent.encode(response, body: body, for: front.kind)
    do throws(PlatformEventError) {
        let again = try front.response(from: bytes)
        precondition(again.status == response.status, "another status")
        guard case .bytes(let content) = again.body.storage else { preconditionFailure("a body not at hand") }
        precondition(content == body, "another body")
        if front.kind == .gatewayV1 || front.kind == .multiValueLoadBalancer {
            let names = Set(response.headers.fields.map(\.name))
            for name in names {
                precondition(again.headers.values(of: name) == response.headers.values(of: name), "other fields")
            }
        }
    } catch {
        preconditionFailure("what was encoded is refused: \(error)")
    }
}
