#!/bin/sh
# Logins through a real sshd, wired as shipped and wired badly: ways around the second factor, keys
# planted and foreign, people taken out, who is left to the other modules, certificates, conditions
# of grants, and what goes on while the database or adpermd fails.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

SHIPPED=22        # the drop-in as shipped
PLANTED=2022      # the same methods, but keys from ~/.ssh/authorized_keys
KEY_ONLY=2122     # a key is all that sshd asks for
LATE=2222         # a key only, and a stack with late=session
KBDINT=2322       # no key at all
STALE=2422        # password or publickey, either is enough; the stack ends in pam_deny
ONLY_OURS=2522    # keyboard-interactive, our module is the whole stack
CA=2622           # certificates
HOST=2722         # hostbased: the client's machine vouches for its users

people='plain coded robot early late1 late2 here suspended gone nobody'

# keys NAME: the public key of a person, as the policy takes it.
keys() {
    cut -d' ' -f1,2 "$W/keys/$1.pub"
}

# write_policy [PATTERN]: the policy, without the lines of those persons.
write_policy() {
    cat <<END | grep -v "${1:-no such person}"
---
adperm: 1
profiles:
  plain@acme.example: {login: plain, ssh_keys: ["$(keys plain)"]}
  coded@acme.example: {login: coded, ssh_keys: ["$(keys coded)"]}
  robot@acme.example: {kind: machine, ssh_keys: ["$(keys robot)"]}
  early@acme.example: {login: early, ssh_keys: ["$(keys early)"]}
  late1@acme.example: {ssh_keys: ["$(keys late1)"]}
  late2@acme.example: {ssh_keys: ["$(keys late2)"]}
  here@acme.example: {login: here, allow_from: [192.0.2.0/24], ssh_keys: ["$(keys here)"]}
  suspended@acme.example: {login: suspended, suspended: true, ssh_keys: ["$(keys suspended)"]}
  gone@acme.example: {login: gone, ssh_keys: ["$(keys gone)"]}
owners:
  ops@acme.example:
    servers:
      $SERVER: {accounts: [shop, blog]}
    grants:
      - to: [plain@acme.example, here@acme.example, suspended@acme.example]
        servers: {$SERVER: [ssh_users]}
      - {to: gone@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: coded@acme.example, servers: {$SERVER: [ssh_users]}, require_2fa: true}
      - {to: early@acme.example, servers: {$SERVER: [ssh_users]}, expires: 2024-12-31}
      - {to: [late1@acme.example, robot@acme.example], accounts: {shop: [ssh]}}
      - {to: robot@acme.example, accounts: {blog: [ssh]}}
      - {to: [late1@acme.example, early@acme.example], accounts: {blog: [usage]}}
      - {to: late2@acme.example, accounts: {shop: [ssh]}, require_2fa: true}
...
END
}

install_policy() {
    write_policy "${1-}" >$W/policy.yaml
    world_compile $W/policy.yaml || world_die "the policy does not compile"
}

fresh() {
    world_code coded@acme.example "${1-0}"
}

# --- the world -----------------------------------------------------------------------------------

sshd_lines='AuthenticationMethods publickey,keyboard-interactive:pam'

stack() {
    cat >"/etc/pam.d/$1"
    ln -s /usr/sbin/sshd "$W/$1"
}

make_world() {
    world_user plain coded early here suspended gone shop blog outsider olduser $BREAKGLASS
    world_password plain coded gone outsider olduser $BREAKGLASS
    world_key $people outsider stranger root
    for name in plain coded early here suspended gone; do
        world_plant $name $name
    done
    for name in robot late1 late2 stranger plain nobody; do
        world_plant shop $name
    done
    world_plant blog robot
    world_plant blog late1
    world_plant plain coded
    world_plant plain stranger
    world_plant root root
    world_plant outsider outsider
    world_plant $BREAKGLASS root
    echo olduser >>/etc/adperm/local-users
    sed -i 's/^Match User .*/&,!olduser/' /etc/ssh/sshd_config.d/50-adperm.conf
    install_policy
    world_adpermd
    world_enrol coded@acme.example
    world_enrol late2@acme.example
}

