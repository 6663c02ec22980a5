package import FunctionCore
package import LocalRuntimeConsole

/// Who may ask the emulator: programs, and pages that it may be asked by. A page of any site can reach this machine, and
/// what it finds here runs a program with the settings of whoever started it.
package struct LambdaAccess: Sendable {
    private let page: PageAccess
    private let origins: Set<ExactText>

    /// `hosts` are names that it answers at besides this machine's own, `origins` are those whose pages may ask the
    /// function by its URL, in lower case. They may not ask Lambda's API, which no browser can.
    package init(allowing hosts: [HostName] = [], origins: [String] = []) {
        page = PageAccess(allowing: hosts)
        self.origins = Set(origins.map { ExactText($0) })
    }

    /// Why a request with these fields is refused; nil if it is not.
    package func refusal(of headers: Headers, isInvocation: Bool) -> InvokeError? {
        switch page.refusal(of: headers, allowing: isInvocation ? [] : origins) {
        case nil: nil
        case .host:
            .forbidden(
                "Lambda's emulator answers at 127.0.0.1, localhost and [::1] only. Start it with --allow-host HOST to have "
                    + "it answer at another name."
            )
        case .origin where isInvocation: .forbidden("Another site's page may not invoke a function here.")
        case .origin:
            .forbidden(
                "Another site's page may not ask this function. Start the emulator with --allow-origin ORIGIN to let it."
            )
        }
    }
}
