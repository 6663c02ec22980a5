import FunctionBytes
import TLS

/// Why a text is no URL that workflows can be called at. The description says what to write instead, and never repeats
/// what may hold a password.
public enum WorkflowURLError: Error, Hashable, Sendable, CustomStringConvertible {
    case notASCII
    case missingScheme
    case unknownScheme(String)
    /// `https://`, which this build does not speak.
    case encrypted
    case userInformation
    case missingHost
    case malformedHost
    case malformedPort
    case malformedPath
    case query
    case fragment

    public var description: String {
        switch self {
        case .notASCII:
            "it holds a character that is not ASCII; write a host as xn--…, and what else there is percent-encoded"
        case .missingScheme: "it has no scheme; write http://host:port/base"
        case .unknownScheme(let scheme): "its scheme is \(scheme); write http://host:port/base"
        case .encrypted:
            "https:// asks for TLS, and this build has none; \(TLSError.howToBuild), or use http:// on a network that you trust"
        case .userInformation: "it holds a user or a password; credentials belong into WORKFLOW_AUTHORIZATION"
        case .missingHost: "it names no host; write http://host:port/base"
        case .malformedHost: "its host is malformed; write a name, an IPv4 address, or an IPv6 address in brackets"
        case .malformedPort: "its port is no number from 1 to 65535"
        case .malformedPath: "its path holds a character that must be percent-encoded, or a % without two digits"
        case .query: "it holds a ?; workflows are called by a path"
        case .fragment: "it holds a #; workflows are called by a path"
        }
    }
}

extension WorkflowURLError: AuthorityError {}
