#!/bin/sh
# adperm doctor on a machine that is wired with a real sshd: all is well; then one thing after the
# other is broken, and the doctor says which, and what to do.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

adperm=$BUILD/adperm
said=$W/said

policy() {
    cat <<END
---
adperm: 1
profiles:
  alice@acme.example: {login: alice, ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/alice.pub)"]}
  bob@acme.example: {login: bob, ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/bob.pub)"]}
  carol@acme.example: {ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/carol.pub)"]}
owners:
  ops@acme.example:
    servers:
      $SERVER: {accounts: [shop]}
    grants:
      - {to: alice@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: bob@acme.example, servers: {$SERVER: [ssh_users]}, require_2fa: true$1}
      - {to: carol@acme.example, accounts: {shop: [ssh]}}
...
END
}

install_policy() {
    policy "${1-}" >$W/policy.yaml
    world_compile $W/policy.yaml || world_die "the policy does not compile"
}

doctor() {
    $adperm doctor --rehearse $BUILD/adperm-rehearse --adperm-keys $BUILD/adperm-keys \
        --break-glass $BREAKGLASS "$@" >$said 2>&1
}
says() {
    grep -q -e "$1" $said || {
        sed 's/^/#   /' $said
        return 1
    }
}
# finds WHAT CODE PATTERN: the doctor ends with that code, and has a line like that.
finds() {
    doctor
    is "$1: exit status" $? "$2"
    ok "$1: says so" says "$3"
}

make_world() {
    world_user alice bob shop $BREAKGLASS
    world_key alice bob carol root
    world_plant $BREAKGLASS root
    install_policy
    world_adpermd
    world_enrol bob@acme.example
    printf '%s\n' 'Include /etc/ssh/sshd_config.d/*.conf' 'UsePAM yes' >/etc/ssh/sshd_config
}

make_world

# The clock of a test machine may be synchronised or not.
doctor
well=$?
is "all is well: exit status" $well "$(if grep -q '^warn *clock' $said; then echo 1; else echo 0; fi)"
for area in policy people invited stacks sshd adpermd; do
    ok "all is well: $area" says "^ok *$area"
    is "and nothing else of $area" "$(grep -c "^\(warn\|fail\) *$area" $said)" 0
done
doctor --json
ok "as JSON" /usr/bin/python3 -c 'import json,sys
found = json.load(open(sys.argv[1]))
sys.exit(not all(set(f) == {"area", "health", "finding", "advice"} for f in found))' $said

# --- what is in force, and what was decided

world_sshd 22 shipped
world_key mallory
try alice key=alice
try mallory key=mallory
try alice key=mallory
try bob key=bob code=000000
world_sync
sed 's/^/Nov 22 05:12:33 web1 /' $W/log >$W/auth.log
status() {
    $adperm status --file $W/auth.log "$@" >$said 2>&1
}
ok "status" status
ok "status: the policy" says "^policy  *generation 0 of $SERVER: 4 people, 0 machines, 3 grants"
ok "status: the doors" says '^doors  *sshd$'
ok "status: adpermd" says '^adpermd  *answers'
ok "status: the log" says '^log  *1 sessions allowed; denied: .*bad_code 1'
ok "status --json" status --json
ok "is JSON" /usr/bin/python3 -c 'import json,sys
s = json.load(open(sys.argv[1]))
sys.exit(not (s["doors"] == ["sshd"] and s["people"] == 4 and s["denied"]["bad_code"] == 1))' $said
ok "status --prometheus" status --prometheus
is "every line is a metric or a comment" "$(grep -vc '^# \(HELP\|TYPE\) adperm_[a-z_]* \|^adperm_[a-z_]*\({reason="[a-z_0-9]*"}\)\{0,1\} [0-9.e+]*$' $said)" 0
ok "a denial has its reason" says '^adperm_denied{reason="bad_code"} 1$'

log() {
    $adperm log --file $W/auth.log --policy-dir $W "$@" >$said 2>&1
}
is "every line of the module is understood" "$($adperm log --all --json --file $W/auth.log | wc -l)" \
    "$(grep -c ' adperm\(-keys\)\{0,1\}\[[0-9]*\]: v=1 phase=' $W/auth.log)"
