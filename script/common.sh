# shellcheck shell=bash
# Sourced by the scripts beside it: paths, messages and progress.

# The scripts run in the root of the checkout; relative paths in their arguments count from where the caller is.
started_in=$PWD
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 3

bold='' red='' plain=''
if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
    bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
fi

# Prints a line of progress.
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

# Prints a path of the caller's as it is seen from the root.
from_here() {
    if [[ $1 == /* ]]; then printf '%s\n' "$1"; else printf '%s\n' "$started_in/$1"; fi
}

# Puts the words after OPTIONS into `arguments`. OPTIONS are names, separated by spaces; their values are paths of the
# caller's.
paths_from_here() {
    local options=" $1 " word is_path=
    shift
    arguments=()
    for word in "$@"; do
        if [[ -n $is_path ]]; then
            word=$(from_here "$word")
            is_path=
        elif [[ $word == --*=* && $options == *" ${word%%=*} "* ]]; then
            word=${word%%=*}=$(from_here "${word#*=}")
        elif [[ $options == *" $word "* ]]; then
            is_path=1
        fi
        arguments+=("$word")
    done
}

# Prints the comment at the script's beginning if the first argument asks for help, and ends.
help_if_asked() {
    [[ ${1:-} == --help || ${1:-} == -h ]] || return 0
    sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
    exit 0
}

# Set on a terminal that can rewrite a line.
live=
if [[ -t 2 && ${TERM:-dumb} != dumb ]]; then live=yes; fi

# Runs a command with its output in a log, and shows its progress meanwhile.
watched() {
    local log=$1 status=0
    shift
    begin_progress "$log"
    "$@" >"$log" 2>&1 || status=$?
    end_progress
    return "$status"
}

# Shows the progress of a log until `end_progress`.
begin_progress() {
    # bash now and then prints messages about its own processes; nobody needs them.
    show_progress "$1" 3>&2 2>/dev/null &
    progress=$!
}

progress=
end_progress() {
    [[ -n $progress ]] || return 0
    kill "$progress" 2>/dev/null || true
    wait "$progress" 2>/dev/null || true
    progress=
    clear_progress
}

clear_progress() {
    if [[ -n $live ]]; then printf '\r\e[K' >&2; fi
}

# On a terminal, shows the last line of a log with the time and the number of passed tests, until it is killed.
# Elsewhere a rewritten line makes no sense, and it only reports that a build waits for another one.
show_progress() {
    local log=$1 start=$SECONDS columns line passed text told=''
    # Ctrl-C ends the command but not this process, so look for the script.
    while sleep 0.5 && kill -0 "$$" 2>/dev/null; do
        line=$(tail -n 1 "$log" 2>/dev/null | tr -d '\000-\037') || true
        if [[ $line == *'is already running using'* && -z $live$told ]]; then
            told=yes
            say "waiting for another build in this folder: $line" 2>&3
        fi
        [[ -n $live ]] || continue
        passed=$(grep -c '^✔ Test "' "$log" 2>/dev/null) || true
        text="    $((SECONDS - start)) s  "
        if ((${passed:-0} > 0)); then text+="$passed tests passed  "; fi
        columns=$(stty size <&3 | cut -d ' ' -f 2) || true
        ((${columns:-0} > 1)) || columns=80
        text+=$line
        printf '\r\e[K%s' "${text:0:$((columns - 1))}" >&3
    done
}

# Runs a command with its output in .build/logs/NAME.log. If it fails, prints the log's errors and returns 4.
logged() {
    local name=$1 log=.build/logs/$1.log
    shift
    writable_log "$log"
    watched "$log" "$@" && return
    # The lines that name an error, or the end of the log if none does.
    grep -E -A 3 'error:|[Ff]atal|✘|undefined' "$log" | head -n 60 >&2 || tail -n 20 "$log" >&2
    printf '%serror:%s %s failed; the whole output is in %s\n' "$red" "$plain" "$name" "$log" >&2
    return 4
}

# Makes an empty log, or ends the script.
writable_log() {
    { mkdir -p "${1%/*}" && : >"$1"; } 2>/dev/null ||
        die "cannot write $root/$1: make the folder yours, or copy the checkout to a folder where you may write"
}

# Makes a temporary folder and prints its name.
temporary_folder() {
    mktemp -d 2>/dev/null || die "cannot make a folder in ${TMPDIR:-/tmp}: set TMPDIR to a folder where you may write"
}

# What a script has started in the background, and its temporary folder.
processes=()
work=''

# Ends a process of the script's, and waits until it has ended.
stop() {
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# For `trap clean_up EXIT`: ends what is in `processes`, and removes the folder.
clean_up() {
    local each
    for each in "${processes[@]}"; do stop "$each"; done
    [[ -z $work ]] || rm -rf "$work"
}

# Prints the functions: each is a folder with an executable.
functions() {
    local folder
    for folder in functions/*/Executable; do
        basename "$(dirname "$folder")"
    done
}

# Prints the size limit of a binary in MB.
size_limit() {
    if [[ $1 == local-runtime ]]; then echo 30; else echo 16; fi
}

# Installs packages from PyPI, each as NAME==VERSION, into a folder, unless they are there already.
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

# Waits until a command succeeds, for at most ten seconds.
until_succeeds() {
    local _
    for _ in {1..200}; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    return 1
}

# Prints a TCP port that nothing listens on.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
