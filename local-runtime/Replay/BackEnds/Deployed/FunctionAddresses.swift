import Foundation
import FunctionCore
package import LocalRuntimeConsole
import StreamTokensStreamFunction

/// Where deployed functions are.
package struct FunctionAddresses: Sendable {
    /// URLs without a slash at their ends; nil is a function that is not there.
    private var token: String?
    private var stream: String?

    /// Of one URL for both, or one that is named for each: `token=https://…`.
    package init(_ texts: [String]) throws(CommandFailure) {
        for text in texts {
            let name = ["token=", "stream="].first(where: text.hasPrefix)
            guard name != nil || texts.count == 1 else {
                throw .usage("--url is given more than once: write --url token=URL --url stream=URL")
            }
            let url = try Self.url(String(text.dropFirst(name?.count ?? 0)))
            guard (name != "token=" || token == nil) && (name != "stream=" || stream == nil) else {
                throw .usage("--url \(name ?? "") is given more than once")
            }
            if name != "stream=" { token = url }
            if name != "token=" { stream = url }
        }
    }

    /// What stands before the path of a request.
    func base(of request: Request) throws(Skipped) -> String {
        let isStream = StreamFunction.answers(at: request.path)
        guard let base = isStream ? stream : token else {
            throw Skipped("no --url \(isStream ? "stream" : "token")=URL is given")
        }
        return base
    }

    private static func url(_ text: String) throws(CommandFailure) -> String {
        let parts = URLComponents(string: text)
        guard let parts, ["http", "https"].contains(parts.scheme?.lowercased()), parts.host?.isEmpty == false,
            parts.query == nil, parts.fragment == nil
        else { throw .usage("--url must be http://host[:port][/base] or https://…, not \"\(text)\"") }
        guard parts.user == nil, parts.password == nil else {
            throw .usage("--url must hold no user and no password")
        }
        return String(text.reversed().drop { $0 == "/" }.reversed())
    }
}
