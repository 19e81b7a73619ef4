#!/bin/sh
# Real PostgreSQL whose pg_hba.conf says pam, with the stack of conf/pam.d/postgresql and psql: who gets
# in with what, that all refusals look alike, that the user postgres can do no more than it must, and
# that the backend is left as PAM without us leaves it.
# shellcheck disable=SC2046,SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"
# shellcheck source=tests/integration/databases_world.sh
. "$top/tests/integration/databases_world.sh"

bin=$(find /usr/lib/postgresql /usr/bin -name initdb 2>/dev/null | sort | tail -n 1)
bin=${bin%/initdb}
data=/var/lib/postgresql/data
roles='acme-shop_alice acme-shop_carol acme-shop_nearby acme-shop_pool blog_carol nearby'
logins='alice near empty outsider pool bob carol dave erin frank gina new'
long=acme-shop_$(printf %053d 0) # as much of a name as PostgreSQL takes

make_cluster() {
    mkdir -p $data /run/postgresql
    chown -R postgres: /var/lib/postgresql /run/postgresql
    as postgres $bin/initdb --no-sync -A peer -D $data >$W/initdb.out 2>&1 || world_die "$(cat $W/initdb.out)"
    cat >>$data/postgresql.conf <<END_OF_CONF
listen_addresses = '127.0.0.1,192.0.2.10,203.0.113.7'
unix_socket_directories = '/run/postgresql'
fsync = off
shared_buffers = 2MB
log_line_prefix = '%u '
END_OF_CONF
    cat >$data/pg_hba.conf <<END_OF_HBA
local all  postgres       peer
local all  all            pam pamservice=postgresql
host  bare all      all   pam pamservice=bare
host  away all      all   pam pamservice=elsewhere
host  named all     all   pam pamservice=postgresql pam_use_hostname=1
host  all  all      all   pam pamservice=postgresql
END_OF_HBA
    as postgres $bin/postgres -D $data >$W/postgres.out 2>&1 &
    POSTGRES_PID=$!
    world_wait postgres grep -qs "ready to accept" $W/postgres.out
    for name in $roles $logins $long; do
        echo "CREATE ROLE \"$name\" LOGIN;"
    done | as postgres psql -q -h /run/postgresql >/dev/null || world_die "cannot make the roles"
    for name in shop bare away named; do
        as postgres psql -q -h /run/postgresql -c "CREATE DATABASE $name" || world_die "cannot make $name"
    done
}

make_world() {
    [ -n "$bin" ] || world_die "PostgreSQL is missing: run ./bootstrap deps first"
    world_user postgres
    databases_policy >$W/policy.yaml
    world_compile $W/policy.yaml || world_die "the policy does not compile"
    ok "wire: refused while the user postgres may not read the policy" not database_wire --yes postgresql
    ok "wire: says what to do" grep -q 'usermod -aG adperm-clients postgres' $W/wire.out
    databases_client postgres
    ok "wire: refused without somebody who says yes" not database_wire postgresql
    ok "wire: refused with users to leave" not database_wire --yes --leave root postgresql
    ok "wire: a dry run" database_wire --dry-run postgresql
    ok "wire: has changed nothing so far" [ ! -e /etc/pam.d/postgresql ]
    ok "wire" database_wire --yes postgresql
    ok "wire: says what else it needs" grep -q 'pam pamservice=postgresql' $W/wire.out
    ok "wire: is what is shipped" cmp /etc/pam.d/postgresql $W/src/conf/pam.d/postgresql
    ok "wire: again, nothing to do" database_wire --yes postgresql
    ok "wire: and says so" grep -q 'wired already' $W/wire.out
    world_adpermd
    for name in bob carol dave erin frank gina; do
        world_enrol $name@acme.example
    done
    "$BUILD/adperm" totp recovery --raw erin@acme.example >$W/secrets/recovery
    databases_passwords /etc/adperm/postgresql root:postgres 640 $roles $logins postgres nowhere $long
    echo '203.0.113.7 near.example' >>/etc/hosts
    cp /etc/pam.d/postgresql /etc/pam.d/elsewhere
    sed '/pam_adperm/d; s/use_first_pass//' /etc/pam.d/postgresql >/etc/pam.d/bare
    echo 'account required pam_permit.so' >>/etc/pam.d/bare
    cp /etc/pam.d/postgresql /etc/pam.d/rootdoor
    make_cluster
}

