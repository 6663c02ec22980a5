public import Function

/// What a run gives.
public enum WorkflowOutput: Hashable, Sendable {
    /// Bytes, at least one, as they came.
    case bytes([UInt8])
    /// An event of a workflow that itself streams server-sent events.
    case event(ServerSentEvent)
    /// What such a workflow says, without an event, of how a client reconnects.
    case reconnection(ServerSentEvent.Reconnection)
    /// Nothing for as long as was asked for.
    case silence
    /// The run is complete.
    case end
}
