# shellcheck shell=sh disable=SC2034,SC2086 # for the scripts that read this; paths without blanks
# Database servers in the world of world.sh: people who hold this and that, the files of their passwords,
# and what their servers' users may. To be read after world.sh and world_enter.

# Whose grants want a code; new is not enrolled.
DATABASE_CODED='bob carol dave erin frank gina new'

databases_policy() {
    printf -- '---\nadperm: 1\nprofiles:\n'
    for name in alice near nearby empty $DATABASE_CODED; do
        printf '  %s@acme.example: {login: %s}\n' $name $name
    done
    cat <<END_OF_POLICY
  pool@acme.example: {login: pool, kind: machine}
owners:
  ops@acme.example:
    servers: {$SERVER: {accounts: [acme-shop, blog]}}
    grants:
      - {to: alice@acme.example, servers: {$SERVER: [database_users]}}
      - {to: near@acme.example, servers: {$SERVER: [database_users]}, allow_from: [203.0.113.7]}
      - {to: nearby@acme.example, servers: {$SERVER: [database_users]}, allow_from: [203.0.113.0/24]}
      - {to: pool@acme.example, accounts: {acme-shop: [databases]}}
      - {to: carol@acme.example, accounts: {acme-shop: [databases]}, require_2fa: true}
      - {to: empty@acme.example, servers: {$SERVER: [consumption]}}
END_OF_POLICY
    for name in $DATABASE_CODED; do
        [ $name = carol ] || printf \
            '      - {to: %s@acme.example, servers: {%s: [database_users]}, require_2fa: true}\n' \
            $name $SERVER
    done
    printf '...\n'
}

# databases_passwords FILE OWNER MODE ROLE...: FILE.db for pam_userdb, in which each of these has the
# password $PASSWORD; made as DATABASES in pam_adperm(8) says.
databases_passwords() {
    passwords=$1 owner=$2 mode=$3
    shift 3
    for name; do
        printf '%s\n' "$name" "$PASSWORD_HASH" | (umask 077 && db5.3_load -T -t hash $passwords.db) ||
            world_die "cannot make $passwords.db"
    done
    chown $owner $passwords.db
    chmod $mode $passwords.db
}

# databases_client USER: that user may ask about codes, by the line for it in the adperm.conf shipped.
databases_client() {
    sed "s/^#\(client $1 \)/\1/" $W/src/conf/adperm.conf >/etc/adperm/adperm.conf
    grep -q "^client $1 " /etc/adperm/adperm.conf || world_die "adperm.conf has no line for $1"
    sed -i "s/^adperm-clients:.*/&,$1/" /etc/group
}

# database_wire OPTION... SERVICE: what it says is in $W/wire.out.
database_wire() {
    mkdir -p /var/lib/share
    cp -r $W/src/conf/pam.d /var/lib/share/
    chown -R 0:0 /var/lib/share
    chmod -R go-w /var/lib/share
    "$BUILD/adperm" wire --share /var/lib/share "$@" >$W/wire.out 2>&1 </dev/null
}

unwire() {
    "$BUILD/adperm" unwire "$@" >$W/wire.out 2>&1
}

# as USER COMMAND...: with all that this user is and has.
as() {
    as_user=$1
    shift
    setpriv --reuid=$as_user --regid=$as_user --init-groups --inh-caps=-all "$@"
}

# process_facts PID: what a module could have changed in the process that called it: descriptors
# (without the server's own data), signals, children, and the like.
process_facts() {
    for fd in /proc/$1/fd/*; do
        readlink $fd | grep -v /var/lib/ | tr -d 0-9
    done | sort | uniq -c
    grep -e '^Sig[BIC]' -e Umask -e Groups /proc/$1/status
    cat /proc/$1/task/*/children /proc/$1/comm
    readlink /proc/$1/cwd
    tr '\0' '\n' </proc/$1/environ
}

# at_rest PID: whether nobody is connected to that server any more, and no child of it is left.
at_rest() {
    ! grep -q '^ *[0-9]*: [0-9A-F:]* [0-9A-F:]* 0[18] ' /proc/net/tcp && [ -z "$(cat /proc/$1/task/*/children)" ]
}

# left_as FACTS PID: whether the process has these facts; what it has instead is told.
left_as() {
    process_facts $2 | diff $1 - >$1.differs || {
        sed 's/^/#   /' $1.differs
        return 1
    }
}

# ago MILLISECONDS NANOSECONDS: whether that clock, read with date +%s%N, is at least so long ago.
ago() {
    [ $((($(date +%s%N) - $2) / 1000000)) -ge $1 ]
}

# impatient FILE: from here on this stack refuses at once.
impatient() {
    sed -i '/pam_faildelay.so delay=/d' $1
}
