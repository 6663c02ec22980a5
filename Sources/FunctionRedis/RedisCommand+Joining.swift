import FunctionBytes

extension RedisCommand {
    /// Which of its arguments a command shares with those that it is joined with, and which are its own. In the encoded
    /// arguments, the shared KEYS come first, then the own ones, the shared part of ARGV, and the own part.
    ///
    /// It is small, because commands lie in the frames of waiting tasks: the encoded arguments may have 65,535 bytes.
    struct Joint: Hashable, Sendable {
        /// The most commands in one.
        let limit: UInt8
        let keyCount: UInt8
        /// Where the first of KEYS begins in the encoded arguments.
        let start: UInt16
        private(set) var ownKeyCount: UInt8 = 0
        private(set) var ownArgumentCount: UInt8 = 0
        /// Where the own KEYS begin and end.
        private(set) var ownKeys: UInt16 = 0
        private(set) var ownKeysEnd: UInt16 = 0
        /// Where the own part of ARGV begins; 0 if there is none, and then nothing is joined.
        private(set) var ownArguments: UInt16 = 0

        init(limit: Int, keyCount: Int, start: Int) {
            self.limit = UInt8(limit)
            self.keyCount = UInt8(keyCount)
            self.start = UInt16(start)
        }

        /// The first call is for KEYS, the second for ARGV.
        mutating func addOwn(_ range: Range<Int>, count: Int) {
            if ownKeysEnd == 0 {
                (ownKeys, ownKeysEnd, ownKeyCount) = (UInt16(range.lowerBound), UInt16(range.upperBound), UInt8(count))
            } else {
                (ownArguments, ownArgumentCount) = (UInt16(range.lowerBound), UInt8(count))
            }
        }

        var sharedKeyRange: Range<Int> { Int(start)..<Int(ownKeys) }
        var ownKeyRange: Range<Int> { Int(ownKeys)..<Int(ownKeysEnd) }
        var sharedArgumentRange: Range<Int> { Int(ownKeysEnd)..<Int(ownArguments) }
        var ownArgumentRange: PartialRangeFrom<Int> { Int(ownArguments)... }
    }

    /// Whether one command can do what both do: they evaluate the same script, and only their own arguments differ.
    func joins(_ other: RedisCommand) -> Bool {
        guard script === other.script, let joint, joint == other.joint, joint.ownArguments > 0 else { return false }
        return hasSameBytes(joint.sharedKeyRange, as: other) && hasSameBytes(joint.sharedArgumentRange, as: other)
    }

    private func hasSameBytes(_ range: Range<Int>, as other: RedisCommand) -> Bool {
        let (mine, others) = (arguments.span, other.arguments.span)
        for index in range where mine[index] != others[index] { return false }
        return true
    }

    /// Appends one command that does what `commands` do, one after the other. Each of them ``joins(_:)`` the first.
    static func encode(joined commands: [RedisCommand], into output: inout [UInt8], digest: RedisScript.Digest?) {
        guard let first = commands.first, let joint = first.joint else { return }
        let more = commands.count - 1
        let argumentCount = first.argumentCount + more * (Int(joint.ownKeyCount) + Int(joint.ownArgumentCount))
        first.encodeBeginning(argumentCount, into: &output, digest)
        let keyCount = Int(joint.keyCount) + more * Int(joint.ownKeyCount)
        output.append(UInt8(ascii: "$"))
        output.append(decimal: decimalCount(of: keyCount))
        output.appendLineEnd()
        output.append(decimal: keyCount)
        output.appendLineEnd()
        output.append(contentsOf: first.arguments[joint.sharedKeyRange])
        for command in commands { output.append(contentsOf: command.arguments[joint.ownKeyRange]) }
        output.append(contentsOf: first.arguments[joint.sharedArgumentRange])
        for command in commands { output.append(contentsOf: command.arguments[joint.ownArgumentRange]) }
    }
}
