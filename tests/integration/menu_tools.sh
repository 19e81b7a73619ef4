#!/bin/sh
# What the shipped menus do, with the real nft, sshd, postfix and openssl: rules that stop packets, and
# never the connection of who makes them; the mail queue; the certificate that is served; the rest.
# shellcheck disable=SC2154,SC2317,SC2329 # out and code are set by menu and typed

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"
# shellcheck source=tests/integration/menu_world.sh
. "$top/tests/integration/menu_world.sh"
menu_install
menu_sudoers
world_user dave erin shop
world_key dave
cat >$W/policy.yaml <<END
---
adperm: 1
profiles:
  dave@acme.example: {login: dave, ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/dave.pub)"]}
  erin@acme.example: {login: erin}
owners:
  ops@acme.example:
    servers: {$SERVER: {accounts: [shop]}}
    grants:
      - {to: [dave@acme.example, erin@acme.example], overall: [technical_servers]}
...
END
world_compile $W/policy.yaml || world_die "the policy does not compile"
chgrp 113 /var/lib/adperm/policy.cdb
chmod 640 /var/lib/adperm/policy.cdb
world_adpermd
world_sshd 22 shipped

# --- the firewall, on a network of two

unshare -n sleep 600 &
OTHER=$!
world_wait "another network" sh -c "! [ /proc/$OTHER/ns/net -ef /proc/self/ns/net ]"
outside() {
    nsenter -t $OTHER -n "$@"
}
ip link add here type veth peer name there netns $OTHER
ip address add 198.51.100.1/24 dev here
ip link set here up
outside ip address add 198.51.100.2/24 dev there
outside ip link set there up
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $W/key.pem -out $W/cert.pem \
    -days 90 -subj /CN=shop.example -addext subjectAltName=DNS:shop.example,DNS:www.shop.example 2>/dev/null
openssl req -x509 -key $W/key.pem -out $W/short.pem -days 5 -subj /CN=short.example 2>/dev/null
openssl s_server -accept 443 -cert $W/cert.pem -key $W/key.pem -www >/dev/null 2>&1 &
openssl s_server -accept 8443 -cert $W/short.pem -key $W/key.pem -www >/dev/null 2>&1 &
reaches() {
    outside timeout "${2:-5}" openssl s_client -connect "198.51.100.1:$1" </dev/null >/dev/null 2>&1
}
world_wait "the TLS server" reaches 443
world_wait "the other TLS server" reaches 8443

menu erin firewall-list
is "at first" "$out" "There are no rules."
menu erin --yes firewall-block 198.51.100.0/24 443
is "a rule is made" "$out" "Done: block 198.51.100.0/24 port 443"
ok "and stops packets" not reaches 443 0.5
ok "but not those to other ports" reaches 8443
menu erin --yes firewall-block 198.51.100.0/24 443
is "twice is once" "$out" "That rule is there already."
menu erin firewall-allow 198.51.100.2
ok "an exception goes before it" reaches 443
menu erin firewall-list
is "the list has them in their order" "$out" "allow 198.51.100.2
block 198.51.100.0/24 port 443"
nft delete table inet adperm
ok "a table that is gone" reaches 443
menu erin firewall-remove 198.51.100.2
ok "is there again after the next change" not reaches 443 0.5
nft flush ruleset
/usr/lib/adperm/menu-firewall load
ok "and after the next start" not reaches 443 0.5
menu erin firewall-remove 198.51.100.0/24 443
ok "a rule is removed" reaches 443
menu erin firewall-remove 198.51.100.0/24
is "one that is not there: ends with 1" "$code" 1
menu erin --yes firewall-block 2001:db8::/32
is "IPv6" "$out" "Done: block 2001:db8::/32"
menu erin firewall-remove 2001:db8::/32
for wrong in 198.51.100.7/24 198.51.100 '1.2.3.4;reboot' --help 0x7f.1 ::ffff:1.2.3.4/120 fe80::1%eth0 ''; do
    menu erin --yes firewall-block "$wrong"
    is "'$wrong' is no network: ends with 2" "$code" 2
    out=$(as erin setsid -w sudo -n $MENU_DOORS/firewall_rules firewall-block "$wrong" 2>&1)
    is "and not on root's side" "$?" 2