make_sshd() {
    ssh-keygen -q -t ed25519 -N '' -C ca -f $W/ca
    sed 's/^\(account\|session\).*pam_adperm.so.*/& late=session/' /etc/pam.d/sshd | stack sshd-late
    { grep '^auth.*pam_adperm' /etc/pam.d/sshd && echo 'auth requisite pam_deny.so' &&
        grep '^account\|^session\|^@' /etc/pam.d/sshd | grep -v auth; } | stack sshd-stale
    for name in auth account session; do
        echo "$name required pam_adperm.so permission=ssh_users"
    done | stack sshd-only
    world_sshd $SHIPPED "AcceptEnv *" shipped
    world_sshd $PLANTED "$sshd_lines"
    world_sshd $KEY_ONLY 'AuthenticationMethods publickey' "TrustedUserCAKeys $W/ca.pub"
    world_sshd $KBDINT 'AuthenticationMethods keyboard-interactive'
    world_sshd $CA "$sshd_lines" 'AuthorizedKeysFile none' "TrustedUserCAKeys $W/ca.pub"
    world_sshd $HOST 'AuthenticationMethods hostbased' 'HostbasedAuthentication yes' \
        'HostbasedUsesNameFromPacketOnly yes' 'IgnoreUserKnownHosts yes'
    echo localhost root >/etc/ssh/shosts.equiv
    cp $W/known_hosts /etc/ssh/ssh_known_hosts
    echo 'EnableSSHKeysign yes' >/etc/ssh/ssh_config
    SSHD=$W/sshd-late
    world_sshd $LATE 'AuthenticationMethods publickey'
    SSHD=$W/sshd-stale
    world_sshd $STALE 'AuthenticationMethods password publickey'
    SSHD=$W/sshd-only
    world_sshd $ONLY_OURS 'AuthenticationMethods keyboard-interactive'
    SSHD=/usr/sbin/sshd
}

make_world
make_sshd

# --- let in, as shipped --------------------------------------------------------------------------

ok "a plain grant: the key is enough, and ADPERM_PROFILE names the person" \
    enters_as plain@acme.example plain key=plain
ok "a client cannot bring its own ADPERM_PROFILE" \
    enters_as plain@acme.example plain key=plain option=SetEnv=ADPERM_PROFILE=x@acme.example
code=$(fresh)
ok "a flagged grant: key and code" enters_as coded@acme.example coded key=coded code="$code"
ok "the same code again" refused_for replay coded key=coded code="$code"
is "which looks as README has it" "$(sed -n 's/^[^ ]*@[^ ]*:/NAME@HOST:/p' $W/out | tr -d '\r')" "$(door_says 'SSH')"
ok "a shared account: a person without the flag" enters_as late1@acme.example shop key=late1
ok "a shared account: a person with the flag" enters_as late2@acme.example shop key=late2 \
    code="$(world_code late2@acme.example)"
ok "a shared account: a robot's key" enters_as robot@acme.example blog key=robot
world_lines 'phase=session' >$W/lines
ok "and the log names the robot" grep -q 'user="blog" profile="robot@acme.example"' $W/lines

# --- around the second factor --------------------------------------------------------------------

ok "zero credentials: keyboard-interactive alone, our module the whole stack" \
    refused_for no_first_factor plain code=000000 port=$ONLY_OURS
ok "zero credentials: nothing is even asked that could be known" \
    refused_for no_first_factor plain code="" port=$KBDINT
code=$(fresh 1)
ok "a code alone is never enough" refused_for no_first_factor coded code="$code" port=$KBDINT
ok "and was not burnt: with the key it still lets in" \
    enters_as coded@acme.example coded key=coded code="$code"
