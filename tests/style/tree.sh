#!/bin/sh
# What the compiler does not see: who includes whom, what the programs link and export, the manual
# pages, the examples, and calls that the house does not use.
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 2
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
build=${BUILD:-$top/build}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# quiet COMMAND...: succeeds if the command prints nothing; what it prints is shown.
quiet() {
    "$@" >"$work/out" 2>&1
    [ ! -s "$work/out" ] || {
        sed 's/^/# /' "$work/out"
        return 1
    }
}

# --- dependencies point one way

# may DIRECTORY PREFIX...: files there include nothing of ours but these, and their own directory.
may() {
    dir=$1
    shift
    allowed=$(echo "$*" | tr ' ' '|')
    grep -HnE '^#include "' "$dir"/*.[ch] 2>/dev/null |
        grep -vE "#include \"($allowed)" |
        while IFS=: read -r file line text; do
            name=$(echo "$text" | sed 's/.*"\(.*\)".*/\1/')
            [ -e "$dir/$name" ] || echo "$file:$line: $text"
        done
}

ok "base knows nothing of policies" quiet may policy/base base/
ok "model needs base" quiet may policy/model model/ base/
ok "db needs model and base" quiet may policy/db db/ model/ base/
ok "switch needs db, model, base and the public header" quiet may policy/switch switch/ db/ model/ base/ adperm
ok "the library adds to the switch" quiet may policy/library library/ switch/ db/ model/ base/ adperm
ok "the host of the sources needs the switch" quiet may policy/sources sources/ switch/ db/ model/ base/ adperm
ok "the source ldap is asked by it, and knows nothing of the switch" \
    quiet may policy/sources/ldap sources/ldap/ model/ base/ adperm
ok "the source to copy from needs one header" quiet may policy/sources/example adperm_source.h
ok "lang stands on all of them" quiet may policy/lang lang/ switch/ db/ model/ base/
ok "wiring needs base" quiet may policy/wiring wiring/ base/
ok "the tool stands on lang, talks to adpermd, reads invitations, and knows whom the module leaves alone" \
    quiet may policy/cli cli/ sources/ldap/schema.h lang/ wiring/ switch/ db/ model/ base/ adperm adpermd/proto.h adpermd/client.h \
    live_session.h local_users.h people/wish.h people/exchange.h people/invitation.h
ok "the public header stands alone" quiet may policy/include adperm
ok "the module needs the public header and what is beside it, base, adpermd's protocol and adperm-people's" \
    quiet may pam_adperm adperm.h adperm_reasons.def switch/member.h base/ adpermd/proto.h adpermd/client.h \
    people/wish.h people/exchange.h
ok "the dialogue asks adperm-people, and shows secrets as the tool does" \
    quiet may self self/ people/exchange.h people/wish.h cli/secret_screen.h cli/totp.h model/when.h base/ adperm.h
ok "adperm-keys too, and the module's log line" quiet may pam_adperm/ssh_keys adperm.h adperm_reasons.def base/ logline.h
ok "the menus stand on lang and the public header, and write what the tool writes" \
    quiet may menu lang/ db/ model/ base/ adperm.h cli/json.h cli/private_dir.h cli/table.h
ok "adperm-people asks the switch and adpermd, and reads and logs what the module does" \
    quiet may people people/ switch/ db/ model/ base/ adperm.h adpermd/proto.h adpermd/client.h live_session.h logline.h
ok "adpermd needs its own files and base, and names" \
    quiet may pam_adperm/adpermd adpermd/ base/ model/names.h

# --- what is linked and exported

needed() {
    readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | tr '\n' ' '
}

# links FILE LIBRARY...: exactly these, besides the sanitizers' own.
links() {
    file=$1
    shift
    got=$(needed "$file" | tr ' ' '\n' | grep -vE '^(libasan|libubsan|libclang_rt|ld-linux).*|^$' | sort | tr '\n' ' ')
    [ "$got" = "$* " ] || {
        echo "# $file links: $got"
        return 1
    }
}

