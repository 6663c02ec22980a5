/// What a store keeps of runs whose streams can be resumed: the log of each run, who reads it, and until when.
///
/// One process owns a run: it appends to the log and renews the run once a second. Any process may read. An operation
/// is idempotent like those of ``TokenStore``, and does not stop when its caller's task is cancelled.
package protocol RunStore: Sendable {
    /// Makes a reserved or used token's run resumable, with an empty log, and with reader 1 at position 0.
    func begin(_ run: RunID, _ terms: RunTerms) async throws(StoreError)

    /// Appends events, whose numbers follow the last one's. If they are there already, it changes nothing.
    func append(_ events: [LoggedEvent], to run: RunID) async throws(StoreError) -> AppendOutcome

    /// Drops the events up to that number from the log, perhaps but for those that were appended together with later
    /// ones. The numbers of the others stay.
    func drop(through number: Int, from run: RunID) async throws(StoreError)

    /// The events after that number, the oldest first: all of them, or as many as one reply should have. The first one
    /// has a higher number than the next if those between were dropped. Empty if there is no such run.
    func events(of run: RunID, after number: Int) async throws(StoreError) -> [LoggedEvent]

    /// The same for places in the logs of one organization's runs, in their order: at least ``LogPlace/minEvents`` events
    /// of each, if it has so many.
    func events(behind places: [LogPlace], of tag: Tag) async throws(StoreError) -> [[LoggedEvent]]

    /// Renews the owner's lease of runs of one organization (``Lifetime/stream``), and that of the readers that the
    /// owner knows of (``Lifetime/reader``). Returns the runs' standings, in the same order.
    func renew(_ renewals: [RunRenewal], of tag: Tag) async throws(StoreError) -> [RunStanding]

    /// Makes the caller the run's reader, in place of the one before, if the token is used or held by the run's
    /// attempt, the run has this workflow, can still be resumed and has logged the event `number` (0: the beginning).
    /// A run that is bound to origins also needs `isAllowed`.
    func attach(
        to run: RunID,
        of workflow: String,
        after number: Int,
        isAllowed: Bool
    ) async throws(StoreError) -> AttachOutcome

    /// Asks for the run's end on behalf of who has a cursor of it: its owner learns of that when it renews the run. It
    /// is refused to who could not attach; a run that has ended stays as it is.
    func stop(_ run: RunID, of workflow: String, isAllowed: Bool) async throws(StoreError) -> StopOutcome

    /// Renews the leases of readers that other loops than the owners' have, of one organization's runs, or ends them.
    /// Returns the readers' standings, in the same order.
    func renew(_ readers: [ReaderRenewal], of tag: Tag) async throws(StoreError) -> [ReaderStanding]

    /// Takes a run away from its owner, whose lease has ended before the run: it can append nothing more. Returns false
    /// if the owner has it still, or the run has ended.
    func lose(_ run: RunID) async throws(StoreError) -> Bool

    /// Marks the run as ended: its log and its token's tombstone stay for its window. If not `isKept`, the run and its
    /// log are removed at once. Does nothing to a run that was taken away.
    func end(_ run: RunID, isKept: Bool) async throws(StoreError)
}

extension RunStore {
    /// Renews the lease of one reader, or ends it.
    package func renew(_ reader: RunReaderState, of run: RunID) async throws(StoreError) -> ReaderStanding {
        try await renew([ReaderRenewal(run, reader)], of: run.token.tag).first ?? .gone
    }
}

/// What is decided about a run when it begins.
package struct RunTerms: Hashable, Sendable {
    package let workflow: String
    /// It can be resumed until so many milliseconds after nobody reads it any more.
    package let window: Int
    /// The origins whose pages may resume it, as browsers write them; empty if any may.
    package let origins: [String]

    package init(workflow: String, window: Int, origins: [String] = []) {
        self.workflow = workflow
        self.window = window
        self.origins = origins
    }
}

/// Names a run: the attempt, and the token that it has used or holds.
package struct RunID: Hashable, Sendable {
    package let token: StreamToken
    package let attempt: Attempt

    package init(_ token: StreamToken, _ attempt: Attempt) {
        self.token = token
        self.attempt = attempt
    }
}

/// An event of a run as its log has it, without the secret.
package struct LoggedEvent: Hashable, Sendable {
    /// Counted from 1 in each run.
    package let number: Int
    /// The part of the event's id that is the workflow's; empty if there is none.
    package let front: String
    /// The event's fields but the id, and its blank line.
    package let block: [UInt8]
    /// Whether it is the stream's last event.
    package let isEnd: Bool

    package init(number: Int, front: String, block: [UInt8], isEnd: Bool = false) {
        self.number = number
        self.front = front
        self.block = block
        self.isEnd = isEnd
    }

    /// What it counts for in a log's limit, in bytes.
    package var byteCount: Int { block.count + front.utf8.count }
}

package enum AppendOutcome: Hashable, Sendable {
    case appended
    /// The run or its log is gone, or is no longer the caller's: nothing was appended, and nothing can be.
    case lost
}

package enum AttachOutcome: Hashable, Sendable {
    /// `reader` is the number of the caller, `user` whom the token's policy names.
    case attached(reader: Int, user: String?)
    /// Only pages of these origins may resume the run. Nothing has changed.
    case bound(to: [String])
    /// It cannot be resumed so.
    case refused
}

package enum StopOutcome: Hashable, Sendable {
    case stopped
    /// Only pages of these origins may stop the run. Nothing has changed.
    case bound(to: [String])
    case refused
}

/// A place in a log: behind the event with that number.
package struct LogPlace: Hashable, Sendable {
    package let run: RunID
    package let number: Int

    /// So many events are returned of each of several places, if there are.
    package static let minEvents = 16

    package init(_ run: RunID, after number: Int) {
        self.run = run
        self.number = number
    }
}

/// A reader of a run.
package struct RunReaderState: Hashable, Sendable {
    /// Counted from 1 in each run; the highest one reads.
    package let number: Int
    /// The number of the last event that it was given.
    package let position: Int
    /// False once it has left.
    package let isReading: Bool

    package init(number: Int, position: Int, isReading: Bool = true) {
        self.number = number
        self.position = position
        self.isReading = isReading
    }
}

/// A run that its owner renews.
package struct RunRenewal: Hashable, Sendable {
    package let run: RunID
    /// The last reader on the owner's loop; nil if there was none.
    package let reader: RunReaderState?

    package init(_ run: RunID, reader: RunReaderState?) {
        self.run = run
        self.reader = reader
    }
}

/// A reader that renews its lease, on another loop than the owner's.
package struct ReaderRenewal: Hashable, Sendable {
    package let run: RunID
    package let reader: RunReaderState

    package init(_ run: RunID, _ reader: RunReaderState) {
        self.run = run
        self.reader = reader
    }
}

/// What an owner learns of its run.
package enum RunStanding: Hashable, Sendable {
    /// It goes on; `reader` is the latest one, and the last event that it was given.
    case kept(reader: Int, position: Int)
    /// Nobody has read it for the length of its window: it must end.
    case unread
    /// Its client has asked for its end.
    case stopped
    /// The store no longer has it, or it is no longer the caller's.
    case lost
}

/// What a reader learns of itself.
package enum ReaderStanding: Hashable, Sendable {
    /// `isOwned` is false if the run has not ended, but its owner's lease has.
    case current(isOwned: Bool)
    /// A later reader has taken its place.
    case displaced
    /// The store no longer has the run.
    case gone
}