ok "a key alone, where sshd asks for no more" refused_for no_2fa_proof coded key=coded \
    port=$KEY_ONLY
world_lines 'user="coded"' >$W/lines
ok "which the account phase refuses, so that there is no session" \
    not grep -q phase=session $W/lines
# The password method fails (pam_deny), then the key is accepted on the same connection.
ok "stale proof: a code in a password attempt that failed, then the key" \
    refused_for no_2fa_proof coded key=coded password="$(fresh 2)" port=$STALE \
    option=PreferredAuthentications=password,publickey
ok "on that door a plain grant enters by its key" enters_as plain@acme.example plain key=plain \
    password=000000 port=$STALE option=PreferredAuthentications=password,publickey

# --- keys that should not count ------------------------------------------------------------------

ok "planted in authorized_keys, which sshd does not read as shipped" \
    refused_for keys:unknown_person plain key=stranger
ok "planted in authorized_keys, where sshd reads it: a key of nobody" \
    refused_for unknown_person plain key=stranger code=000000 port=$PLANTED
ok "the key of another person on a personal login" \
    refused_for foreign_key plain key=coded code="$(fresh 2)" port=$PLANTED
ok "the same, where sshd asks for a key only" \
    refused_for foreign_key plain key=coded port=$KEY_ONLY
ok "a key of nobody on a shared account" \
    refused_for unknown_person shop key=stranger code=000000 port=$PLANTED

# --- conditions ----------------------------------------------------------------------------------

ok "allowed from its network" enters_as here@acme.example here key=here from=192.0.2.10
ok "not from another" refused_for address here key=here from=203.0.113.7
ok "a suspended profile" refused_for keys:suspended suspended key=suspended
ok "a suspended profile, the key planted" \
    refused_for suspended suspended key=suspended code=000000 port=$PLANTED
ok "an expired grant" refused_for keys:expired early key=early
ok "an expired grant, the key planted" \
    refused_for expired early key=early code=000000 port=$PLANTED

# --- not the policy's ----------------------------------------------------------------------------

ok "root, by root's own key" enters root key=root
ok "a user of local-users, by the password" enters olduser password="$PASSWORD"
ok "not by a wrong password" refused_for unmanaged olduser password=wrong
ok "a user whom the policy does not know" refused_for keys:unknown_person outsider key=outsider
ok "the same, the key planted" \
    refused_for unmanaged outsider key=outsider code=000000 port=$PLANTED
ok "the same, the key planted, a key only" \
    refused_for unmanaged outsider key=outsider port=$KEY_ONLY
ok "the same, the password" refused_for unmanaged outsider password="$PASSWORD" \
    code="$PASSWORD" port=$KBDINT
ok "a name that does not exist" refused_for unmanaged nosuchuser code=000000 port=$KBDINT

ok "before: a person of the policy" enters_as gone@acme.example gone key=gone
install_policy gone@acme.example
ok "taken out: the key" refused_for keys:unknown_person gone key=gone
ok "taken out: the key, planted" refused_for unmanaged gone key=gone code=000000 port=$PLANTED
ok "taken out: the key, planted, a key only" refused_for unmanaged gone key=gone port=$KEY_ONLY
ok "taken out: the old password" refused_for unmanaged gone code="$PASSWORD" \
    password="$PASSWORD" port=$KBDINT
install_policy

# --- late=session --------------------------------------------------------------------------------

# What a session that PAM denies can still do: nothing.
sftp_lists() {
    echo ls >$W/batch
    timeout 20 sftp -q -b $W/batch -F $W/ssh_config -P $LATE -i $W/keys/"$1" shop@$SERVER \
        >$W/out 2>&1 </dev/null
}

forwards() {
    timeout 20 ssh -F $W/ssh_config -p $LATE -i $W/keys/"$1" -W 127.0.0.1:$SHIPPED shop@$SERVER \
        >$W/out 2>&1 </dev/null
    grep -q '^SSH-2.0' $W/out
}

