import FunctionBytes
import FunctionCore

/// A variable that a platform makes of a neighbour's name, and which is no setting.
///
/// Kubernetes sets `METRICS_PORT=tcp://10.0.0.1:9100` in every pod beside a Service called `metrics`, unless the pod says
/// `enableServiceLinks: false`; Docker's links do the same
/// (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
enum ServiceLink {
    /// Whether the variable is a link. Of what links set, only this form can have the name of a setting.
    static func isLink(_ name: String, _ value: String) -> Bool {
        name.utf8.count > suffix.count && name.utf8.reversed().starts(with: suffix.reversed())
            && schemes.contains { value.utf8.starts(with: $0.utf8) }
    }

    /// Says that the link is passed over, and how not to be given it.
    static func note(_ name: String, _ value: String) -> String {
        let service = name.utf8.dropLast(suffix.count).map {
            $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0.lowercased
        }
        return "\(name) is \"\(value.shortened())\", as Kubernetes sets it for a Service called "
            + "\(String(decoding: service, as: UTF8.self)), and is passed over; set it in the container's env, or "
            + "enableServiceLinks to false in the pod"
    }

    private static let suffix = Array("_PORT".utf8)
    private static let schemes = ["tcp://", "udp://", "sctp://"]
}
