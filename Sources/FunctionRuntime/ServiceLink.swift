import FunctionBytes
import FunctionCore

/// A variable that a platform derives from a neighbouring service's name, and that only looks like a setting.
///
/// Kubernetes sets `METRICS_PORT=tcp://10.0.0.1:9100` in each pod of a namespace with a Service called `metrics`,
/// unless the pod has `enableServiceLinks: false`; Docker's links do the same
/// (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
enum ServiceLink {
    /// Whether the variable is a link. Of the variables of a link, only the one of this form can have a setting's name.
    static func isLink(_ name: String, _ value: String) -> Bool {
        name.utf8.count > suffix.count && name.utf8.reversed().starts(with: suffix.reversed())
            && schemes.contains { value.utf8.starts(with: $0.utf8) }
    }

    /// Says that the link is ignored, and how to set the setting or avoid the link.
    static func note(_ name: String, _ value: String) -> String {
        let service = name.utf8.dropLast(suffix.count).map {
            $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0.lowercased
        }
        return "\(name) is \"\(value.shortened())\", as Kubernetes sets it for a Service called "
            + "\(String(decoding: service, as: UTF8.self)), and is ignored; set it in the container's env, or set "
            + "enableServiceLinks to false in the pod"
    }

    private static let suffix = Array("_PORT".utf8)
    private static let schemes = ["tcp://", "udp://", "sctp://"]
}
