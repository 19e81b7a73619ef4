#!/bin/sh
# Before a policy is installed somebody of it goes through a copy of the stack of sshd, and what is wrong
# with that stack is told: nobody is locked out by another module than ours, and the first policy is
# not installed where there is a way around it.
# shellcheck disable=SC2086 # words of options here have no blanks
# shellcheck disable=SC2154 # out, err and code are set by applying.sh
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

# shellcheck source=tests/integration/applying.sh
. "$top/tests/integration/applying.sh"

stage=/var/lib/adperm/policy.rehearsal
printf '%s\n' 'Include /etc/ssh/sshd_config.d/*.conf' 'UsePAM yes' >/etc/ssh/sshd_config
set -- --yes --server $SERVER
real="--rehearse $BUILD/adperm-rehearse"

edit() { sed -i "$1" "$2"; }
prepend() { { echo "$2" && cat "$1"; } >$W/new && cat $W/new >"$1"; }
# behind_ours LINE: into the account part of the stack, where adperm has said yes.
behind_ours() {
    edit "/^account required .*pam_adperm/a $1" /etc/pam.d/sshd
}
# changed WHAT COMMAND...: as the command leaves the doors, until unchanged.
changed() {
    cp -a /etc/pam.d /etc/ssh $W/
    "$@"
}
unchanged() {
    cp -a $W/pam.d $W/ssh /etc/
    rm -rf $W/pam.d $W/ssh
}
# another: a policy that is not the installed one.
another=0
another() {
    another=$((another + 1))
    write_policy "${1-}"
    echo "# $another" >>$policy
}

# --- the first policy, and a way around it

# lax NAME TEXT COMMAND...: after that command the first policy is refused, and the finding is told.
lax() {
    lax_name=$1 lax_text=$2
    shift 2
    changed "$@"
    refuses "$lax_name" 1 "the first policy would count for nothing" $apply
    ok "$lax_name: says what" matches "$err" "$lax_text"
    unchanged
}
apply="$real $*"
lax t112_sufficient "lets in, in the account phase of sshd" \
    edit 's/^account required .*pam_adperm/account sufficient pam_adperm/' /etc/pam.d/sshd
lax t112_optional "lets in, in the session phase" \
    edit 's/^session required .*pam_adperm/session optional pam_adperm/' /etc/pam.d/sshd
lax t112_default_ignore "lets in, in the auth phase" \
    edit 's/^auth .*pam_adperm/auth [success=done default=ignore] pam_adperm/' /etc/pam.d/sshd
lax t112_authinfo_unavail_ignore "lets in, in the account phase" \
    edit 's/^account required .*pam_adperm/account [success=ok authinfo_unavail=ignore default=die] pam_adperm/' /etc/pam.d/sshd
lax t112_no_account_line "not in the account phase" edit '/^account required .*pam_adperm/d' /etc/pam.d/sshd
lax t112_UsePAM_no "UsePAM is not yes" prepend /etc/ssh/sshd_config 'UsePAM no'
lax t112_PermitEmptyPasswords "PermitEmptyPasswords is yes" prepend /etc/ssh/sshd_config 'PermitEmptyPasswords yes'
lax t112_no_AuthenticationMethods "codes could be skipped" prepend /etc/ssh/sshd_config 'Match User *
AuthenticationMethods any
Match all'
apply="$real $* --allow-lockout"
lax t112_no_leave_to_lock_out_helps "lets in, in the account phase of sshd" \
    edit 's/^account required .*pam_adperm/account sufficient pam_adperm/' /etc/pam.d/sshd

# --- somebody gets in

world_mark
changed edit 's/^account required .*pam_adperm/-&/' /etc/pam.d/sshd
installs "the first policy" $real "$@"
ok "t112_a_dash_is_told" matches "$err" "with a dash before it, nobody is told when pam_adperm.so is missing"
unchanged
ok "t112_somebody_gets_in" matches "$out" "Rehearsed on /etc/pam.d/sshd: alice@acme.example gets in."
rehearsals() {
    world_lines ' v=1 rehearsal phase=account '
}
ok "by what is installed only now" matches "$(rehearsals)" \
    'dec=allow reason=ok svc="sshd" user="alice" profile="alice@acme.example"'
is "with the key" "$(rehearsals | world_field key)" "$(ssh-keygen -lf $W/keys/alice.pub | cut -d' ' -f2)"
is "which is no login in the log" "$(world_lines ' v=1 phase=' | grep -c ' user="alice"')" 0
sed 's/^/Nov 22 05:12:33 web1 /' $W/log >$W/auth.log
logged() {
    "$adperm" log --all --user alice --file $W/auth.log >$W/out
}
ok "nor to adperm log" not logged
ok "nothing is left of it" [ ! -e $stage ]

# --- nobody gets in

another
for line in 'account required pam_deny.so' 'account requisite pam_nologin.so file=/etc/passwd' \
    'account required pam_succeed_if.so quiet user != alice'; do
    changed behind_ours "$line"
    refuses "t112_a_stack_that_keeps_everybody_out ($line)" 1 "nobody gets through /etc/pam.d/sshd" $real "$@"
    ok "t112_names_what_PAM_says" matches "$err" "of 1 tried who need no code; alice@acme.example: account "
    ok "as a lock-out" matches "$err" "--allow-lockout does it nevertheless"
    unchanged
