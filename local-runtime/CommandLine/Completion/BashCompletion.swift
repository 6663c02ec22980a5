import LocalRuntimeConsole

/// The script by which bash completes command lines (bash(1), Programmable Completion).
enum BashCompletion {
    static func script(_ entries: [CompletionEntry]) -> String {
        let first = CompletionEntry.firstWords(entries.map(\.syntax)) + ["--help", "--version"]
        return """
            # bash completion for local-runtime, printed by "local-runtime completion bash".
            _local_runtime() {
                local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
                local command=${COMP_WORDS[1]} options='' values='' files='' words='' operands=''
                # bash splits a word at an equals sign, which is then a word itself.
                [[ $word != = ]] || word=''
                [[ $previous != = ]] || previous=${COMP_WORDS[COMP_CWORD - 2]}
                COMPREPLY=()
                if ((COMP_CWORD == 1)); then
                    mapfile -t COMPREPLY < <(compgen -W '\(first.joined(separator: " "))' -- "$word")
                    return
                fi
                case $command in
            \(CompletionEntry.groups(entries).map(group).joined(separator: "\n"))
                esac
                case $command in
            \(entries.map(command).joined(separator: "\n"))
                esac
                if [[ $values == *" $previous "* ]]; then
                    if [[ $files == *" $previous "* ]]; then
                        compopt -o filenames 2>/dev/null
                        mapfile -t COMPREPLY < <(compgen -f -- "$word")
                    fi
                elif [[ $word == -* ]]; then
                    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
                elif [[ -n $words ]]; then
                    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
                elif [[ -n $operands ]]; then
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -- "$word")
                else
                    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
                fi
            }
            complete -F _local_runtime local-runtime

            """
    }

    private static func group(_ name: String, _ entries: [CompletionEntry]) -> String {
        let words = entries.map { $0.syntax.name[1] }.joined(separator: " ")
        return """
                    \(name))
                        if ((COMP_CWORD == 2)); then
                            mapfile -t COMPREPLY < <(compgen -W '\(words)' -- "$word")
                            return
                        fi
                        command="\(name) ${COMP_WORDS[2]}"
                        ;;
            """
    }

    private static func command(_ entry: CompletionEntry) -> String {
        let valued = entry.options.filter { $0.value != nil && $0.default == nil }
        let files = valued.filter { CompletionEntry.isFile($0.value ?? "") }
        return """
                    '\(entry.name)')
                        options='\(entry.options.map(\.name).joined(separator: " "))'
                        values='\(padded(valued.map(\.name)))' files='\(padded(files.map(\.name)))'
                        words='\(entry.words.joined(separator: " "))' operands='\(entry.takesFiles ? "files" : "")'
                        ;;
            """
    }

    /// The words with a blank on each side, so that the script can search for ` WORD `.
    private static func padded(_ words: [String]) -> String {
        words.isEmpty ? "" : " \(words.joined(separator: " ")) "
    }
}
