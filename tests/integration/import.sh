#!/bin/sh
# Moving in: secrets that the real google-authenticator has made and the real pam_oath has accepted
# are taken over, and open the real sshd; what was used there opens nothing here.

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
for program in google-authenticator pamtester oathtool; do
    command -v $program >/dev/null || {
        skip "moving in" "no $program here"
        tap_done
    }
done
world_enter "$0" "$@"

adperm=$BUILD/adperm
people='alice bob carol dave'

policy() {
    printf -- '---\nadperm: 1\nprofiles:\n'
    for name in $people; do
        printf '  %s@acme.example:\n    login: %s\n    ssh_keys: ["%s"]\n' \
            "$name" "$name" "$(cut -d' ' -f1,2 "$W/keys/$name.pub")"
    done
    printf 'owners:\n  ops@acme.example:\n    servers: {%s: {}}\n    grants:\n' $SERVER
    for name in $people; do
        printf '      - to: %s@acme.example\n        require_2fa: true\n' "$name"
        printf '        servers: {%s: [ssh_users]}\n' $SERVER
    done
    printf '...\n'
}

# shellcheck disable=SC2086 # names have no blanks
{
    world_user $people
    world_key $people
}
policy >$W/policy.yaml
world_compile $W/policy.yaml || world_die "the policy does not compile"
world_adpermd
world_sshd 22 shipped
cd $W/secrets || exit 2
chmod 700 .

# imports CODE WORD...: what `adperm totp import` prints, and what it ends with.
imports() {
    imports_code=$1
    shift
    "$adperm" totp import "$@" >out 2>err
    imports_got=$?
    [ $imports_got = "$imports_code" ] && return
    echo "# ended with $imports_got"
    sed 's/^/#   /' out err
    return 1
}

# imports_as_said NUMBER CODE: the command that adperm(1) has as an example.
imports_as_said() {
    awk -v wanted="$1" '
        /^\.Ss/ { here = /Moving in/ }
        /^\.Ed/ { block = 0 }
        here && block { sub(/\\e$/, "\\"); print }
        here && /^\.Bd -literal/ { block = ++n == wanted }' $W/src/policy/cli/adperm.1 >said
    grep -q '^adperm totp import' said || return
    (PATH=$BUILD:$PATH sh said >out 2>err)
    imports_got=$?
    [ $imports_got = "$2" ] || sed 's/^/#   /' out err
    [ $imports_got = "$2" ]
}

# says FILE: standard input is what the last one printed there.
says() {
    cat >expected
    cmp -s expected "$1" && return
    diff expected "$1" | sed 's/^/#   /'
    return 1
}

enrolled() {
    "$adperm" totp status "$1@acme.example" >/dev/null
}

# --- google-authenticator ------------------------------------------------------------------------

GA=/home/alice/.google_authenticator
cat >/etc/pam.d/google <<END
auth required pam_google_authenticator.so secret=/home/\${USER}/.google_authenticator user=root
account required pam_permit.so
END
google-authenticator -t -d -f -r 3 -R 30 -w 17 -C -Q NONE -q -s $GA ||
    world_die "google-authenticator makes no secret"
head -n 1 $GA | tr -d '\n' >alice@acme.example
code=$(world_code alice@acme.example)
ok "the real pam_google_authenticator takes a code" \
    sh -c "echo $code | pamtester google alice authenticate >/dev/null 2>&1"
ok "and notes which" grep -q '^" DISALLOW_REUSE [0-9]' $GA