done
refuses_for_programs() {
    changed behind_ours 'account required pam_deny.so'
    refuses "for programs" 1 "nobody gets through" $real "$@" --json
    unchanged
}
refuses_for_programs "$@"
is "it is an object" "$(echo "$out" | python3 -c '
import json, sys
door = json.load(sys.stdin)["door"]
print(door["asks"], door["findings"], door["rehearsed"], door["passed"], door["not_rehearsed"], door["said"].split(": ")[0])')" \
    "True [] 1 None None alice@acme.example"
echo later >/etc/nologin
refuses "t112_nologin" 1 "or a file like /etc/nologin" $real "$@"
rm /etc/nologin
# careless WORD...: by a parent that has its children's ends thrown away.
careless() {
    env --ignore-signal=CHLD $BUILD/adperm "$@"
}
changed behind_ours 'account required pam_deny.so'
adperm=careless
refuses "t112_whoever_calls" 1 "nobody gets through /etc/pam.d/sshd" $real "$@"
adperm=$BUILD/adperm
installs "t112_unless_it_is_said" --allow-lockout $real "$@"
unchanged

# --- one of several

world_user dora
world_key dora
another
sed -i "s|^  alice@.*|&\n  dora@acme.example: {login: dora, ssh_keys: [\"$(keys dora)\"]}|
    s|^      - {to: alice@.*|&\n      - {to: dora@acme.example, servers: {$SERVER: [ssh_users]}, allow_from: [192.0.2.0/24]}|" $policy
changed behind_ours 'account required pam_succeed_if.so quiet user != alice'
world_mark
installs "if another one gets in" $real "$@"
ok "it will do" matches "$out" "dora@acme.example gets in"
is "from where they may" "$(rehearsals | grep dora@ | world_field rhost)" 192.0.2.0
unchanged

# --- with a key that is beside the policy

world_key spare
world_adpermd
printf -- '---\nadperm: 1\nprofiles: {dora@acme.example: {login: dora}}\n...\n' >$W/dora.yaml
registers() {
    "$adperm" profile key add dora@acme.example $W/keys/spare.pub --policy $W/dora.yaml \
        --adperm-people $BUILD/adperm-people >$W/out 2>&1
}
ok "a key is registered" registers
another 'to: alice'
sed -i "s|^  alice@.*|&\n  dora@acme.example: {login: dora}|
    s|^      - {to: bob.*ssh_users\].*|&\n      - {to: dora@acme.example, servers: {$SERVER: [ssh_users]}}|" $policy
world_mark
installs "who has registered one" $real "$@"
ok "gets in" matches "$out" "dora@acme.example gets in"
is "by it" "$(rehearsals | world_field key)" "$(ssh-keygen -lf $W/keys/spare.pub | cut -d' ' -f2)"

# --- a way around a later policy

another
changed edit 's/^account required .*pam_adperm/account sufficient pam_adperm/' /etc/pam.d/sshd
installs "t112_a_later_policy_does_not_wait" $real "$@"
ok "t112_but_it_is_said" matches "$err" "warning: /etc/pam.d/common-account:3: lets in"
another
installs "for programs" $real "$@" --json
is "so it is" "$(echo "$out" | python3 -c '
import json, sys
door = json.load(sys.stdin)["door"]
print([(f["grave"], "of sshd" in f["finding"], f["advice"] != "") for f in door["findings"]], door["passed"])')" \
    "[(True, True, True)] alice@acme.example"
unchanged

# --- nothing to rehearse

world_enrol bob@acme.example
another 'to: alice'
installs "who needs a code" $real "$@"
ok "is not tried" matches "$out" "No login was rehearsed: whoever could log in is asked for a code"
another
installs "without the program" "$@" --rehearse /usr/lib/adperm/there-is-none
ok "nobody is" matches "$out" "No login was rehearsed: /usr/lib/adperm/there-is-none: No such file"
printf '#!/bin/sh\nexit 2\n' >$W/unable
chmod 755 $W/unable
another
installs "nor by one that cannot" "$@" --rehearse $W/unable
ok "which is said" matches "$out" "No login was rehearsed: $W/unable: could not try"
installs "nor with a database of such a name" $real "$@" --db '/var/lib/adperm/a b.cdb'
ok "which is said, too" matches "$out" "a line of pam.d cannot hold such a path"
another
changed edit '/pam_adperm/d' /etc/pam.d/sshd
installs "where sshd does not ask" $real "$@"
ok "there is nothing to try" matches "$out" "sshd does not ask adperm; see \`adperm wire sshd\`"
unchanged
another
changed prepend /etc/pam.d/common-account 'acount required pam_unix.so'
installs "a stack that nobody understands" $real "$@"
ok "is told" matches "$err" "warning: /etc/pam.d/common-account:1: begins with none of"
ok "and not tried" matches "$out" "No login was rehearsed: /etc/pam.d: the stack of sshd is not understood"
unchanged

# --- what is left of one that was killed

cat >$W/killer <<'END'
#!/bin/sh
ls /var/lib/adperm/policy.rehearsal >/run/world/staged
kill -9 $PPID
END
chmod 755 $W/killer
another
cp $db $W/before.cdb
try_apply "$@" --rehearse $W/killer 2>/dev/null
is "killed in the middle" "$code" 137
ok "t15_nothing_is_installed" cmp $db $W/before.cdb
ok "there is what was tried" grep -qx sshd $W/staged
ok "still" [ -d $stage ]
installs "t15_the_next_one_goes_through, though it tries nobody" "$@"
ok "t15_and_sweeps_it" [ ! -e $stage ]

tap_done