# sql ROLE PASSWORD [HOST [DATABASE]]
sql() {
    PGPASSWORD=$2 timeout 30 psql -X -At -h ${3:-127.0.0.1} -U "$1" -d ${4:-shop} \
        -c "select 'IN ' || current_user" 2>&1
}

# in_as ROLE PASSWORD [HOST [DATABASE]]
in_as() {
    said=$(sql "$@")
    [ "$said" = "IN $1" ] || {
        echo "#   $said"
        return 1
    }
}

# facts_of ROLE PASSWORD DATABASE: of the backend of that login, into $W/facts.DATABASE.
facts_of() {
    mkfifo $W/ask.$3
    PGPASSWORD=$2 psql -X -At -h 127.0.0.1 -U $1 -d $3 <$W/ask.$3 >$W/pid.$3 2>&1 &
    exec 8>$W/ask.$3
    echo 'select pg_backend_pid();' >&8
    world_wait "a backend" test -s $W/pid.$3
    process_facts "$(cat $W/pid.$3)" >$W/facts.$3
    exec 8>&-
}

# refused ROLE...: as in_as, the other way round.
refused() {
    not sql "$@" >"$W/refused.$1.out"
}

# adpermd refuses the user postgres, and says so.
refuses_postgres() {
    as postgres $BUILD/adperm totp "$@" bob@acme.example >$W/totp.out 2>&1 && return 1
    grep -q 'adpermd takes this from root only' $W/totp.out
}
root_door() {
    echo "$2" | pamtester rootdoor $1 authenticate >$W/out 2>&1
}

make_world

# --- who gets in

code=$(world_code dave@acme.example)
at_once plain in_as alice $PASSWORD
at_once pair in_as acme-shop_alice $PASSWORD
at_once code in_as bob $PASSWORD$(world_code bob@acme.example)
at_once coded_pair in_as acme-shop_carol $PASSWORD$(world_code carol@acme.example)
at_once dave in_as dave $PASSWORD$code
at_once recovery in_as erin "$PASSWORD $(head -n 1 $W/secrets/recovery)"
at_once near in_as near $PASSWORD 203.0.113.7
at_once near_pair in_as acme-shop_nearby $PASSWORD 203.0.113.7
at_once socket in_as acme-shop_pool $PASSWORD /run/postgresql
met
ok "a login, whose grant wants no code" came plain
ok "account_login, by what database_users brings" came pair
ok "a login, with the code behind the password" came code
ok "account_login, with a code" came coded_pair
ok "another login with a code" came dave
ok "a recovery code behind a blank" came recovery
ok "a grant for some addresses, from one of them" came near
ok "account_login likewise" came near_pair
ok "on the Unix socket" came socket

# --- who does not, and what they see of it

begin=$(date +%s%N)
refused alice guessed
ok "a refusal takes a second or more" ago 1000 $begin
impatient /etc/pam.d/postgresql
world_mark
spent=$(world_code frank@acme.example)
at_once alice refused alice guessed
at_once bob refused bob $PASSWORD
at_once carol refused carol $PASSWORD
at_once acme-shop_carol refused acme-shop_carol ${PASSWORD}000000
at_once dave refused dave $PASSWORD$code
at_once new refused new ${PASSWORD}123456
at_once frank refused frank guessed$spent
at_once empty refused empty $PASSWORD
at_once blog_carol refused blog_carol $PASSWORD
at_once outsider refused outsider $PASSWORD
at_once nowhere refused nowhere $PASSWORD
at_once absent refused absent $PASSWORD
at_once postgres refused postgres $PASSWORD
at_once near refused near $PASSWORD 192.0.2.10
at_once nearby refused acme-shop_nearby $PASSWORD /run/postgresql
at_once named refused nearby $PASSWORD 203.0.113.7 named
for turn in 1 2 3 4 5 6 7; do
    at_once guess.$turn refused gina ${PASSWORD}11111$turn
done
at_once long refused ${long}9 $PASSWORD
unasked=$(world_code erin@acme.example)
at_once erin refused erin $PASSWORD$unasked 127.0.0.1 away
met
for row in 'bob bad_code' 'carol no_grant' 'acme-shop_carol bad_code' 'dave replay' 'new not_enrolled' \
    'empty no_grant' 'blog_carol no_grant' 'outsider unmanaged' 'nowhere unmanaged' 'postgres unmanaged' \
    'near address' 'acme-shop_nearby address' 'nearby address' "$long unmanaged" 'erin daemon_refused'; do
    ok "refused: $row" logged_reason $row