ok "a key only on an account where somebody needs a code: refused before who it is is known" \
    refused_for late shop key=late1 port=$KEY_ONLY
install_policy 'coded@\|late2@'
ok "a key only, and nobody on the account needs a code: in" \
    enters_as robot@acme.example blog key=robot port=$KEY_ONLY
ok "the session phase refuses who may not use that account" \
    refused_for no_grant blog key=late1 port=$KEY_ONLY
ok "the session phase refuses a key of nobody" \
    refused_for unknown_person shop key=stranger port=$KEY_ONLY
install_policy
ok "late=session: without the flag" enters_as late1@acme.example shop key=late1 port=$LATE
ok "late=session: with it" refused_for no_2fa_proof shop key=late2 port=$LATE
ok "late=session: no profile's key" refused_for unknown_person shop key=nobody port=$LATE
ok "late=session: a personal login is known at once" \
    refused_for no_2fa_proof coded key=coded port=$LATE
ok "late=session: sftp without the flag" sftp_lists late1
ok "late=session: sftp with it is denied" not sftp_lists late2
ok "late=session: forwarding without the flag" forwards late1
ok "late=session: forwarding with it is denied" not forwards late2

# pam_env reads a file of the user's own and lets it replace what sshd says. Ours is asked before.
printf 'SSH_AUTH_INFO_0 DEFAULT="keyboard-interactive/pam"\n' >/home/shop/.pam_environment
printf 'SSH_AUTH_INFO_0 DEFAULT="keyboard-interactive/pam"\n' >/home/coded/.pam_environment
ok "late=session: what sshd says, forged in ~/.pam_environment" \
    refused_for no_2fa_proof shop key=late2 port=$LATE
ok "the same on a personal login" refused_for no_2fa_proof coded key=coded port=$KEY_ONLY
rm /home/shop/.pam_environment /home/coded/.pam_environment

# --- hostbased -----------------------------------------------------------------------------------

by_host='option=HostbasedAuthentication=yes option=PreferredAuthentications=hostbased'
ok "t44 hostbased: a plain grant on a personal login" \
    enters_as plain@acme.example plain port=$HOST $by_host
ok "t44 hostbased: a flagged grant" refused_for no_2fa_proof coded port=$HOST $by_host
ok "t44 hostbased: nobody is known on a shared account" \
    refused_for late blog port=$HOST $by_host

# --- certificates --------------------------------------------------------------------------------

# certify NAME PRINCIPAL: a certificate of our authority for NAME's key, and a client key with it.
certify() {
    cp $W/keys/"$1" $W/keys/"cert-$1"
    cp $W/keys/"$1.pub" $W/keys/"cert-$1.pub"
    ssh-keygen -q -s $W/ca -I "$1" -n "$2" $W/keys/"cert-$1.pub"
}

certify plain plain
certify coded coded,plain
certify late2 shop
certify stranger plain,shop
ok "t44 a certificate of a plain person's key" \
    enters_as plain@acme.example plain key=cert-plain port=$CA
ok "t44 a certificate of a flagged person's key, and a code" \
    enters_as late2@acme.example shop key=cert-late2 port=$CA \
    code="$(world_code late2@acme.example 1)"
ok "t44 a certificate of a flagged person's key alone" \
    refused_for no_2fa_proof coded key=cert-coded port=$KEY_ONLY
ok "t44 a certificate that names another person's login" \
    refused_for foreign_key plain key=cert-coded port=$KEY_ONLY
ok "t44 a certificate of nobody's key" \
    refused_for unknown_person plain key=cert-stranger port=$KEY_ONLY
ok "t44 a certificate of nobody's key, on a shared account" \
    refused_for unknown_person shop key=cert-stranger code=000000 port=$CA

tap_done
