import FunctionCore
import StreamTokens
import StreamTokensRedemption

extension Variables {
    /// The page's variables, and behind them the locked ones. Throws for the first one that the page must not send.
    ///
    /// Names are compared at the top level, by their bytes. A locked name is refused whatever its value: otherwise a page
    /// could find the value out by trying.
    func under(_ policy: Policy) throws(Refused) -> Variables {
        let lockedNames = Set((policy.variables?.members ?? []).map { ExactText($0.name) })
        let allowedNames = policy.allow.map { Set($0.map { ExactText($0) }) }
        for member in members {
            let name = ExactText(member.name)
            // Of names from a page, only their kind is for the log.
            guard !lockedNames.contains(name) else {
                throw Refused(.variableLocked, .variableLocked(member.name), cause: "a variable that the token locks")
            }
            guard allowedNames?.contains(name) ?? true else {
                let cause = "a variable that the token's policy does not allow"
                throw Refused(.variableNotAllowed, .variableNotAllowed(member.name), cause: cause)
            }
        }
        return policy.variables.map { followed(by: $0) } ?? self
    }

    /// These, and behind them the locked ones, whose names are not among these.
    private func followed(by locked: LockedVariables) -> Variables {
        // The text is that of an object.
        guard let end = text.lastIndex(of: UInt8(ascii: "}")) else { return self }
        var joined: [UInt8] = []
        joined.reserveCapacity(end + locked.text.count)
        joined += text[..<end]
        if !members.isEmpty { joined.append(UInt8(ascii: ",")) }
        joined += locked.text.dropFirst()
        return Variables(members: members + locked.members, text: joined)
    }
}