if nm -D "$build/pam_adperm.so" | grep -q asan; then
    echo "# built with sanitizers: what is linked is not looked at"
else
    ok "pam_adperm.so links libc and libpam only" links "$build/pam_adperm.so" libc.so.6 libpam.so.0
    ok "libadperm links libc only" links "$build/libadperm.so.0" libc.so.6
    ok "adperm-keys links libc only" links "$build/adperm-keys" libc.so.6
    ok "so does adperm-people" links "$build/adperm-people" libc.so.6
    ok "adpermd parses no YAML and knows no PAM" \
        links "$build/adpermd" libc.so.6 liboath.so.0 libsodium.so.23 libsqlite3.so.0
    ok "the host of the sources links libc only" links "$build/sources.so" libc.so.6
    ok "so does the source to copy from" links "$build/source_flat.so" libc.so.6
    if [ -e "$build/source_ldap.so" ]; then
        ok "libldap is in its source only" links "$build/source_ldap.so" libc.so.6 liblber-2.5.so.0 libldap-2.5.so.0
    else
        skip "libldap is in its source only" "no libldap here"
    fi
    ok "the dialogue draws pictures, and links nothing else" links "$build/adperm-self" libc.so.6 libqrencode.so.4
    ok "libyaml is in adperm" links "$build/adperm" libc.so.6 libqrencode.so.4 libsodium.so.23 libyaml-0.so.2
    ok "and in what reads the menus: for people" links "$build/adperm-menu" libc.so.6 libncursesw.so.6 libtinfo.so.6 libyaml-0.so.2
    ok "and for root" links "$build/menu-run" libc.so.6 libyaml-0.so.2
    for file in menu-contact menu-held menu-firewall menu-http menu-migration menu-tls menu/configuration; do
        ok "$file links libc only" links "$build/$file" libc.so.6
    done
fi

exports() {
    nm -D --defined-only "$1" | awk '$3 !~ /^__(asan|ubsan|odr_asan|start_asan|stop_asan)/ { print $3 }' | sort | tr '\n' ' '
}
is "the module exports the entry points of auth, account and session" "$(exports "$build/pam_adperm.so")" \
    "pam_sm_acct_mgmt pam_sm_authenticate pam_sm_close_session pam_sm_open_session pam_sm_setcred "
# A library is a guest: it does not print, end the process, or touch what is the host's.
touches() {
    nm -D --undefined-only "$build/libadperm.so.0" | awk '{ sub(/@.*/, "", $2); print $2 }' |
        grep -xE 'std(in|out|err)|(__)?v?f?printf(_chk)?|f?put[cs]|perror|syslog|_?exit|abort|raise|kill|atexit|fork|sig.*|setlocale|(secure_)?getenv|setenv|putenv|environ|umask|chdir|pthread_.*'
}
# Start files have one pointer in each of the two.
state() {
    size -A "$build/libadperm.so.0" | awk '($1 == ".data" || $1 == ".bss") && $2 > 8'
}
if nm -D "$build/libadperm.so.0" | grep -q asan; then
    echo "# built with sanitizers: what libadperm calls is not looked at"
else
    ok "libadperm leaves the process alone" quiet touches
    ok "libadperm keeps nothing outside of handles" quiet state
fi
for file in sources.so:adperm_sources source_flat.so:adperm_source source_ldap.so:adperm_source; do
    [ ! -e "$build/${file%:*}" ] ||
        is "${file%:*} exports its table" "$(exports "$build/${file%:*}")" "${file#*:} "
done
hardened() {
    readelf -lW "$1" | grep -q GNU_RELRO && readelf -dW "$1" | grep -q NOW &&
        ! readelf -lW "$1" | grep -q 'GNU_STACK.*E '
}
for file in sources.so adperm adpermd adperm-keys adperm-people adperm-self pam_adperm.so libadperm.so.0 adperm-menu menu-run menu/configuration; do
    ok "$file has relro, immediate binding and no executable stack" hardened "$build/$file"
done

# --- words

