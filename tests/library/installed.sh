#!/bin/sh
# libadperm as others meet it: installed, with its header, pkg-config file, manual page and bindings.
# The example of the manual page and the bindings must say what `adperm check` says.
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 2
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
build=${BUILD:-$top/build}
work=$(mktemp -d /run/adperm-test.XXXXXX) || exit 2
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
root=$work/root
db=$work/policy.cdb

# said COMMAND...: what it says is shown if it fails.
said() {
    "$@" >"$work/said" 2>&1 || {
        sed 's/^/# /' "$work/said"
        return 1
    }
}

ok "make install" said make -s B="$build" DESTDIR="$root" -o all install
"$build/adperm" compile --server web1.x.example --generation 7 -o "$db" tests/unit/ask.yaml >/dev/null
chmod 640 "$db"

lib=$(dirname "$(find "$root" -name libadperm.so.0)")
export PKG_CONFIG_PATH="$lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root" LD_LIBRARY_PATH="$lib"
is "libadperm.so leads to it" "$(readlink "$lib/libadperm.so")" libadperm.so.0
is "pkg-config knows the version" "$(pkg-config --modversion libadperm)" \
    "$(sed -n 's/^VERSION := //p' Makefile)"

# --- the header, in every language and compiler that there is

printf '#include <adperm.h>\nint main(void) { return adperm_version() == 0; }\n' >"$work/header"
for compiler in gcc clang; do
    for standard in c99 c11 c++11 c++17; do
        case $standard in
        c++*) language=c++ ;;
        *) language=c ;;
        esac
        ok "the header is $standard for $compiler" said $compiler -x $language -std=$standard \
            -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$root/usr/include" "$work/header"
    done
done

# --- the example of the manual page

awk '/^#include/ { inside = 1 } /^\.Ed/ { inside = 0 } inside { gsub(/\\e/, "\\"); print }' \
    policy/library/libadperm.3 >"$work/may.c"
# shellcheck disable=SC2046 # words of pkg-config
for compiler in gcc clang; do
    ok "the example compiles with $compiler" said $compiler -Wall -Wextra -Werror -o "$work/may" "$work/may.c" \
        $(pkg-config --cflags --libs libadperm)
done

check() {
    "$build/adperm" check --policy "$db" "$@"
}
while read -r login permission; do
    is "the example says of $login what the tool says" "$("$work/may" "$login" "$permission" "$db")" \
        "$(check --login "$login" --permission "$permission")"
done <<END
plain server.ssh_users
flagged ssh_users
near ssh_users
plain firewall_rules
nobody ssh_users
END
ok "a yes ends with 0" said "$work/may" plain ssh_users "$db"
ok "a yes with a second factor does not" not said "$work/may" flagged ssh_users "$db"
is "no database is a sentence" "$("$work/may" plain ssh_users "$work/nosuch" 2>&1)" "may: there is no policy database"

# --- the bindings

cat >"$work/ask.py" <<END
import sys
sys.path.insert(0, "$root/usr/share/adperm/examples")
sys.dont_write_bytecode = True
import adperm
with adperm.Policy(db="$db") as policy:
    for who in "plain", "flagged", "near", "nobody":
        print(policy.ask("ssh_users", login=who, at=1795000000).why)
    print(policy.ask("account.ssh", profile="robot@x.example", account="acme").why)
    print(policy.ask("ssh_users", login="near", address="198.51.100.7").generation)
    for held in policy.holdings(profile="robot@x.example"):
        print(held.account, held.answer.permission, held.answer.verdict, held.answer.source)
    for told in policy.contacts("account.ssh", account="shop"):
        print(told.profile, told.source, int(told.owner))
    for bad in (dict(login="plain\0"), dict(login="a", profile="b")):
        try:
            policy.ask("ssh_users", **bad)
        except ValueError as error:
            print(error)
try:
    adperm.Policy(db="$work/nosuch")
except adperm.Error as error:
    print(error.args[1])
