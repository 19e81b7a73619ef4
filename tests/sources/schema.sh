#!/bin/sh
# The schema for directories: both forms are taken by slapd and say the same, and the source and the
# tool call things by the names that it has.
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$top" || exit 2
schema=conf/ldap/adperm.schema ldif=conf/ldap/adperm.ldif

# definitions FILE: without comments, in one form, in one line.
definitions() {
    sed -e '/^#/d' -e '/^dn: /d' -e '/^objectClass: /d' -e '/^cn: /d' \
        -e 's/^attributetype /A /; s/^olcAttributeTypes: /A /' \
        -e 's/^objectclass /C /; s/^olcObjectClasses: /C /' "$1" | tr -s ' \t\n' ' ' | sed 's/^ //; s/ $//'
}
is "both forms say the same" "$(definitions $schema)" "$(definitions $ldif)"

# Attributes and classes that begin with adperm, one a line.
is "the source and the tool know these names and no others" \
    "$(grep -o '"adperm[A-Za-z0-9]*"' policy/sources/ldap/schema.h | tr -d '"' | sort | tr '\n' ' ')" \
    "$(sed -n "s/.* NAME '\(adperm[A-Za-z0-9]*\)'.*/\1/p" $schema | sort | tr '\n' ' ')"

# taken PROGRAM ARGUMENT...: what it complains of is shown.
taken() {
    "$@" >"$work/said" 2>&1 || {
        sed 's/^/# /' "$work/said"
        return 1
    }
}
printf 'include /etc/ldap/schema/core.schema\ninclude %s/%s\n' "$top" $schema >"$work/slapd.conf"
ok "slapd.conf takes the one" taken slaptest -u -f "$work/slapd.conf"
mkdir "$work/config"
{
    printf 'dn: cn=config\nobjectClass: olcGlobal\ncn: config\n\n'
    printf 'dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n\n'
    cat $ldif
} >"$work/config.ldif"
ok "cn=config takes the other" taken slapadd -n 0 -F "$work/config" -l "$work/config.ldif"

tap_done