done
for cell in alice bob carol acme-shop_carol dave new frank empty blog_carol outsider nowhere absent \
    postgres near nearby named long erin; do
    ok "let in: not $cell" came $cell
done
chmod 666 /var/lib/adperm/policy.cdb
ok "by a policy that cannot be read nobody gets in" refused acme-shop_alice $PASSWORD
chmod 640 /var/lib/adperm/policy.cdb
ok "for that reason" logged_reason acme-shop_alice policy_unsafe_path
is "all refusals look alike" \
    "$(sed 's/.* failed: \(.*\)"[^"]*"$/\1"NAME"/' $W/refused.*.out | sort | uniq -c | sed 's/^ *//')" \
    "20 $(door_says 'PostgreSQL')"
is "who does not know the password is not even looked at" "$(world_lines 'user="frank"')" ""
is "a missing code is named" "$(world_lines 'user="bob"' | world_field hint)" no_code
ok "a right code behind a wrong password was not spent" in_as frank $PASSWORD$spent
ok "t73: nor one for a service that is not PostgreSQL's own" in_as erin $PASSWORD$unasked
ok "no password is in a log" not grep -e "$PASSWORD" -e guessed $W/log $W/postgres.out
ok "the superuser on the machine is asked nothing" as postgres psql -q -h /run/postgresql -d bare -c 'create table t()'

# --- what the user postgres can do

is "t72: of ours, it can read the policy and the passwords" \
    "$(as postgres find /etc/adperm /var/lib/adperm /run/adperm -type f -readable ! -perm -o+r 2>/dev/null | sort)" \
    "/etc/adperm/postgresql.db
/var/lib/adperm/policy.cdb"
is "t72: and write to adpermd's socket" \
    "$(as postgres find /etc/adperm /var/lib/adperm /run/adperm /etc/pam.d -writable ! -type l 2>/dev/null)" \
    /run/adperm/auth.sock
for operation in status remove unlock 'enroll --raw --no-confirm' 'recovery --raw'; do
    ok "t72: adpermd refuses it: totp $operation" \
        refuses_postgres $operation
done
echo 'select 1;' >$W/one.sql
pool() {
    PGPASSWORD=$2 timeout 30 $bin/pgbench -n -C -t 5 -f $W/one.sql -h 127.0.0.1 -U $1 shop >$W/pool.out 2>&1
}
ok "a pool of a machine's role reconnects as often as it likes" pool acme-shop_pool $PASSWORD
at_once pool not pool erin "$PASSWORD$(world_code erin@acme.example 1)"
at_once locked refused gina $PASSWORD$(world_code gina@acme.example)
met
ok "t73: after five wrong codes not even a right one" came locked
ok "t73: and the log says why" logged_reason gina locked
ok "t73: it is good at a door where root asks" root_door gina $PASSWORD$(world_code gina@acme.example)
ok "a pool of a person who needs a code does not" came pool
ok "because the code is spent" logged_reason erin replay

# --- the backend

facts_of acme-shop_pool $PASSWORD bare
facts_of frank $PASSWORD$(world_code frank@acme.example 1) shop
ok "there is something to compare" grep -q '^postgres' $W/facts.bare
is "the backend is as it would be without us" "$(cat $W/facts.shop)" "$(cat $W/facts.bare)"

# --- without adpermd

kill $ADPERMD_PID
wait $ADPERMD_PID
world_mark
at_once bob refused bob $PASSWORD$(world_code bob@acme.example 1)
at_once alice in_as alice $PASSWORD
met
ok "without adpermd: who needs a code stays out" came bob
ok "for that reason" logged_reason bob daemon_unreachable
ok "without adpermd: who needs none gets in" came alice
# --- and back

ok "unwire: not what somebody has changed since" not unwire postgresql
cp $W/src/conf/pam.d/postgresql /etc/pam.d/postgresql
ok "unwire" unwire postgresql
ok "unwire: nothing is left" [ ! -e /etc/pam.d/postgresql ]
world_mark
at_once alice refused alice $PASSWORD
met
ok "and nobody gets in" came alice
is "nor is anybody asked about" "$(world_lines phase=)" ""

tap_done
