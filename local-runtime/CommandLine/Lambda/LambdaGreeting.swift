import FunctionCore
import LocalRuntimeConsole
import LocalRuntimeLambda
import StreamTokensTokenFunction

/// What `lambda` says when it listens: lines to paste that ask the function that runs.
struct LambdaGreeting {
    let bootstrap: String
    let settings: LambdaSettings
    /// Where it can be asked, as a URL without a path.
    let url: String

    /// The functions whose requests are known.
    private enum Known: String, CaseIterable {
        case token
        case stream
    }

    var text: String {
        // The name does not come first: pasted with the rest, it would be run.
        var lines = ["Lambda on \(url) with the function \(ShellText.name(bootstrap)). Ctrl-C ends it.", ""]
        switch known {
        case .token:
            lines += ["With a key in API_KEY, which local-runtime keys create makes:", ""] + token
        case .stream:
            lines += ["With a token in TOKEN, a new one for each, which the token function mints:", ""] + stream
        case nil:
            lines += ["curl \(ShellText.quoted(url + "/"))", "curl \(ShellText.quoted(invocations)) -d '{}'"]
        }
        return (lines + ["", "SDKs of AWS invoke it by the name \(settings.name), with \(url) as their endpoint.", ""])
            .joined(separator: "\n")
    }

    /// By its program's name; in a zip that is `bootstrap`, hence also by its own.
    private var known: Known? {
        [bootstrap, settings.name].lazy.compactMap { Known(rawValue: $0) }.first
    }

    private var invocations: String { "\(url)/2015-03-31/functions/\(settings.name)/invocations" }

    private var token: [String] {
        let event =
            #"{"version":"2.0","rawPath":"\#(TokenFunction.path)","rawQueryString":"ttl=60","#
            + #""headers":{"authorization":"Bearer '"$API_KEY"'"},"requestContext":{"http":{"method":"GET"}}}"#
        return [
            #"curl -H "Authorization: Bearer $API_KEY" "# + ShellText.quoted("\(url)\(TokenFunction.path)?ttl=60"),
            "curl \(ShellText.quoted(invocations)) -d '\(event)'",
        ]
    }

    private var stream: [String] {
        let path = "/api/v1/run/echo/stream"
        let event =
            #"{"version":"2.0","rawPath":"\#(path)","rawQueryString":"token='"$TOKEN"'","headers":{},"#
            + #""requestContext":{"http":{"method":"POST"}},"body":"{\"text\":\"hello there\"}"}"#
        return [
            // `-N`: as it comes.
            "curl -N \(ShellText.quoted("\(url)\(path)?token="))\"$TOKEN\" -d '{\"text\":\"hello there\"}'",
            // A streamed answer has eight NUL bytes behind its head, which curl does not put on a terminal by itself.
            "curl --output - \(ShellText.quoted(invocations)) -d '\(event)'",
        ]
    }
}
