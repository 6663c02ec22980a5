import FunctionCore
import FunctionRuntime
package import FunctionTLS

/// The settings for TLS to Redis: the authorities to trust and the client certificate (REDIS_CA_FILE, REDIS_CERT_FILE
/// and REDIS_KEY_FILE).
package enum RedisTLSSettings {
    private static let authorities = "REDIS_CA_FILE"
    private static let certificate = "REDIS_CERT_FILE"
    private static let key = "REDIS_KEY_FILE"

    /// Reads the settings, and rejects them if REDIS_URL does not ask for TLS. `isEncrypted` says whether it does; nil
    /// if the URL itself is wrong.
    static func context(_ settings: inout Settings, isEncrypted: Bool?) -> TLSContext {
        var options = TLSOptions()
        let system = "the system's"
        options.authorities = settings.text(authorities, default: system, "for rediss://: authorities to trust (PEM)")
        options.certificate = settings.text(certificate, default: "none", "for rediss://: a client certificate (PEM)")
        options.key = settings.text(key, default: "none", "for rediss://: the key of that certificate (PEM)")
        let context = TLSContext(options)
        switch isEncrypted {
        case nil: break
        case true?: check(context, &settings)
        case false?:
            // An operator who sets them believes that the connection is encrypted.
            for name in environment(of: options).keys.sorted() {
                settings.reject(name, "is set, but REDIS_URL does not ask for TLS; write rediss://")
            }
        }
        return context
    }

    private static func check(_ context: TLSContext, _ settings: inout Settings) {
        do throws(TLSError) {
            try context.check()
        } catch {
            settings.reject(variable(of: error, context.options), "is not usable: \(error)")
        }
    }

    /// The setting that an error is about.
    private static func variable(of error: TLSError, _ options: TLSOptions) -> String {
        switch error {
        case .unusable(.certificate, _, _): certificate
        case .unusable(.key, _, _): key
        case .incompleteIdentity: options.key == nil ? key : certificate
        default: authorities
        }
    }

    /// The options of the settings in `environment`, unchecked.
    package static func options(in environment: [String: String]) -> TLSOptions {
        let settings = Settings(environment: environment)
        return TLSOptions(authorities: settings[authorities], certificate: settings[certificate], key: settings[key])
    }

    /// The settings for `options`.
    package static func environment(of options: TLSOptions) -> [String: String] {
        [authorities: options.authorities, certificate: options.certificate, key: options.key].compactMapValues(\.self)
    }
}
