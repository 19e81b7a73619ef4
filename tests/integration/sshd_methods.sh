#!/bin/sh
# Test 44: every sequence of authentication methods that sshd can be told to ask for, times who
# tries, times the two doors (a personal login, a shared account), against a table of what must come
# of it. sshd takes planted keys here, so that it is PAM that decides. Only rows in which a code was
# given let in somebody whose grant carries the 2FA flag.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

# Who tries. Everybody has a login, an account that the same grant opens (or does not), and a Unix
# password, which the client also knows:
#   plain  a grant without the flag, the key
#   right  a flagged grant, the key, and the right code
#   wrong  a flagged grant, the key, and a wrong code
#   alone  a flagged grant, the right code, no key
#   none   the key, and grants of other things than to log in
people='plain right wrong alone none'

# What must come of it: `in`, or the reason of the denial; `none` is no_first_factor, and `-` stands
# where PAM is not asked at all. The accounts are opened to everybody with a flagged ssh_users too,
# so that a login with a key only is too early to know who it is.
#   method                             door    plain right        wrong        alone none
table="
publickey                            login   in    no_2fa_proof no_2fa_proof -     no_grant
publickey                            account late  late         late         -     late
publickey,keyboard-interactive:pam   login   in    in           bad_code     -     no_grant
publickey,keyboard-interactive:pam   account in    in           bad_code     -     no_grant
keyboard-interactive                 login   none  none         none         none  none
keyboard-interactive                 account none  none         none         none  none
keyboard-interactive,publickey       login   none  none         none         none  none
keyboard-interactive,publickey       account none  none         none         none  none
password                             login   none  none         none         none  none
password                             account none  none         none         none  none
publickey,password                   login   none  none         none         -     none
publickey,password                   account none  none         none         -     none
"
methods=$(echo "$table" | awk 'NF && !seen[$1]++ { print $1 }')

# Names are the person and the number of the method, so that no two rows share anybody's state and
# each login's lines can be told apart in the log: `right2` and the account `acct-right2`.
names=
number=0
for _ in $methods; do
    number=$((number + 1))
    for person in $people; do
        names="$names $person$number"
    done
done

write_policy() {
    printf -- '---\nadperm: 1\nprofiles:\n'
    for name in $names; do
        printf '  %s@acme.example:\n    login: %s\n    ssh_keys: ["%s"]\n' \
            "$name" "$name" "$(cut -d' ' -f1,2 "$W/keys/$name.pub")"
    done
    printf 'owners:\n  ops@acme.example:\n    servers:\n      %s:\n        accounts:\n' $SERVER
    for name in $names; do
        printf '          - acct-%s\n' "$name"
    done
    printf '    grants:\n'
    for name in $names; do
        case $name in
        plain*) write_grant "$name" false ssh_users ssh ;;
        none*) write_grant "$name" false firewall_rules usage ;;
        *) write_grant "$name" true ssh_users ssh ;;
        esac
    done
    printf '...\n'
}

# write_grant WHO FLAG LOGIN-PERMISSION ACCOUNT-PERMISSION
write_grant() {
    printf '      - to: %s@acme.example\n        require_2fa: %s\n' "$1" "$2"
    printf '        servers: {%s: [%s]}\n        accounts: {acct-%s: [%s]}\n' $SERVER "$3" "$1" "$4"
}

# attempt DOOR METHOD-NUMBER PERSON: one login; what came of it goes to files of its own.
attempt() {
    name=$3$2
    case $1 in
    login) user=$name steps=0 ;;
    account) user=acct-$name steps=1 ;;
    esac
    code=000000 key="key=$name"
    case $3 in
    right) code=$(world_code "$name@acme.example" $steps) ;;
    alone) code=$(world_code "$name@acme.example" $steps) key='' ;;
    wrong) code=$(world_code "$name@acme.example" 2880) ;;
    esac
    # With sshd's password method the code is what an attacker would try to be let in with.
    try "$user" $key code="$code" password="$code" port=$((2200 + $2)) out="$W/cells/$user"
    echo $? >"$W/cells/$user.status"
}

# --- the world -----------------------------------------------------------------------------------

world_user $names
world_password $names
world_key $names
for name in $names; do
    world_user "acct-$name"
    world_plant "$name" "$name"
    world_plant "acct-$name" "$name"
done
write_policy >$W/policy.yaml
world_compile $W/policy.yaml || world_die "the policy does not compile"
world_adpermd
for name in $names; do
    case $name in
    right* | wrong* | alone*) world_enrol "$name@acme.example" ;;
    esac
done
number=0
for method in $methods; do
    number=$((number + 1))
    world_sshd $((2200 + number)) "AuthenticationMethods $method" "KexAlgorithms curve25519-sha256"
done

# --- the table -----------------------------------------------------------------------------------

mkdir $W/cells
world_mark
for door in login account; do
    number=0
    for _ in $methods; do
        number=$((number + 1))
        for person in $people; do
            attempt $door $number "$person" &
            attempts="${attempts-} $!"
        done
    done
    # All at once: most of the time is the delay after a refusal.
    wait $attempts
    attempts=''
done
world_lines >$W/lines

check() {
    got=$(awk -v user="user=\"$1\"" 'index($0, user) && / dec=/' $W/lines | tail -n 1)
    reason=$(echo "$got" | world_field reason)
    if grep -q '^LOGGED IN' "$W/cells/$1" && [ "$(cat "$W/cells/$1.status")" = 0 ]; then
        got="in ${reason#ok}"
        case $(cat "$W/cells/$1") in
        *" profile=$2@acme.example") ;;
        *) got="in, but not as $2@acme.example" ;;
        esac
    else
        got=${reason:--}
    fi
    wanted=$6
    [ "$6" != none ] || wanted=no_first_factor
    is "t44 $3, $4, $5: $wanted" "${got% }" $wanted
}

number=0
echo "$table" | grep . >$W/table
while read -r method door expected; do
    [ $door = account ] || number=$((number + 1))
    # shellcheck disable=SC2086
    set -- $expected
    for person in $people; do
        user=$person$number
        [ $door = login ] || user=acct-$user
        check "$user" "$person$number" "$method" "$door" "$person" "$1"
        shift
    done
done <$W/table
tap_done
