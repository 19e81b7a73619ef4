# shellcheck shell=sh disable=SC2034 # much here is for the scripts that read this
# For the tests of apply: a policy of five people, and what an apply of it says and leaves behind.
# Read world.sh and tap.sh, and enter the world, before.

adperm=$BUILD/adperm
db=/var/lib/adperm/policy.cdb
policy=/etc/adperm/policy.d/10.yaml
killat=$BUILD/tests/integration/killat

keys() {
    cut -d' ' -f1,2 "$W/keys/$1.pub"
}

# write_policy [PATTERN]: the policy, without the lines of those persons.
write_policy() {
    grep -v "${1:-no such person}" >$policy <<END
---
adperm: 1
profiles:
  alice@acme.example: {login: alice, ssh_keys: ["$(keys alice)"]}
  bob@acme.example: {login: bob, ssh_keys: ["$(keys bob)"]}
  robot@acme.example: {kind: machine, login: robot, ssh_keys: ["$(keys robot)"]}
  keyless@acme.example: {login: keyless}
  ghost@acme.example: {login: ghost, ssh_keys: ["$(keys ghost)"]}
owners:
  ops@acme.example:
    servers:
      $SERVER: {accounts: [shop]}
      web2.acme.example: {accounts: []}
    grants:
      - {to: alice@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: bob@acme.example, servers: {$SERVER: [ssh_users]}, require_2fa: true}
      - {to: robot@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: keyless@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: ghost@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: bob@acme.example, servers: {web2.acme.example: [ssh_users]}}
...
END
}

# try_apply WORD...: runs apply; $code, $out and $err say how it went.
try_apply() {
    out=$("$adperm" apply "$@" 2>$W/err </dev/null)
    code=$?
    err=$(cat $W/err)
}
matches() {
    case $1 in *"$2"*) ;; *)
        echo "$1" | sed 's/^/# /'
        return 1
        ;;
    esac
}
generation() {
    "$adperm" verify --json $db | sed 's/.*"generation":\([0-9]*\).*/\1/'
}
# refuses NAME CODE TEXT WORD...: apply ends so and says that, and what is installed stays.
refuses() {
    refuses_name=$1 refuses_code=$2 refuses_text=$3
    shift 3
    cp $db $W/before.cdb 2>/dev/null || rm -f $W/before.cdb
    try_apply "$@"
    is "$refuses_name: exit code" "$code" "$refuses_code"
    ok "$refuses_name" matches "$err" "$refuses_text"
    if [ -e $W/before.cdb ]; then
        ok "$refuses_name: nothing is changed" cmp $db $W/before.cdb
    else
        ok "$refuses_name: nothing is there" [ ! -e $db ]
    fi
}
# installs NAME WORD...
installs() {
    installs_name=$1
    shift
    try_apply "$@"
    is "$installs_name" "$code" 0 || echo "# $out $err"
}
allowed() {
    "$adperm" check --login "$1" --permission ssh_users >/dev/null
}

world_user alice bob robot keyless
world_key alice bob robot ghost root
write_policy
chmod 755 /etc/adperm/policy.d
