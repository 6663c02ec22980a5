/// Why a request or a response is refused.
protocol MessageError: Error {
    static func malformed(_ fault: MessageFault) -> Self
    static var headTooLarge: Self { get }
    static var transferCodingUnknown: Self { get }
    /// The end of the content cannot be determined (RFC 9112, section 6.3).
    static var lastCodingNotChunked: Self { get }
    static var versionUnsupported: Self { get }
}

/// A syntax error in a message, or an ambiguity about its end.
package enum MessageFault: String, Sendable {
    case bareCarriageReturn = "CR without LF"
    case bareLineFeed = "LF without CR"
    case emptyLines = "more than one empty line before the request line"
    case requestLine = "malformed request line"
    case method = "illegal character in the method"
    case target = "malformed target"
    case statusLine = "malformed status line"
    case statusCode = "status code out of range"
    case version = "malformed version"
    case fold = "field line begins with a blank"
    case fieldLine = "field line without a colon"
    case fieldName = "illegal field name"
    case fieldValue = "illegal character in a field value"
    case host = "no Host, more than one, or a malformed one"
    case contentLength = "malformed or repeated Content-Length"
    case lengthAndCoding = "Content-Length beside Transfer-Encoding"
    case transferCoding = "malformed Transfer-Encoding"
    case lastCoding = "Transfer-Encoding does not end with chunked"
    case codingInHTTP10 = "Transfer-Encoding in HTTP/1.0"
    case chunkSize = "malformed chunk size"
    case chunkExtension = "malformed chunk extension"
    case chunkEnd = "chunk is not followed by CRLF"
}