done
menu erin --yes firewall-block 192.0.2.1 70000
is "nor is 70000 a port" "$code" 2
menu erin firewall-block 192.0.2.1
is "what wants to be confirmed, with nobody there: ends with 2" "$code" 2
menu erin --yes firewall-block 192.0.2.1 25 26
is "a word too many: ends with 2" "$code" 2
menu erin firewall-list
is "and nothing was done" "$out" "There are no rules."

# --- nobody cuts off the branch they sit on

# over WORD...: dave says it over ssh from 192.0.2.10. The words are for a shell there.
over() {
    try dave key=dave from=192.0.2.10 out=$W/over run="$*"
    out=$(cat $W/over)
}
over "$W/adperm-menu --yes firewall-block 192.0.2.0/24"
ok "not one's own address" says 'refused: "block 192.0.2.0/24" would cut your own SSH connection, from 192.0.2.10 to port 22'
over "SSH_CONNECTION='203.0.113.9 1 127.0.0.1 22' SSH_CLIENT='203.0.113.9 1 22' $W/adperm-menu --yes firewall-block 192.0.2.10"
ok "nor if the environment names another" says "would cut your own SSH connection"
over "$W/adperm-menu --yes firewall-block 0.0.0.0/0 22"
ok "nor everybody at sshd's port" says "would cut your own SSH connection"
over "$W/adperm-menu --yes firewall-block 192.0.2.10 25"
ok "another port is no harm" says "Done: block 192.0.2.10 port 25"
over "$W/adperm-menu --yes firewall-block 203.0.113.0/24"
ok "nor is another network" says "Done: block 203.0.113.0/24"
over "setsid -f sh -c 'sleep 0.3; $W/adperm-menu --yes firewall-block 192.0.2.10; : >/tmp/ended' >/tmp/said 2>&1
    until [ -e /tmp/ended ]; do sleep 0.1; done"
out=$(cat /tmp/said)
ok "nor from a process that has left the connection" says "would cut your own SSH connection"
over "$W/adperm-menu firewall-allow 192.0.2.10"
over "$W/adperm-menu --yes firewall-block 192.0.2.0/24"
ok "behind an exception for oneself" says "Done: block 192.0.2.0/24"
over "$W/adperm-menu firewall-remove 192.0.2.10"
ok "which then has to stay" says "would cut your own SSH connection"
gone() {
    ! grep -q ':0016 [0-9A-F:]* 0[18] ' /proc/net/tcp
}
world_wait "dave to go" gone
menu erin firewall-remove 192.0.2.10
is "somebody else, when dave has gone" "$out" "Removed: allow 192.0.2.10"
menu erin firewall-remove 192.0.2.0/24
over "sleep 60" &
world_wait "dave" pgrep -c -u dave sleep >/dev/null
menu erin --yes firewall-block 192.0.2.10
ok "who has no connection of their own cuts nobody's: in doubt, no" says "an SSH connection, which may be your own"
out=$(/usr/lib/adperm/menu-firewall list)
pkill -u dave sleep
is "refused is refused" "$out" "block 192.0.2.10 port 25
block 203.0.113.0/24"
echo 'block 203.0.113.0/24; drop' >/var/lib/adperm/firewall.rules
menu erin firewall-list
ok "a file of rules that is none is said to be so" says "firewall.rules:1: this is no rule"

# --- certificates, the web server, the rest

menu erin tls-show www.shop.example
ok "the certificate that is served" says "DNS:shop.example, DNS:www.shop.example"
is "good for a while" "$code" 0
menu erin tls-show short.example 8443
ok "one that expires" says "Certificate will expire"
is "ends with 1" "$code" 1
menu erin tls-show shop.example 9
is "no server there: ends with 2" "$code" 2
ok "and is said to be" says "no TLS server answered on port 9"