fields() {
    grep -o ' [a-z]*=' $W/log | tr -d ' =' | sort -u | grep -vx 'v\|debug' | while read -r field; do
        grep -q "FIELD([A-Z]*, \"$field\"" $W/src/policy/cli/audit_fields.def || echo "$field"
    done
}
is "every field that is logged is in the table" "$(fields)" ''
described() {
    sed -n 's/^FIELD([A-Z]*, "\([a-z]*\)".*/\1/p' $W/src/policy/cli/audit_fields.def | while read -r field; do
        grep -qx ".It Li $field" $W/src/policy/cli/adperm-audit.7 || echo "$field"
    done
}
is "and in adperm-audit(7)" "$(described)" ''
ok "log: who came in" log --profile alice@acme.example
ok "log: once" [ "$(grep -c ' allow ' $said)" -eq 1 ]
ok "log: why, with the line of the policy" log --why --user alice
ok "log: which" says 'to: alice@acme.example, servers'
ok "log: by reason" log --reason bad_code
is "log: that one" "$(wc -l <$said)" 2
log --profile nobody@acme.example
is "log: nobody" $? 1
kill $SSHD_PID

# --- one login

login() {
    what=$1 code=$2 word=$3
    shift 3
    doctor --login "$@" <$W/answer
    is "$what: exit status" $? "$code"
    ok "$what: says so" says "$word"
}
: >$W/answer
login "a login without the flag" 0 '^This login would succeed' alice
world_code bob@acme.example >$W/answer
login "a login with a code" 0 '^This login would succeed' bob
login "the same code again" 1 '^fail  PAM auth' bob
ok "and why a code is asked" says 'allow with 2FA'
: >$W/answer
login "a shared account needs a name" 2 'say who with' shop
login "a shared account" 0 '^This login would succeed' shop --profile carol@acme.example
login "somebody who may not" 1 '^This login would fail' alice --profile carol@acme.example
login "nobody" 1 'there is none' nobodyever

# --- broken, one by one

broken() {
    what=$1 code=$2 word=$3
    shift 3
    cp -a /etc/pam.d /etc/ssh $W/
    "$@"
    finds "$what" $code "$word"
    cp -a $W/pam.d $W/ssh /etc/
    rm -rf $W/pam.d $W/ssh
}
edit() { sed -i "$1" "$2"; }
append() { echo "$2" >>"$1"; }
prepend() { { echo "$2" && cat "$1"; } >$W/new && cat $W/new >"$1"; }

broken "sufficient" 2 'lets in, in the account phase of sshd' \
    edit 's/^account required .*pam_adperm/account sufficient pam_adperm/' /etc/pam.d/sshd
broken "optional" 2 'lets in, in the session phase' \
    edit 's/^session required .*pam_adperm/session optional pam_adperm/' /etc/pam.d/sshd
broken "default=ignore" 2 'lets in, in the auth phase' \
    edit 's/^auth .*pam_adperm/auth [success=done default=ignore] pam_adperm/' /etc/pam.d/sshd
broken "no account line" 2 'not in the account phase' \
    edit '/^account required .*pam_adperm/d' /etc/pam.d/sshd
broken "ours in what cron includes" 2 'everything includes it' \
    append /etc/pam.d/common-account 'account required pam_adperm.so permission=ssh_users'
broken "a stack that nobody understands" 2 'pam.d/sshd:[0-9]*: begins with none' \
    append /etc/pam.d/sshd 'auht required pam_unix.so'
broken "UsePAM no" 2 'UsePAM is not yes' prepend /etc/ssh/sshd_config 'UsePAM no'
broken "PermitEmptyPasswords" 2 'PermitEmptyPasswords is yes' \
    prepend /etc/ssh/sshd_config 'PermitEmptyPasswords yes'
broken "AuthenticationMethods elsewhere" 2 'codes could be skipped' \
    prepend /etc/ssh/sshd_config "Match User *
AuthenticationMethods any
Match all"
broken "one login has its own way" 2 'alice could log in with keys from its home' \
    prepend /etc/ssh/sshd_config "Match User alice
AuthorizedKeysFile .ssh/authorized_keys
Match all"
broken "a configuration that sshd does not take" 2 'does not take its configuration' \
    append /etc/ssh/sshd_config 'NoSuchWord yes'
