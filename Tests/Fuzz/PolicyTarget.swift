import FunctionCore
import StreamTokens

/// Reads the input as the body of a mint, and as a policy that a store has kept.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPolicy(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    for clamps in [false, true] {
        do throws(PolicyError) {
            check(try MintRequest(reading: bytes, clampsTTL: clamps))
        } catch {
            check(error)
        }
    }
    if let policy = Policy(user: nil, encoded: bytes) {
        precondition(policy.user == nil && policy.encoded == bytes)
        precondition(bytes.count <= 64 * 1024)
    }
    return 0
}

private func check(_ request: MintRequest) {
    precondition(request.ttl.map((1...300).contains) ?? true)
    guard let policy = request.policy else { return }
    precondition(Policy(user: policy.user, encoded: policy.encoded) == policy, "what is kept is another policy")
    precondition(1...16 ~= policy.workflows?.count ?? 1 && 1...16 ~= policy.origins?.count ?? 1)
    precondition(policy.allow?.count ?? 0 <= 64)
    precondition(1...86_400 ~= policy.maxSeconds ?? 1)
    precondition(1...128 ~= policy.user?.utf8.count ?? 1 && policy.user?.utf8.allSatisfy { 0x21...0x7E ~= $0 } ?? true)
    for workflow in policy.workflows ?? [] { precondition(1...64 ~= workflow.utf8.count) }
    guard let variables = policy.variables else { return }
    precondition(1...8192 ~= variables.text.count && !variables.members.isEmpty)
    precondition((try? JSONReader.read(variables.text)) == .object(variables.members), "text and members differ")
}

/// An error is one line of bounded length.
private func check(_ error: PolicyError) {
    precondition(error.place.utf8.count <= 2 * (64 + 3) + 1, "a long place")
    precondition(error.description.utf8.count <= 700, "a long error")
    for scalar in error.description.unicodeScalars { precondition(scalar.value >= 0x20, "a control character") }
}
