# shellcheck shell=bash
# Sourced by the scripts beside it: where things are, and how progress is told.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 3

bold='' red='' plain=''
if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
    bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
fi

# A line of progress.
say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*" >&2; }

# Ends the script with exit code 3: it could not run.
die() {
    printf '%serror:%s %s\n' "$red" "$plain" "$*" >&2
    exit 3
}

# Ends the script with exit code 1: wrong command line.
misused() {
    printf '%serror:%s %s\n' "$red" "$plain" "$*" >&2
    printf 'try %s --help\n' "$0" >&2
    exit 1
}

# Prints the comment at the script's beginning if the first argument asks for help, and ends.
help_if_asked() {
    [[ ${1:-} == --help || ${1:-} == -h ]] || return 0
    sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
    exit 0
}

# Runs a command quietly, its output kept in .build/logs/NAME.log, which is shown if it fails.
logged() {
    local name=$1
    shift
    mkdir -p .build/logs
    if ! "$@" >".build/logs/$name.log" 2>&1; then
        # What went wrong, if it says so; else where it ended.
        grep -E -A 3 'error:|[Ff]atal|✘|undefined' ".build/logs/$name.log" | head -n 60 >&2 ||
            tail -n 20 ".build/logs/$name.log" >&2
        printf '%serror:%s %s failed; all it said is in .build/logs/%s.log\n' "$red" "$plain" "$name" "$name" >&2
        return 4
    fi
}

# The functions: a folder each, with an executable.
functions() {
    local folder
    for folder in functions/*/Executable; do
        basename "$(dirname "$folder")"
    done
}

# Installs packages from PyPI into a folder of their own, NAME==VERSION each, unless they are there.
python_packages() {
    local folder=$1
    shift
    script/setup --quiet --python
    [[ $(cat "$folder/installed" 2>/dev/null) != "$*" ]] || return 0
    say "installing $*"
    python3 -m venv --clear "$folder"
    logged "$(basename "$folder")" "$folder/bin/pip" install --disable-pip-version-check "$@" || exit 3
    echo "$*" >"$folder/installed"
}

# Waits until a command succeeds, ten seconds at most.
until_succeeds() {
    local _
    for _ in {1..200}; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    return 1
}

# A TCP port of this machine that nothing listens on.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
