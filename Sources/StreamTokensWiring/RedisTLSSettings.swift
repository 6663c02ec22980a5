import FunctionCore
import FunctionRuntime
package import FunctionTLS

/// Whom TLS to Redis trusts, and as whom it presents itself: REDIS_CA_FILE, REDIS_CERT_FILE and REDIS_KEY_FILE.
package enum RedisTLSSettings {
    private static let authorities = "REDIS_CA_FILE"
    private static let certificate = "REDIS_CERT_FILE"
    private static let key = "REDIS_KEY_FILE"

    /// Reads the settings, which are of use if and only if REDIS_URL asks for TLS; that is nil where it is wrong itself.
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
            // Whoever sets them believes that the connection is encrypted.
            for (name, value) in [(authorities, options.authorities), (certificate, options.certificate)]
            where value != nil {
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

    /// Which of the settings an error is about.
    private static func variable(of error: TLSError, _ options: TLSOptions) -> String {
        switch error {
        case .unusable(.certificate, _, _): certificate
        case .unusable(.key, _, _): key
        case .incompleteIdentity: options.key == nil ? key : certificate
        default: authorities
        }
    }

    /// What the settings say in `environment`, unchecked.
    package static func options(in environment: [String: String]) -> TLSOptions {
        let settings = Settings(environment: environment)
        return TLSOptions(authorities: settings[authorities], certificate: settings[certificate], key: settings[key])
    }

    /// The settings that say `options`.
    package static func environment(of options: TLSOptions) -> [String: String] {
        [authorities: options.authorities, certificate: options.certificate, key: options.key].compactMapValues(\.self)
    }
}
