import LocalRuntimeConsole

/// The script by which zsh completes command lines (zshcompsys(1)).
enum ZshCompletion {
    static func script(_ entries: [CompletionEntry]) -> String {
        let first = CompletionEntry.firstWords(entries.map(\.syntax))
        let names = first.map { word in described(word, summary(of: word, entries)) }
        return """
            #compdef local-runtime
            # zsh completion for local-runtime, printed by "local-runtime completion zsh".
            _local_runtime() {
                local -a commands
                local command=$words[2]
                if ((CURRENT == 2)); then
                    commands=(
            \(lines(names, indent: 12))
                    )
                    _describe command commands
                    return
                fi
                case $command in
            \(CompletionEntry.groups(entries).map(group).joined(separator: "\n"))
                esac
                shift words
                ((CURRENT -= 1))
                case $command in
            \(entries.map(command).joined(separator: "\n"))
                esac
            }
            if [[ $funcstack[1] == _local_runtime ]]; then
                _local_runtime
            else
                (($+functions[compdef])) || { autoload -Uz compinit && compinit; }
                compdef _local_runtime local-runtime
            fi

            """
    }

    private static func group(_ name: String, _ entries: [CompletionEntry]) -> String {
        let words = entries.map { described($0.syntax.name[1], $0.syntax.summary) }
        return """
                    \(name))
                        if ((CURRENT == 3)); then
                            commands=(
            \(lines(words, indent: 20))
                            )
                            _describe command commands
                            return
                        fi
                        command="\(name) $words[3]"
                        shift words
                        ((CURRENT -= 1))
                        ;;
            """
    }

    private static func command(_ entry: CompletionEntry) -> String {
        var words = entry.options.map(argument)
        if !entry.words.isEmpty {
            words.append("'1:word:(\(entry.words.joined(separator: " ")))'")
        } else if entry.takesFiles {
            words.append("'*:file:_files'")
        }
        return """
                    '\(entry.name)')
                        _arguments \\
            \(words.map { String(repeating: " ", count: 16) + $0 }.joined(separator: " \\\n"))
                        ;;
            """
    }

    /// An option in the syntax of `_arguments`.
    private static func argument(_ option: CommandSyntax.Option) -> String {
        let repeats = option.isRepeatable ? "*" : ""
        let summary = escaped(option.summary, "[]")
        guard let value = option.value else { return "'\(repeats)\(option.name)[\(summary)]'" }
        let values = value.split(separator: " ").map { word in
            ":\(escaped(String(word), "")):\(CompletionEntry.isFile(String(word)) ? "_files" : "")"
        }
        // An option with a default takes a value only after `=`, never from the next word.
        let form = values.count > 1 ? "" : option.default == nil ? "=" : "=-"
        return "'\(repeats)\(option.name)\(form)[\(summary)]\(option.default == nil ? "" : ":")\(values.joined())'"
    }

    private static func described(_ word: String, _ summary: String) -> String {
        "'\(word):\(escaped(summary, ""))'"
    }

    private static func summary(of word: String, _ entries: [CompletionEntry]) -> String {
        let members = entries.filter { $0.syntax.name[0] == word }
        guard members.count > 1 || members[0].syntax.name.count > 1 else { return members[0].syntax.summary }
        return members.map { $0.syntax.name[1] }.joined(separator: ", ")
    }

    /// Escapes the characters that would end the description or the quoted word.
    private static func escaped(_ text: String, _ special: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "'": result += "'\\''"
            case ":", "\\": result += "\\\(character)"
            case let other where special.contains(other): result += "\\\(other)"
            default: result.append(character)
            }
        }
    }

    private static func lines(_ words: [String], indent: Int) -> String {
        words.map { String(repeating: " ", count: indent) + $0 }.joined(separator: "\n")
    }
}
