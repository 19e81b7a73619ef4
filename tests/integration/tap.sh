# shellcheck shell=sh
# TAP for tests in shell: `ok NAME COMMAND...`, `is NAME GOT EXPECTED`, at the end `tap_done`.

tap_count=0 tap_failed=0

# ok NAME COMMAND...: passes if the command succeeds. `ok NAME not COMMAND...` if it fails.
ok() {
    tap_name=$1
    shift
    tap_count=$((tap_count + 1))
    if "$@"; then
        echo "ok $tap_count - $tap_name"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_count - $tap_name"
        return 1
    fi
}

not() {
    ! "$@"
}

# is NAME GOT EXPECTED
is() {
    ok "$1" [ "$2" = "$3" ] || {
        printf 'got "%s", expected "%s"\n' "$2" "$3" | sed 's/^/#   /'
        return 1
    }
}

skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

tap_done() {
    echo "1..$tap_count"
    [ $tap_failed -eq 0 ]
    exit
}
