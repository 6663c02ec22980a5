# shellcheck shell=bash
# Sourced by the scripts that run tests: builds them, runs them, and shows those that failed.

# Builds and runs the tests. The first argument names the logs, the second is how many tests run side by side, the third
# after how many minutes they are ended; what follows goes to `swift build` and `swift test`, behind `--` to the tests alone.
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
    summary=$(grep -oE 'Test run with .*' "$log" | tail -n 1) || summary='the tests did not come to their end'
    # A report of a sanitizer fails the run, whatever the tests say.
    if grep -E -A 20 'WARNING: ThreadSanitizer|ERROR: AddressSanitizer|ERROR: LeakSanitizer|runtime error:' "$log" >&2
    then
        failed=${failed:-4}
    fi
    if [[ $summary == 'Test run with 0 tests'* ]]; then
        summary="no test is called so: $*"
        failed=4
    elif [[ -n $failed ]]; then
        show_failures "$log" >&2
        if ((failed == 124)); then say "$name: not done after $minutes minutes, so they were ended"; fi
        say "$name: all they said is in $log"
    fi
    grep '^➜' "$log" >&2 || true
    say "$name: $summary ($((SECONDS - start)) s)"
    [[ -z $failed ]] || return 4
}

# Prints what failed in a log of tests: the place and what came, and after a crash the tests that did not end.
show_failures() {
    awk '
        /^(✔|✘|◇|➜)/ { showing = 0 }
        /^✘ .* recorded an issue/ { showing = 1; if (count++) print "" }
        # Values that came may be large.
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
