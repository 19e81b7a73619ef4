#!/bin/sh
# From a line of the policy to the first login and back, with the real postfix, a real mail server on
# loopback, and the real ssh: somebody is granted something, is invited by `apply`, takes the invitation
# up on a terminal, logs in with key and code, gives all of it back, and is refused at once.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
# shellcheck source=tests/integration/self_world.sh
. "$top/tests/integration/self_world.sh"
world_enter "$0" "$@"

OWNER=ops@acme.example
NEW=nora@agency.example
sink=$W/sink

keys() {
    cut -d' ' -f1,2 "$W/keys/$1.pub"
}

# write_policy [GRANT]: of somebody who is there already, and of whoever comes.
write_policy() {
    cat <<END
---
adperm: 1
profiles:
  alice@acme.example: {login: alice, ssh_keys: ["$(keys alice)"]}
owners:
  $OWNER:
    servers:
      $SERVER: {accounts: [shop]}
    grants:
      - {to: alice@acme.example, servers: {$SERVER: [ssh_users]}}
${1:+      $1}
...
END
}

# Mail goes by postfix, which hands it to a mail server of ours.
start_mail() {
    printf 'postfix:x:114:114::/var/spool/postfix:/usr/sbin/nologin\n' >>/etc/passwd
    printf 'postfix:x:114:\npostdrop:x:%s:\n' "$(stat -c %g /usr/sbin/postdrop)" >>/etc/group
    mkdir -p /var/spool/postfix /var/lib/postfix $sink
    chown postfix /var/lib/postfix
    cat >/etc/postfix/main.cf <<END
compatibility_level = 3.6
myhostname = $SERVER
inet_interfaces = loopback-only
relayhost = [127.0.0.1]:2525
mydestination =
maillog_file = /var/log/postfix
alias_maps =
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
END
    sed -i 's/^\(smtp  *inet.*\)/#\1/; s/^\([a-z]* *[a-z]* *[-ny]* *[-ny]* *\)y /\1n /' /etc/postfix/master.cf
    postfix start >$W/postfix.out 2>&1 || world_die "postfix: $(cat $W/postfix.out /var/log/postfix)"
    $top/tests/integration/smtpsink.py 2525 $sink >$W/sink.out 2>&1 &
    world_wait "the mail server" grep -q ready $W/sink.out
}

arrived() {
    mail=$(grep -l "^RCPT $1" $sink/*.eml 2>/dev/null)
    [ -n "$mail" ]
}

# On a terminal: where a PIN is to be shown there must be one.
apply() {
    write_policy "$@" >$W/policy.yaml
    "$BUILD/tests/integration/onterminal" "$BUILD/adperm" apply --yes --allow-lockout --server $SERVER --adperm-people "$BUILD/adperm-people" --invite $W/policy.yaml \
        >$W/applied 2>&1 </dev/null
}

world_user alice shop $BREAKGLASS
world_key alice nora
world_adpermd
self_world
start_mail
world_sshd 22 shipped
ok "a policy is applied, and nobody is new in it" apply
ok "somebody is granted something, and invited" \
    apply "- {to: $NEW, accounts: {shop: [ssh, sites]}, require_2fa: true}"
invite_pin=$(grep -oE '\b[0-9]{6}\b' $W/applied | head -n 1)
ok "the PIN is on the sysadmin's screen" [ -n "$invite_pin" ]
world_wait "the mail" arrived $NEW
is "in one mail" "$(grep -l "^RCPT $NEW" $sink/*.eml | wc -l)" 1
ok "which says by whom" grep -q $OWNER $mail
ok "on which server" grep -q $SERVER $mail
ok "and what to type" grep -q "ssh adperm@$SERVER" $mail
ok "the PIN is not in it" not grep -q $invite_pin $mail
invite_email=$NEW
invite_code=$(sed -n 's/.* \([a-z2-7]\{4\}\(-[a-z2-7]\{4\}\)\{6\}\)$/\1/p' $mail)
ok "before: the key opens nothing" refused_for keys:unknown_person shop key=nora
{ invited_steps; give_key nora; factor_steps; } | door
ok "they take it up" ended 0
ok "and log in with key and code" \
    enters_as $NEW shop key=nora code="$(world_code $NEW)"
"$BUILD/adperm" explain --people /var/lib/adperm/people --profile $NEW --permission account.ssh --account shop >$W/said 2>&1
ok "explain says why" grep -q 'allow with 2FA' $W/said
{ echo 'expect Verification or invitation code'; echo 'send \r'; echo 'expect Number, or q'; echo 'send 6\r'; echo 'expect Go on? [y/N]'
    echo 'send y\r'; echo 'expect Verification code'; echo "send $(world_code $NEW 1)\\r"; echo 'expect given back'; } | door key=nora
ok "they give it back, by their key and a code" ended 0
ok "and are refused at once" refused_for keys:renounced shop key=nora
ok "somebody else is not" enters_as alice@acme.example alice key=alice
postfix stop >/dev/null 2>&1
tap_done
