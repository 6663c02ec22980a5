# shellcheck shell=bash
# Sourced by the scripts that run tests: builds the tests, runs them, and shows which failed.

# Builds and runs tests. Arguments: the name of the logs, the number of tests that run at once, the minutes after which
# the run is killed, options for both `swift build` and `swift test`, and after `--` options for `swift test` alone.
# Prints one line on standard output if all passed.
run_tests() {
    local name=$1 width=$2 minutes=$3 log=.build/logs/$1.log start=$SECONDS failed='' summary
    local both=()
    shift 3
    while (($# > 0)) && [[ $1 != -- ]]; do
        both+=("$1")
        shift
    done
    shift || true
    say "$name: building"
    logged "$name-build" swift build --build-tests "${both[@]}" || return 4
    say "$name: running ($((SECONDS - start)) s)"
    writable_log "$log"
    watched "$log" timeout --foreground --kill-after=30 "${minutes}m" swift test --skip-build --disable-xctest \
        "${both[@]}" --experimental-maximum-parallelization-width "$width" "$@" || failed=$?
    summary=$(grep -oE 'Test run with .*' "$log" | tail -n 1) || summary='the tests did not finish'
    # A sanitizer's report fails the run even if every test passed.
    if grep -E -A 20 'WARNING: ThreadSanitizer|ERROR: AddressSanitizer|ERROR: LeakSanitizer|runtime error:' "$log" >&2
    then
        failed=${failed:-4}
    fi
    if [[ $summary == 'Test run with 0 tests'* ]]; then
        summary="no test matches: $*"
        failed=4
    elif [[ -n $failed ]]; then
        show_failures "$log" >&2
        if ((failed == 124)); then say "$name: killed, because the tests had not finished after $minutes minutes"; fi
        say "$name: the whole output is in $log"
    fi
    grep '^➜' "$log" >&2 || true
    say "$name: $summary ($((SECONDS - start)) s)"
    [[ -z $failed ]] || return 4
    printf '%s\n' "$summary"
}

# Prints the failures in a log of tests: the place and the values, and after a crash the tests that had not ended.
show_failures() {
    awk '
        /^(✔|✘|◇|➜)/ { showing = 0 }
        /^✘ .* recorded an issue/ { showing = 1; if (count++) print "" }
        # Values may be large.
        showing { if (lines++ < 400) print substr($0, 1, 2000); next }
        /^error: |Fatal error: |unexpected signal/ && !/^(✔|✘|◇|➜)/ { print; next }
        /^◇ Test ".*" started\.$/ { sub(/^◇ Test "/, ""); sub(/" started\.$/, ""); begun[$0] = 1; next }
        /^(✔|✘) Test ".*" (passed|failed) after / {
            sub(/^(✔|✘) Test "/, ""); sub(/" (passed|failed) after .*/, ""); delete begun[$0]
        }
        /^(✔|✘) Test run with / { ended = 1 }
        END { if (!ended) for (name in begun) print "did not end: " name }
    ' "$1"
}