rm -rf /etc/logrotate.d /etc/nginx /etc/apache2
mkdir -p /etc/logrotate.d /etc/nginx/sites-available /etc/nginx/sites-enabled
menu erin http-show
ok "no web server" says "neither nginx nor apache2 is installed here"
printf '/var/log/nginx/*.log {\n\tdaily\n\trotate 14\n\tcompress # rotate 3\n}\n' >/etc/logrotate.d/nginx
: >/etc/nginx/sites-available/default
menu erin http-show
is "a web server" "$out" "nginx: the default site is off; 14 old logs are kept"
menu erin --yes http-retention 30
is "how many logs" "$(cat /etc/logrotate.d/nginx)" "/var/log/nginx/*.log {
	daily
	rotate 30
	compress # rotate 3
}"
menu erin --yes http-retention 401
is "not more than the menu allows" "$code" 2
menu erin http-default on
ok "the default site on" [ /etc/nginx/sites-enabled/default -ef /etc/nginx/sites-available/default ]
menu erin http-default off
ok "and off" [ ! -e /etc/nginx/sites-enabled/default ]
: >/etc/nginx/sites-enabled/default
menu erin http-default off
ok "a file that is no link is left alone" [ -e /etc/nginx/sites-enabled/default ]

for wrong in root dave daemon nosuch ../shop; do
    menu erin disk-account "$wrong"
    is "'$wrong' is no account: ends with 2" "$code" 2
done
menu erin account-processes shop
ok "what an account runs" says "COMMAND"
if [ ! -e /run/systemd/system ]; then
    menu erin --list
    ok "without systemd there are no limits to set" lacks limits-memory
else
    skip "without systemd there are no limits to set" "systemd is here"
fi

# --- who is told, and a note to them

