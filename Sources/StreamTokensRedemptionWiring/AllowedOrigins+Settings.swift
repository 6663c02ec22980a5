package import FunctionRuntime
package import StreamTokensRedemption

extension AllowedOrigins {
    /// The setting ALLOWED_ORIGINS.
    package init(_ settings: inout Settings) {
        let name = "ALLOWED_ORIGINS"
        let text = settings.text(name, default: "*", "origins whose pages may open streams, separated by commas")
        self = .any
        // A value of blanks is probably a list that got lost; it must not allow every page.
        guard let text = text ?? (settings.isBlank(name) ? "" : nil) else { return }
        do throws(Problems) {
            self = try AllowedOrigins(text)
        } catch {
            for line in error.lines { settings.reject(name, line) }
        }
    }
}
