internal import EventLoop

extension RedisConnection {
    /// Looks once at how the server keeps its data, and tells the operator what may lose tokens.
    ///
    /// INFO, as managed servers commonly forbid CONFIG. Where that is forbidden too, nothing is known or said.
    func warnOfSettings() async {
        if await info("memory").map({ !$0.contains("maxmemory_policy:noeviction") }) ?? false {
            settings.log(
                "\(url): maxmemory-policy is not noeviction; Redis may drop tokens and keys when its memory is full"
            )
        }
        if await info("persistence").map({ $0.contains("aof_enabled:0") }) ?? false {
            settings.log("\(url): appendonly is off; a restart of Redis may forget which tokens are spent")
        }
    }

    private func info(_ section: String) async -> [Substring]? {
        var command = RedisCommand("INFO")
        command.append(section)
        guard case .string(let text)? = try? await perform(command, by: .now + settings.timeout) else { return nil }
        return String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
    }
}