END
cat >"$work/ask.php" <<END
<?php
require '$root/usr/share/adperm/examples/adperm.php';
\$policy = new Adperm(db: '$db');
foreach (['plain', 'flagged', 'near', 'nobody'] as \$who) {
    echo \$policy->ask('ssh_users', login: \$who, at: 1795000000)['why'], "\n";
}
echo \$policy->ask('account.ssh', profile: 'robot@x.example', account: 'acme')['why'], "\n";
echo \$policy->ask('ssh_users', login: 'near', address: '198.51.100.7')['generation'], "\n";
foreach (\$policy->holdings(profile: 'robot@x.example') as \$held) {
    echo "{\$held['account']} {\$held['permission']} {\$held['verdict']} {\$held['source']}\n";
}
foreach (\$policy->contacts('account.ssh', account: 'shop') as \$told) {
    echo "{\$told['profile']} {\$told['source']} ", (int) \$told['owner'], "\n";
}
foreach ([['login' => "plain\0"], ['login' => 'a', 'profile' => 'b']] as \$bad) {
    try {
        \$policy->ask('ssh_users', ...\$bad);
    } catch (ValueError \$error) {
        echo \$error->getMessage(), "\n";
    }
}
try {
    new Adperm(db: '$work/nosuch');
} catch (RuntimeException \$error) {
    echo \$error->getMessage(), "\n";
}
END
expected() {
    for who in plain flagged near nobody; do
        check --login $who --permission ssh_users --at 2026-11-18T12:00:00Z
    done
    check --profile robot@x.example --permission account.ssh --account acme
    cat <<END
7
acme account.ssh allow ask.yaml:23
acme account.server_status allow ask.yaml:23
own@x.example ask.yaml:16 1
apart@x.example ask.yaml:24 0
flagged@x.example ask.yaml:22 0
near@x.example ask.yaml:24 0
plain@x.example ask.yaml:21 0
a text has a NUL in it
a question is about one person
there is no policy database
END
}
expected >"$work/expected"
speaks() {
    "$@" >"$work/got" 2>&1
    diff "$work/expected" "$work/got" >"$work/differ" || {
        sed 's/^/# /' "$work/differ"
        return 1
    }
}
if command -v python3 >/dev/null; then
    ok "adperm.py says what the tool says" speaks python3 "$work/ask.py"
else
    skip "adperm.py says what the tool says" "no python3 here"
fi
if command -v php >/dev/null; then
    ok "adperm.php says what the tool says" speaks php -d ffi.enable=1 "$work/ask.php"
else
    skip "adperm.php says what the tool says" "no php here"
fi

# --- another source

mkdir "$work/etc"
echo 'policy: db [notfound=continue] flat' >"$work/etc/switch.conf"
cat >"$work/etc/source_flat.conf" <<END
server web1.x.example own@x.example
person flatty@x.example flatty
grant flatty@x.example web1.x.example server.ssh_users 2fa
END
cat >"$work/two.py" <<END
import sys
sys.path.insert(0, "$root/usr/share/adperm/examples")
sys.dont_write_bytecode = True
import adperm
with adperm.Policy(db="$db", switch_conf="$work/etc/switch.conf", sources="$root/usr/lib/adperm") as policy:
    for who in "plain", "flatty", "nobody":
        print(policy.ask("ssh_users", login=who).why)
END
cat >"$work/expected" <<END
allow (ask.yaml:21)
allow with 2FA (source_flat.conf:3)
deny: unknown_person: no profile of the policy
END
if command -v python3 >/dev/null; then
    ok "a source that switch.conf names is asked, too" speaks python3 "$work/two.py"
else
    skip "a source that switch.conf names is asked, too" "no python3 here"
fi
two() {
    check --switch "$work/etc/switch.conf" --sources "$root/usr/lib/adperm" --permission ssh_users "$@" 2>&1
}
is "the tool asks it, too" "$(two --login flatty)" "allow with 2FA (source_flat.conf:3)"
is "and the database first" "$(two --login plain)" "allow (ask.yaml:21)"
echo 'policy: db [sometimes]' >"$work/etc/switch.conf"
is "a switch.conf that is none is an error of both" "$(two --login plain)" \
    "adperm: $work/etc/switch.conf:1: error: expected STATUS=ACTION (policy_switch); see adperm-switch.conf(5)"

tap_done