forbidden() {
    grep -rnE --include='*.c' '\b(system|popen|strcpy|strcat|sprintf|vsprintf|gets|strtok|alloca)\s*\(' policy pam_adperm menu people self
    grep -rnE --include='*.c' --exclude=diag.c --exclude-dir=adpermd '\b(getpwnam|getpwuid|getgrnam|localtime|gmtime|strerror|setlocale|syslog|openlog|umask|chdir|signal|alarm|setenv|putenv)\s*\(' \
        policy/base policy/model policy/db policy/switch pam_adperm
}
ok "no call that the house does not use" quiet forbidden
leftovers() {
    find policy pam_adperm menu people self tests bootstrap Makefile ! -path 'tests/style/*' \
        \( -name '*.[ch]' -o -name '*.sh' -o -name '*.def' -o -name bootstrap -o -name Makefile \) |
        xargs grep -nE 'TODO|FIXME|\bXXX\b'
}
ok "nothing is left over" quiet leftovers
long_functions() {
    find policy pam_adperm menu people self -name '*.c' | xargs awk '
        FNR == 1 { inside = 0 }
        /^\{$/ { inside = 1; start = FNR }
        /^\}/ && inside {
            inside = 0
            if (FNR - start > 60)
                print FILENAME ":" start ": a function of " FNR - start " lines"
        }'
    find policy pam_adperm menu people self tests -name '*.[ch]' | xargs wc -l | awk '$2 != "total" && $1 > 600 { print $2 ": " $1 " lines" }'
}
ok "functions fit a screen, and files are one thing each" quiet long_functions

# --- manual pages and examples

for page in $(find policy pam_adperm menu people self -name '*.[1-8]' | sort); do
    ok "mandoc finds nothing in $page" quiet mandoc -T lint -W warning "$page"
done

# The YAML between .Bd and .Ed of a page that begins with "---".
examples() {
    awk -v out="$work/example" '
        /^\.Bd/ { inside = 1; n++; name = out n ".yaml"; next }
        /^\.Ed/ { inside = 0; next }
        inside { sub(/^\\&/, ""); gsub(/\\e/, "\\"); print > name }' "$1"
    for file in "$work"/example*.yaml; do
        [ -e "$file" ] || continue
        if grep -q '^adperm_menus:' "$file"; then
            "$build/adperm-menu" --check "$file" >"$work/said" 2>&1 || cat "$work/said"
        elif head -n 1 "$file" | grep -qx -- '---'; then
            "$build/adperm" compile -o "$work/example.cdb" "$file" >"$work/said" 2>&1 || cat "$work/said"
        fi
    done
    rm -f "$work"/example*
}
for page in $(find policy pam_adperm menu people self -name '*.[1-8]' | sort); do
    ok "the policies in $page compile" quiet examples "$page"
done

# README shows a policy, what compile says of it, and an answer: all three have to be so.
readme() {
    awk '/^```yaml/ { inside = 1; next } /^```/ { inside = 0 } inside' README.md >"$work/acme.yaml"
    (
        cd "$work" || exit
        "$build/adperm" compile --server web1.acme.example -o policy.cdb acme.yaml
        "$build/adperm" check --policy policy.cdb --login alice --permission ssh_users
    ) 2>&1 | while read -r line; do
        grep -qxF "$line" README.md || echo "README does not say: $line"
    done
}
ok "README's policy does what README says" quiet readme

compiles() {
    "$build/adperm" compile -o "$work/conf.cdb" "$1" >"$work/out" 2>&1 || {
        sed 's/^/# /' "$work/out"
        return 1
    }
}
for policy in conf/*.yaml; do
    ok "$policy compiles" compiles "$policy"
done

if command -v clang-format >/dev/null; then
    format() {
        find policy pam_adperm menu people self tests -name '*.[ch]' | xargs clang-format --dry-run -Werror
    }
    ok "clang-format would change nothing" quiet format
else
    echo "ok $((tap_count + 1)) - clang-format would change nothing # SKIP no clang-format here"
    tap_count=$((tap_count + 1))
fi

tap_done
