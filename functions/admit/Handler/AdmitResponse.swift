import FunctionCore
import StreamTokens

extension Response {
    /// Lets the request through, with what the server behind the proxy has to know. All fields are always there: where
    /// there is none, some proxies would pass on the client's own.
    static func admitted(_ reservation: Reservation, _ status: Status) -> Response {
        let policy = reservation.policy
        return Response(
            status,
            headers: [
                .cacheControl: "no-store",
                "x-organization": Headers.Value(percentEncoding: reservation.organization),
                "x-token-id": Headers.Value(valid: reservation.stream.token.id),
                // Visible ASCII.
                "x-user": Headers.Value(valid: policy?.user ?? ""),
                "x-variables": Headers.Value(valid: policy?.variables.map { Base64.encodeForURL($0.text) } ?? ""),
                "x-max-seconds": policy?.maxSeconds.map { Headers.Value($0) } ?? "",
            ]
        )
    }
}
