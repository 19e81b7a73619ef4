# What benchmarks share: the policy they ask, and what they write besides their tables, one JSON
# object a figure, into the file BENCH_JSON.
# shellcheck shell=sh

# quotient A B: with two decimals.
quotient() {
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / (b + 0 ? b : 1) }'
}

# record NAME=VALUE...: values that are numbers become numbers.
record() {
    [ -n "${BENCH_JSON-}" ] || return 0
    printf '%s\n' "$@" | awk -F= '
        { value = substr($0, length($1) + 2)
          if (value !~ /^-?[0-9]+(\.[0-9]+)?$/) { gsub(/["\\]/, "\\\\&", value); value = "\"" value "\"" }
          line = line (NR > 1 ? ", " : "") "\"" $1 "\": " value }
        END { print "{" line "}" }' >>"$BENCH_JSON"
}

# bench_numbers N TEXT: a line for each rule but the last, with a number for each @@.
bench_numbers() {
    awk -v n="$1" -v text="$2" 'BEGIN {
        for (i = 1; i < n; i++) {
            line = text
            gsub(/@@/, sprintf("%07d", i), line)
            print line
        }
    }'
}

# bench_policy N USER: that many people with a login and a grant each, the last of them USER.
bench_policy() {
    echo '---'
    echo 'adperm: 1'
    echo 'profiles:'
    bench_numbers "$1" '  u@@@x.example: {login: u@@}'
    echo "  $2@x.example: {login: $2}"
    echo 'owners:'
    echo '  ops@x.example:'
    echo '    servers: {web1.x.example: {}}'
    echo '    grants:'
    bench_numbers "$1" '      - {to: u@@@x.example, servers: {web1.x.example: [ssh_users]}}'
    echo "      - {to: $2@x.example, servers: {web1.x.example: [ssh_users]}}"
    echo '...'
}

# bench_listen BUILD WORK: somebody listens on /dev/log, in a /dev that only this mount namespace
# sees. Ends with that namespace's processes.
bench_listen() {
    mkdir "$2/dev"
    mount -t tmpfs -o mode=755 bench "$2/dev" || exit 2
    for node in null zero random urandom; do
        touch "$2/dev/$node"
        mount --bind "/dev/$node" "$2/dev/$node" || exit 2
    done
    mount --move "$2/dev" /dev || exit 2
    "$1/tests/integration/logsink" /dev/log /dev/null &
    until [ -S /dev/log ]; do sleep 0.1; done
}