broken "other sources of keys" 1 'TrustedUserCAKeys' \
    prepend /etc/ssh/sshd_config "TrustedUserCAKeys $W/keys/root.pub"
broken "a word that is not safe before our line" 1 'pam.d/ftp:3: nullok, where the password' \
    eval "sed 's/first_pass/& nullok/' $W/src/conf/pam.d/vsftpd | grep -v '^#' >/etc/pam.d/ftp"
module=$(ls /lib/*/security/pam_adperm.so /lib64/security/pam_adperm.so 2>/dev/null | head -n 1)
mv "$module" "$module.away"
finds "a module that is missing" 2 '/pam_adperm.so is missing: nobody is let in'
mv "$module.away" "$module"
chmod g+w "$module"
finds "a module that others can write" 2 "/pam_adperm.so: is not root's alone"
chmod g-w "$module"
chmod o+w $W/lib/adperm-keys
finds "a program for keys that others can write" 2 "adperm-keys, which sshd asks for keys: is not root's"
chmod 644 $W/lib/adperm-keys
finds "one that cannot be run" 2 'adperm-keys, which sshd asks for keys: is no program'
mv $W/lib/adperm-keys $W/
finds "none" 2 'adperm-keys, which sshd asks for keys: No such file'
mv $W/adperm-keys $W/lib/
chmod 755 $W/lib/adperm-keys

# What PostgreSQL's and MariaDB's passwords stand in.
world_user postgres mysql mallory
cp $W/src/conf/pam.d/postgresql $W/src/conf/pam.d/mariadb /etc/pam.d/
passwords() {
    what=$1 health=$2 pattern=$3
    doctor
    ok "passwords, $what" says "^$health *stacks .*$pattern"
}
passwords "a file that is missing" fail '/etc/adperm/postgresql.db: No such file'
for row in '600 root:root fail postgresql.db:.the.user.postgres.cannot.read.it' \
    '640 root:postgres ok postgresql.db:.root' '644 root:postgres fail postgresql.db:.must.be' \
    '660 root:postgres fail postgresql.db:.must.be' '640 root:mallory fail postgresql.db:.must.be' \
    '640 postgres:postgres fail postgresql.db:.must.be' '600 root:root ok mariadb.db:.root' \
    '640 root:mysql ok mariadb.db:.root' '640 root:postgres fail mariadb.db:.must.be'; do
    # shellcheck disable=SC2086
    set -- $row
    : >/etc/adperm/${4%%:*}
    chmod $1 /etc/adperm/${4%%:*}
    chown $2 /etc/adperm/${4%%:*}
    passwords "$1 $2" $3 "$4"
done
rm /etc/pam.d/postgresql /etc/pam.d/mariadb
mv /home/$BREAKGLASS/.ssh $W/dot-ssh
finds "a break-glass user without a key" 2 'could not log in by key'
mv $W/dot-ssh /home/$BREAKGLASS/.ssh

touch -d '10 days ago' /var/lib/adperm/policy.cdb
doctor
ok "the age of the database" says "generation 0 of $SERVER, installed 10 days ago"
chmod g+w /var/lib/adperm/policy.cdb
finds "a database that others can write" 2 "is not root's alone"
chmod g-w /var/lib/adperm/policy.cdb
mv /var/lib/adperm/policy.cdb $W/
finds "no database" 2 'there is no database'
head -c 3000 $W/policy.cdb >/var/lib/adperm/policy.cdb
finds "a damaged database" 2 '^fail *policy'
echo 99 >/var/lib/adperm/policy.generation
install_policy
finds "an older policy in its place" 2 'older policy\|was before'
rm /var/lib/adperm/policy.generation
install_policy ", expires: $(date -d '+3 days' +%F)"
finds "an expiry that comes soon" 1 '1 grant expires within a week'
install_policy
$adperm totp remove --yes bob@acme.example >/dev/null 2>&1 || $adperm totp remove bob@acme.example >/dev/null
finds "somebody who is not enrolled" 1 'bob@acme.example holds something with 2FA and is not enrolled'
kill $ADPERMD_PID
wait $ADPERMD_PID
finds "no daemon" 2 'nobody answers: who needs a code is denied'
chmod 644 /etc/adperm/state.key
finds "a key that others can read" 2 'state.key: must be'

tap_done
