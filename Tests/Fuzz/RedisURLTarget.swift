import FunctionRedis

/// Reads the input as a URL, and as what follows a password in one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRedisURL(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    _ = told(text)
    let secret = "hush4711"
    guard !text.utf8.contains(secret.utf8) else { return 0 }
    for scheme in ["redis", "unix", "redis+cluster", "redis+sentinel"] {
        let said = told("\(scheme)://user:\(secret)@\(text)")
        precondition(!said.utf8.contains(secret.utf8), "the password is told")
    }
    return 0
}

/// What is said of a URL, be it legal or not.
private func told(_ text: String) -> String {
    do throws(RedisURLError) {
        let url = try RedisURL(text)
        precondition(!url.endpoints.isEmpty, "no server")
        precondition(url.database >= 0, "a negative database")
        return url.description
    } catch {
        precondition(!error.description.isEmpty, "no reason")
        return error.description
    }
}