mkdir -p /etc/adperm/templates
cp -r $W/src/conf/templates/* /etc/adperm/templates/
printf '#!/bin/sh\ncat >>%s/sent\n' $W >$W/sendmail
chmod 755 $W/sendmail
mount --bind $W/sendmail /usr/sbin/sendmail
menu erin contacts-list
is "who is told: ends with 0" "$code" 0
ok "the owner" says "ops@acme.example"
ok "and whoever holds it" says "erin@acme.example"
menu erin contacts-list shop
ok "about an account: the owner" says "ops@acme.example"
ok "and nobody who holds it of the server only" lacks "erin@acme.example"
echo "The disk of $SERVER is replaced tonight; \$(id) \`id\`." >$W/note
out=$(as erin setsid -w $W/adperm-menu contacts-note shop 2>&1 <$W/note)
is "a note: ends with 0" "$?" 0
ok "is mailed" grep -q '^To: .*ops@acme.example' $W/sent
ok "says who wrote it" grep -qxF "Subject: A note from erin@acme.example" $W/sent
ok "and about what" grep -qF "You are to be told about shop" $W/sent
ok "and what, with which no shell did anything" grep -qF 'replaced tonight; $(id) `id`.' $W/sent
menu erin contacts-note
is "without a text: ends with 2" "$code" 2
umount /usr/sbin/sendmail

# --- what there is to move

install -d -m 755 -o shop /home/shop/www
echo index >/home/shop/www/index.html
ln -s /etc/shadow /home/shop/link
mkdir -p /var/spool/cron/crontabs
echo '0 0 * * * true' >/var/spool/cron/crontabs/shop
menu erin migration-accounts
ok "the accounts, and no other users" [ "$(echo "$out" | awk '{ print $1, $3 }')" = "shop /home/shop" ]
mount -t tmpfs none /var/lib/mysql 2>/dev/null || mkdir -p /var/lib/mysql
mkdir -p /var/lib/mysql/mysql /var/lib/mysql/shop_blog
head -c 3145728 /dev/zero >/var/lib/mysql/shop_blog/t.ibd
menu erin migration-databases
ok "the databases" [ "$(echo "$out" | awk '$1 == "MariaDB" { print $2, $3, $4 }')" = "shop_blog 3.0 MiB" ]
menu erin migration-archives
is "no archives at first" "$out" "There are no archives."
for i in 1 2; do
    menu erin --yes migration-archive shop
    name=$(date -u +%F)-shop.tar.gz
    is "an archive of an account" "$out" "Done: $name"
done
menu erin migration-archives
is "is listed; today's is there once" "$(echo "$out" | awk '{ print $1 }')" "$name"
is "is root's alone" "$(stat -c '%U %a' /var/lib/adperm/migration /var/lib/adperm/migration/*)" "root 700
root 600"
as erin setsid -w $W/adperm-menu migration-fetch "$name" >$W/fetched
is "is fetched" "$(tar -tzf $W/fetched | grep -v '/\.' | sort | tr '\n' ' ')" \
    "home/shop/ home/shop/link home/shop/www/ home/shop/www/index.html var/spool/cron/crontabs/shop "
ok "with a link and not what it leads to" [ "$(tar -xzOf $W/fetched home/shop/link | wc -c)" -eq 0 ]
typed erin $W/adperm-menu migration-fetch "$name" </dev/null
ok "but not onto a terminal" says "adperm-menu migration-fetch $name >$name"
for wrong in .. .hidden ../../../etc/shadow /etc/shadow -rf; do
    menu erin --yes migration-delete "$wrong"
    is "'$wrong' is no archive: ends with 2" "$code" 2
    /usr/lib/adperm/menu-migration delete "$wrong" >/dev/null 2>&1
    is "nor for root's side by itself" "$?" 1
done
truncate -s 100M /home/shop/sparse
typed erin $W/adperm-menu --yes migration-archive shop <<END
expect MiB
expect Done: $name
END
is "on a terminal it says how far it is" "$code" 0
truncate -s 2G /home/shop/sparse
typed erin $W/adperm-menu --yes migration-archive shop <<END
expect MiB
send ^C
END
ok "an archive that is interrupted: does not end with 0" [ "$code" -ne 0 ]
is "and leaves the one before, and nothing else" "$(ls -A /var/lib/adperm/migration)" "$name"
rm /home/shop/sparse
chmod 777 /home
menu erin --yes migration-archive shop
ok "a home that others could put something else in the place of is left alone" says "refused: the home /home/shop"
chmod 755 /home
mount -t tmpfs -o size=1m none /var/lib/adperm/migration
chmod 700 /var/lib/adperm/migration
head -c 800000 /dev/urandom >/home/shop/large
menu erin --yes migration-archive shop
is "one that would take more than half of what is free: ends with 2" "$code" 2
is "and nothing is left of it" "$(ls -A /var/lib/adperm/migration)" ""
umount /var/lib/adperm/migration
menu erin --yes migration-delete "$name"
is "is deleted" "$out" "Deleted: $name"
is "for good" "$(ls -A /var/lib/adperm/migration)" ""

# --- the mail queue

postdrop=$(stat -c %g /usr/sbin/postdrop)
printf 'postfix:x:114:114::/var/spool/postfix:/usr/sbin/nologin\n' >>/etc/passwd
printf 'postfix:x:114:\npostdrop:x:%s:\n' "$postdrop" >>/etc/group
mkdir -p /var/spool/postfix /var/lib/postfix
chown postfix /var/lib/postfix
cat >/etc/postfix/main.cf <<END
compatibility_level = 3.6
myhostname = $SERVER
inet_interfaces = loopback-only
defer_transports = smtp
relayhost = [127.0.0.1]:9
mydestination =
maillog_file = /var/log/postfix
alias_maps =
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
END
sed -i 's/^\(smtp  *inet.*\)/#\1/; s/^\([a-z]* *[a-z]* *[-ny]* *[-ny]* *\)y /\1n /' /etc/postfix/master.cf
postfix start >$W/postfix.out 2>&1 || world_die "postfix: $(cat $W/postfix.out /var/log/postfix)"
printf 'Subject: one\n\n.\n' | sendmail -f shop@acme.example you@example.org
# In the queue of deferred mail; before that it is in another, under another id.
deferred() {
    id=$(find /var/spool/postfix/deferred -type f -printf '%f' 2>/dev/null)
    [ -n "$id" ]
}
world_wait "a message in the queue" deferred
menu erin postfix-queue
ok "the queue" says "you@example.org"
menu erin --yes postfix-delete ALL
is "not all of it at once: ends with 2" "$code" 2
out=$(as erin setsid -w sudo -n $MENU_DOORS/smtp_configuration postfix-delete ALL 2>&1)
is "and not on root's side" "$?" 2
menu erin postfix-flush
is "a flush" "$code" 0
world_wait "the message to be put back" deferred
menu erin --yes postfix-delete "$id"
ok "one message" says "Deleted: 1 message"
menu erin postfix-queue
ok "and the queue is empty" says "Mail queue is empty"
postfix stop >/dev/null 2>&1

tap_done
