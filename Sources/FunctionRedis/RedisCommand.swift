import FunctionBytes

/// One command, its arguments encoded as they are sent (RESP2, the Redis serialization protocol: an array of bulk
/// strings).
///
/// All arguments share one array, so that a command of known size takes one allocation. Their count, and a script's
/// digest or text, are put before them when the command is sent.
public struct RedisCommand: Sendable {
    /// The script to evaluate with the arguments, if the command evaluates one.
    let script: RedisScript?
    private(set) var arguments: [UInt8] = []
    private(set) var argumentCount = 0
    /// Where in `arguments` the second one is: the first key of every command that has keys.
    private var key = 0..<0
    /// The slot, if it is not that of the first key.
    private var fixedSlot: HashSlot?
    /// How the command may be joined with others; nil if it is always sent alone.
    private(set) var joint: Joint?

    /// A command by its name, with room for `capacity` bytes of encoded arguments.
    public init(_ name: StaticString, capacity: Int = 64) {
        script = nil
        arguments.reserveCapacity(capacity)
        append(name)
    }

    /// A command by its name, and its arguments.
    public init(_ name: StaticString, _ first: String, _ others: String...) {
        self.init(name)
        append(first)
        for argument in others { append(argument) }
    }

    /// A command without a key, such as SCAN, for the server that has `key`.
    public init(_ name: StaticString, besideKey key: String, _ arguments: String...) {
        self.init(name)
        for argument in arguments { append(argument) }
        fixedSlot = HashSlot(key.utf8)
    }

    /// The evaluation of `script`. Of the arguments appended afterwards, the first `keyCount` are its KEYS, the others
    /// its ARGV.
    ///
    /// With a `limit` above 1 and up to 255, so many commands that a loop's turn brings, and that differ only in their
    /// own arguments (``appendOwn(_:)``), are sent as one: the shared KEYS and the own ones of each, then the shared part
    /// of ARGV and the own part of each. Own KEYS must be equally long. The script must return an array with a reply to
    /// each of several commands; to a single one just that reply.
    public init(evaluating script: RedisScript, keyCount: Int, joining limit: Int = 1, capacity: Int = 256) {
        self.script = script
        arguments.reserveCapacity(capacity)
        append(keyCount)
        if limit > 1 { joint = Joint(limit: limit, keyCount: keyCount, start: arguments.count) }
    }

    /// Adds a constant text.
    public mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Adds a text as UTF-8.
    public mutating func append(_ text: String) {
        append(text.utf8)
    }

    /// Adds bytes as they are.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        append(count: bytes.count) { $0.append(contentsOf: bytes) }
    }

    /// Adds a number in decimal digits.
    public mutating func append(_ number: Int) {
        append(count: Self.decimalCount(of: number)) { $0.append(decimal: number) }
    }

    /// Adds an argument of `count` bytes, which `body` appends piece by piece.
    public mutating func append(count: Int, _ body: (inout [UInt8]) -> Void) {
        argumentCount += 1
        arguments.append(UInt8(ascii: "$"))
        arguments.append(decimal: count)
        arguments.appendLineEnd()
        let start = arguments.count
        body(&arguments)
        if argumentCount == 2 { key = start..<arguments.count }
        // A wrong length would make Redis look for the next argument in the wrong place.
        precondition(arguments.count - start == count, "an argument is not as long as announced")
        arguments.appendLineEnd()
    }

    /// Adds arguments that the command does not share when it is joined with others. Call it for the last of the KEYS
    /// and for the last of ARGV, in this order.
    public mutating func appendOwn(_ body: (inout RedisCommand) -> Void) {
        let (start, earlier) = (arguments.count, argumentCount)
        body(&self)
        joint?.addOwn(start..<arguments.count, count: argumentCount - earlier)
    }

    /// The hash slot that the command belongs to; nil if any server will do.
    var slot: HashSlot? {
        fixedSlot ?? (argumentCount < 2 ? nil : HashSlot(arguments[key]))
    }

    /// The most bytes that ``encode(into:digest:)`` appends.
    var maximumEncodedCount: Int { arguments.count + (script?.text.count ?? 0) + 64 }

    /// Appends the command in RESP2. A script is named by its digest if that is given, otherwise sent as text.
    func encode(into output: inout [UInt8], digest: RedisScript.Digest? = nil) {
        encodeBeginning(argumentCount, into: &output, digest)
        output.append(contentsOf: arguments)
    }

    /// Appends what comes before so many arguments.
    func encodeBeginning(_ argumentCount: Int, into output: inout [UInt8], _ digest: RedisScript.Digest?) {
        output.append(UInt8(ascii: "*"))
        output.append(decimal: argumentCount + (script == nil ? 0 : 2))
        output.appendLineEnd()
        if let script {
            if let digest {
                output.append(contentsOf: "$7\r\nEVALSHA\r\n$40\r\n".utf8)
                output.append(contentsOf: digest.hexadecimal)
            } else {
                output.append(contentsOf: "$4\r\nEVAL\r\n$".utf8)
                output.append(decimal: script.text.count)
                output.appendLineEnd()
                output.append(contentsOf: script.text)
            }
            output.appendLineEnd()
        }
    }

    static func decimalCount(of number: Int) -> Int {
        var count = number < 0 ? 2 : 1
        var rest = number.magnitude / 10
        while rest > 0 {
            count += 1
            rest /= 10
        }
        return count
    }
}

extension [UInt8] {
    mutating func appendLineEnd() {
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }
}
