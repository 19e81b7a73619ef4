# shellcheck shell=sh disable=SC2034,SC2086 # for the scripts that read this; paths without blanks
# The admin menus in the world of world.sh: real sudo with the shipped sudoers.d/adperm and pam.d files,
# the programs where a package would put them, and people who hold this and that. To be read after
# world.sh and world_enter.

MENU_DOORS=/usr/lib/adperm/menu

# /usr/lib and /usr/sbin with our programs in them, for this world only.
menu_install() {
    for menu_dir in lib sbin; do
        mkdir -p $W/$menu_dir-new $W/$menu_dir-work
        mount -t overlay overlay -o "lowerdir=/usr/$menu_dir,upperdir=$W/$menu_dir-new,workdir=$W/$menu_dir-work" \
            /usr/$menu_dir || world_die "cannot lay anything over /usr/$menu_dir"
    done
    cp $W/security/pam_adperm.so "$(dirname "$(ls /usr/lib/*/security/pam_unix.so)")"
    mkdir -p $MENU_DOORS
    cp "$BUILD"/menu-contact "$BUILD"/menu-firewall "$BUILD"/menu-held "$BUILD"/menu-http \
        "$BUILD"/menu-migration "$BUILD"/menu-run "$BUILD"/menu-tls /usr/lib/adperm/
    cp "$BUILD/adperm" /usr/sbin/adperm
    cp "$BUILD"/menu/* $MENU_DOORS
    cp "$BUILD/adperm-menu" $W/adperm-menu
    chmod 755 $W
    cp $W/src/conf/pam.d/adperm-* /etc/pam.d/
    cp -r $W/src/conf/menus.d /etc/adperm/
    chown -R 0:0 /etc/adperm /usr/lib/adperm
    chmod -R go-w /etc/adperm /usr/lib/adperm
}

# sudo as Debian has it, and our file. "$@": further lines of the sudoers.
menu_sudoers() {
    rm -rf /etc/sudoers /etc/sudoers.d /etc/sudo.conf
    mkdir -m 750 /etc/sudoers.d
    install -m 440 $W/src/conf/sudoers.d/adperm /etc/sudoers.d/adperm
    {
        printf 'Defaults env_reset, use_pty\nDefaults lecture=never\n'
        echo 'root ALL=(ALL:ALL) ALL'
        for menu_line; do
            echo "$menu_line"
        done
        echo '@includedir /etc/sudoers.d'
    } >/etc/sudoers
    chmod 440 /etc/sudoers
    echo "127.0.0.1 $(hostname)" >>/etc/hosts
    for menu_type in auth account session; do
        echo "@include common-$menu_type"
    done >/etc/pam.d/sudo
}

# alice has the firewall with a code and disk use without; carol everything with a code; bob disk use;
# nobody gave none anything, and late and away have what does not count; new is not enrolled; outsider
# is in no policy; shop is an account.
menu_people() {
    world_user alice bob carol none late away new outsider shop
    world_key bob
    world_password alice outsider
    cat >$W/policy.yaml <<END
---
adperm: 1
profiles:
  alice@acme.example: {login: alice, name: Alice Märtin}
  bob@acme.example: {login: bob, ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/bob.pub)"]}
  carol@acme.example: {login: carol}
  none@acme.example: {login: none}
  late@acme.example: {login: late}
  away@acme.example: {login: away, suspended: true}
  new@acme.example: {login: new}
owners:
  ops@acme.example:
    servers: {$SERVER: {accounts: [shop]}}
    grants:
      - {to: alice@acme.example, servers: {$SERVER: [firewall_rules]}, require_2fa: true}
      - {to: [alice@acme.example, bob@acme.example], servers: {$SERVER: [consumption]}}
      - {to: bob@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: carol@acme.example, overall: [technical_servers], require_2fa: true}
      - {to: none@acme.example, accounts: {shop: [sites]}}
      - {to: late@acme.example, servers: {$SERVER: [consumption]}, expires: 2020-01-01}
      - {to: [away@acme.example, new@acme.example], servers: {$SERVER: [consumption]}, require_2fa: true}
...
END
    world_compile $W/policy.yaml || world_die "the policy does not compile"
    chgrp 113 /var/lib/adperm/policy.cdb
    chmod 640 /var/lib/adperm/policy.cdb
    world_adpermd
    world_enrol alice@acme.example
    world_enrol carol@acme.example
}

# as USER COMMAND...: runs it as that user, who has just logged in.
as() {
    as_user=$1
    shift
    (cd / && HOME=/home/$as_user USER=$as_user setpriv --reuid "$as_user" --regid "$as_user" --init-groups \
        timeout 60 "$@")
}

# menu USER WORD...: adperm-menu without a terminal; what it says in $out, how it ends in $code.
menu() {
    menu_user=$1
    shift
    world_mark
    out=$(as "$menu_user" setsid -w $W/adperm-menu "$@" 2>&1 </dev/null)
    code=$?
}

# typed USER PROGRAM...: on a terminal, where standard input is what to expect and type.
typed() {
    typed_user=$1
    shift
    world_mark
    out=$(as "$typed_user" env TERM="${TERMINAL-xterm}" \
        "$BUILD/tests/integration/onterminal" "$@" 2>&1)
    code=$?
    [ $code -ne 125 ] || echo "$out" | cat -v | sed 's/^/#   /'
}

says() {
    case $out in *"$1"*) return 0 ;; esac
    echo "$out" | sed 's/^/#   /'
    return 1
}

lacks() {
    case $out in *"$1"*) return 1 ;; esac
}
