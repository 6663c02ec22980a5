internal import EventLoop

extension RedisConnection {
    /// Looks once at how the server keeps its data, and tells the operator what may lose tokens.
    ///
    /// INFO, as managed servers commonly forbid CONFIG. Where that is forbidden too, nothing is known or said.
    func warnOfSettings() async {
        if await info("memory").map({ !$0.contains { $0.elementsEqual("maxmemory_policy:noeviction".utf8) } }) ?? false
        {
            settings.log.tell(
                "\(url): maxmemory-policy is not noeviction; Redis may drop tokens and keys when its memory is full"
            )
        }
        if await info("persistence").map({ $0.contains { $0.elementsEqual("aof_enabled:0".utf8) } }) ?? false {
            settings.log.tell("\(url): appendonly is off; a restart of Redis may forget which tokens are spent")
        }
    }

    private func info(_ section: String) async -> [ArraySlice<UInt8>]? {
        let command = RedisCommand("INFO", section)
        return try? await perform(command, by: .now + settings.timeout).infoLines
    }
}