ok "its file is taken over, as the manual says" imports_as_said 1 0
ok "who it is" says out <<END
alice@acme.example: enrolled
1 imported, 0 left out
END
ok "what is not taken over" says err <<END
$GA:2:3: warning: RATE_LIMIT: adpermd has a budget of wrong codes of its own [AP115]
$GA:3:15: warning: WINDOW_SIZE: codes are taken one step before and after their time, not more [AP115]
$GA:6:1: warning: the 5 scratch codes are not taken over; \`adperm totp recovery\` makes new ones [AP115]
END
ok "the code that was used there opens nothing here" refused_for replay alice key=alice code="$code"
ok "the next one does" enters alice key=alice code="$(world_code alice@acme.example 1)"

ok "not twice by mistake" imports 2 --google-authenticator $GA --profile alice@acme.example
ok "where it stands" grep -qxF \
    "$GA:1:1: error: alice@acme.example is enrolled already [AP112]" err
ok "on purpose" imports 0 --google-authenticator $GA --profile alice@acme.example --replace

google-authenticator -c -f -u -w 3 -C -Q NONE -q -s bob.google ||
    world_die "google-authenticator makes no secret with a counter"
ok "counted codes are left out" imports 1 --google-authenticator bob.google --profile bob@acme.example
ok "which is said" grep -qxF \
    "bob.google:1:1: warning: the codes are counted (HOTP_COUNTER), not time-based: this person is left out [AP113]" err
ok "and nobody is enrolled" not enrolled bob

# --- pam_oath ------------------------------------------------------------------------------------

cat >/etc/pam.d/oath <<END
auth required pam_oath.so usersfile=/etc/users.oath window=5 digits=6
account required pam_permit.so
END
# secret NAME: a new one, in hexadecimal.
secret() {
    od -An -N20 -tx1 /dev/urandom | tr -d ' \n' | tee "$1.hex"
}
code() {
    oathtool --totp -N "now + $((${2:-0} * 30)) seconds" - <"$1.hex"
}
umask 077
cat >/etc/users.oath <<END
# people
HOTP/T30 carol - $(secret carol)
HOTP/T30 operator 1234 $(secret bob)
HOTP/E/6 dave - $(secret dave)
HOTP/T30 gone - $(secret gone)
END
used=$(code carol)
ok "the real pam_oath takes a code" sh -c "echo $used | pamtester oath carol authenticate >/dev/null 2>&1"
ok "and notes it" grep -q "$used" /etc/users.oath

ok "its file is taken over, as the manual says" imports_as_said 2 1
ok "who they are" says out <<END
bob@acme.example: enrolled, was operator
carol@acme.example: enrolled, was carol
2 imported, 2 left out
END
ok "what is not taken over" says err <<END
/etc/users.oath:3:19: warning: the PIN is not taken over: the code alone is asked for [AP115]
/etc/users.oath:4:1: warning: the codes are counted (HOTP), not time-based: this person is left out [AP113]
/etc/users.oath:5:1: warning: "gone" is no profile's login: this person is left out [AP114]
END
ok "the code that was used there opens nothing here" refused_for replay carol key=carol code="$used"
ok "nor do the steps that pam_oath may have looked ahead" \
    refused_for replay carol key=carol code="$(code carol 1)"
ok "whose code was not used there gets in" enters bob key=bob code="$(code bob 1)"
ok "counted codes open nothing" not enrolled dave

# --- nothing half-imported -----------------------------------------------------------------------

for name in carol bob; do
    "$adperm" totp remove $name@acme.example >/dev/null
done
{
    cat /etc/users.oath
    echo 'HOTP/T30 dave - 616'
} >broken.oath
ok "a file that is not understood is not imported" imports 2 --oath-usersfile broken.oath
ok "where" grep -qxF \
    'broken.oath:6:17: error: here stands a secret, up to 64 bytes in hexadecimal [AP110]' err
{
    cat /etc/users.oath
    echo "HOTP/T30 carol - $(cat carol.hex)"
} >twice.oath
ok "nor is one with two secrets of somebody" imports 2 --oath-usersfile twice.oath
ok "where" grep -qxF \
    'twice.oath:6:1: error: carol@acme.example has two secrets [AP111]' err
ok "a map of nobody is a misspelt one" imports 2 --oath-usersfile /etc/users.oath --map bod=bob@acme.example
ok "of it all nobody is enrolled" not enrolled carol
cp /etc/users.oath open.oath
chmod 644 open.oath
ok "a file that others may read" imports 1 --oath-usersfile open.oath
ok "is warned of" grep -qxF \
    'open.oath: warning: others than the owner may read this file [AP116]' err
chmod 666 open.oath
ok "one that they may write is refused" imports 2 --oath-usersfile open.oath --replace
ln -s /etc/users.oath link.oath
ok "and so is a link" imports 2 --oath-usersfile link.oath --replace
ok "no secret is ever printed" not grep -qrf carol.hex out err
tap_done
