import Function
import FunctionBytes

extension MessageParser {
    /// Content-Length = 1*DIGIT (RFC 9110, section 8.6).
    static func contentLength(_ value: some StringProtocol) throws(Failure) -> Int {
        guard !value.isEmpty else { throw .malformed(.contentLength) }
        var length = 0
        for byte in value.utf8 {
            guard byte.isDigit else { throw .malformed(.contentLength) }
            let (tens, tensOverflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !tensOverflow, !sumOverflow else { throw .malformed(.contentLength) }
            length = sum
        }
        return length
    }

    /// `chunked` is the one transfer coding that is understood, and it may be applied once (RFC 9112, section 6.1).
    static func requireChunked(
        _ values: [Headers.Value],
        beside length: Int?,
        _ version: HTTPVersion
    ) throws(Failure) {
        guard version == .http11 else { throw .malformed(.codingInHTTP10) }
        guard length == nil else { throw .malformed(.lengthAndCoding) }
        let codings = values.flatMap(\.listElements)
        guard !codings.isEmpty, codings.allSatisfy({ Method(String($0)) != nil }) else {
            throw .malformed(.transferCoding)
        }
        guard codings.last?.lowercased() == "chunked" else { throw .lastCodingNotChunked }
        guard codings.allSatisfy({ $0.lowercased() == "chunked" }) else { throw .transferCodingUnknown }
        guard codings.count == 1 else { throw .malformed(.transferCoding) }
    }
}
