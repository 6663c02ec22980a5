import FunctionCore
import LocalRuntimeConsole
import LocalRuntimeLambda
import StreamTokensTokenFunction

/// The text that `lambda` prints when it listens: curl commands that call the function.
struct LambdaGreeting {
    let bootstrap: String
    let settings: LambdaSettings
    /// The emulator's URL, without a path.
    let url: String

    /// The functions that have their own commands.
    private enum Known: String, CaseIterable {
        case token
        case stream
    }

    var text: String {
        // The name does not come first: pasted into a shell with the rest, it would be run as a command.
        var lines = ["Lambda on \(url) with the function \(ShellText.name(bootstrap)). Ctrl-C ends it.", ""]
        switch known {
        case .token:
            lines += ["With a key in API_KEY, made by local-runtime keys create:", ""] + token
        case .stream:
            lines += ["With a token in TOKEN; each command needs a new one from the token function:", ""] + stream
        case nil:
            lines += ["curl \(ShellText.quoted(url + "/"))", "curl \(ShellText.quoted(invocations)) -d '{}'"]
        }
        return (lines + ["", "AWS' SDKs invoke it by the name \(settings.name), with the endpoint \(url).", ""])
            .joined(separator: "\n")
    }

    /// The function by the name of its program, or by its own name, because in a zip the program is `bootstrap`.
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
            // `-N`: print the response as it arrives.
            "curl -N \(ShellText.quoted("\(url)\(path)?token="))\"$TOKEN\" -d '{\"text\":\"hello there\"}'",
            // A streamed response has eight NUL bytes after its head, so curl prints it on a terminal only when told to.
            "curl --output - \(ShellText.quoted(invocations)) -d '\(event)'",
        ]
    }
}
