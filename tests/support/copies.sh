# shellcheck shell=bash
# For the scenarios of verify, to be sourced with their own arguments PROGRAM [KIND] (and $replicas of
# each shard of a cluster, 1 when that is not set): a source and its copy at the gate of a migration, and everything that can be wrong with a copy.
#
# The copy of a cluster cannot be written to while it replicates: there the source is changed behind
# the back of its replicas instead, and what would be missing is extra.
when=replicating # or detached
program=$(realpath "${1:?the built program}")
# shellcheck source=../support/endpoint.sh
. "$(dirname "${BASH_SOURCE[0]}")/endpoint.sh"
source_kind=${2:-standalone}
case $source_kind in cluster:*) clustered=1 follow=-c ;; *) clustered='' follow='' ;; esac
base=$(mktemp -d "${TMPDIR:-/tmp}/ecmig-verify.XXXXXX") || exit 1
writers=()
governor=
finish() {
    trap '' INT TERM HUP
    [ -z "$governor" ] || kill "$governor" 2>/dev/null
    [ ${#writers[@]} = 0 ] || kill -CONT "${writers[@]}" 2>/dev/null
    [ ${#writers[@]} = 0 ] || kill "${writers[@]}" 2>/dev/null
    endpoint_down "$base"
    rm -rf "$base"
}
trap 'finish; exit 130' INT TERM HUP
trap finish EXIT
cd "$base" || exit 1

endpoint_up "$base" --keys 500 ${clustered:+--replicas "${replicas:-1}"} || { cat up.log; exit 1; }
endpoint_env "$base"
migration_file "$base" 's/mode: sample, keys: 300/mode: full/; s/cache.t4g.micro/cache.r7g.2xlarge/; s/run: .*local, switch.*/run: ["true"]/; /check: .*local, switch/d'

endpoint_nodes() { # of the source
    endpoint_list "$base" nodes | tr -d ,
}

source_do() { # commands on stdin
    endpoint_redis "$base" $follow | grep -vE '^(OK|QUEUED|)$' >>source.log
}

target_do() {
    redis-cli -h "${target%:*}" -p "${target##*:}" $follow | grep -vE '^(OK|)$' >>target.log
}

# name | on the source | on the target | what is found: kinds of the key, "kind@db" elsewhere
cat >faults <<'EOF_FAULTS'
f:truncated|RPUSH f:truncated a b c d e|LTRIM f:truncated 0 2|value
f:order|RPUSH f:order a b c d|LSET f:order 0 b;LSET f:order 1 a|value
f:lost-ttl|SET f:lost-ttl v PXAT 4102444800000|PERSIST f:lost-ttl|expiry
f:ttl|SET f:ttl v PXAT 4102444800000|PEXPIREAT f:ttl 4102444800001|expiry
f:hash-ttl|HSET f:hash-ttl a b;PEXPIREAT f:hash-ttl 4102444800000|PERSIST f:hash-ttl|expiry
f:extra||SET f:extra v|extra
f:missing|SET f:missing v|DEL f:missing|missing
f:empty|SET f:empty ""|DEL f:empty|missing
f:gained|SET f:gained v|SET f:gained ""|value
f:byte|SET f:byte 0123456789|SETRANGE f:byte 5 x|value
f:hash|HSET f:hash a 1 b 2|HSET f:hash b 3|value
f:set|SADD f:set a b c|SREM f:set b;SADD f:set z|value
f:score|ZADD f:score 0.1 a inf b -inf c|ZADD f:score 0.10000000000000002 a|value
f:group|XADD f:group 1-1 a b;XGROUP CREATE f:group g 0|XGROUP DESTROY f:group g|value
f:owner|XADD f:owner 1-1 a b;XGROUP CREATE f:owner g 0;XREADGROUP GROUP g one COUNT 1 STREAMS f:owner >|XCLAIM f:owner g two 0 1-1 JUSTID|value
f:moved|SET f:moved v|MOVE f:moved 5|missing extra@5
f:type|SET f:type v|DEL f:type;RPUSH f:type v|type
f:big|EVAL "for i = 1, 50000 do redis.call('sadd', KEYS[1], 'member:' .. i) end" 1 f:big|SREM f:big member:777;SADD f:big other|value
EOF_FAULTS
[ -z "$clustered" ] || sed -i '/^f:moved/d' faults # one database only

lines() { tr ';' '\n' <<<"$1"; }

# XCLAIM is told to replicas whatever a script wants: an entry is acknowledged instead.
behind_the_back() { # NAME BREAK
    lines "${2/XCLAIM f:owner g two 0 1-1 JUSTID/XACK f:owner g 1-1}" | sed "s/^/EVAL \"redis.set_repl(redis.REPL_NONE) return redis.call(unpack(ARGV))\" 1 $1 /" | source_do
}

inject() { # NAME BREAK
    if [ -n "$clustered" ] && [ "$when" = replicating ]; then
        behind_the_back "$1" "$2"
    else
        lines "$2" | target_do
    fi
}

owner_of() { # NAME: the node of the target that serves it
    local owner
    owner=$(redis-cli -h "${target%:*}" -p "${target##*:}" exists "$1" | sed -n 's/.*MOVED [0-9]* //p')
    echo "${owner:-$target}"
}

# The key as the source has it; MIGRATE gives the expiry in relative terms.
mend() { # NAME SETUP
    local owner=$target
    if [ -n "$clustered" ] && [ "$when" = replicating ]; then
        { echo "DEL $1"; lines "$2"; } | source_do
        return
    fi
    echo "DEL $1" | target_do
    if [ -n "$clustered" ]; then
        owner=$(owner_of "$1")
    else
        printf 'SELECT 5\nDEL %s\n' "$1" | target_do
    fi
    [ -n "$2" ] || return
    echo "MIGRATE ${owner%:*} ${owner##*:} $1 0 5000 COPY REPLACE" | source_do
    case $2 in *4102444800000*) echo "PEXPIREAT $1 4102444800000" | target_do ;; esac
}

expected() { # NAME FOUND
    local kind
    for kind in $2; do
        if [ -n "$clustered" ] && [ "$when" = replicating ]; then
            case $kind in missing) kind=extra ;; extra) kind=missing ;; esac
        fi
        case $kind in
        *@*) echo "${kind%@*} db${kind#*@} $1" ;;
        *) echo "$kind db0 $1" ;;
        esac
    done
}

# compare STATUS MODE: what it found is in the file found, one line each.
compare() {
    ends "$1" verify migration.yaml --mode "$2" --keys 1000000 --max-source-share 100 --show-keys --quiet
    sed -nE 's/^  (missing|extra|type|value|expiry|functions)( +|$)/\1 /p' out | sed 's/ (slots [^)]*)$//; s/ $//' | sort >found
    if [ -n "$clustered" ] && grep -E '^  (missing|extra|type|value|expiry) ' out | grep >/dev/null -v '(slots [-0-9,]*)$'; then
        fails "a mismatch does not name its shard: $(cat out | head -20)"
    fi
}

found_are() { # WHAT: the lines on stdin and nothing else
    sort >wanted
    cmp -s wanted found || fails "$1: found $(paste -sd, found), not $(paste -sd, wanted)"
}

inject_all() {
    local name setup break found
    while IFS='|' read -r name setup break found; do
        inject "$name" "$break"
    done <faults
}
mend_all() {
    local name setup break found
    while IFS='|' read -r name setup break found; do
        mend "$name" "$setup"
    done <faults
}
expected_all() {
    local name setup break found
    while IFS='|' read -r name setup break found; do
        expected "$name" "$found"
    done <faults
}

library='FUNCTION LOAD "#!lua name=lib\nredis.register_function(\"f\", function() return 1 end)"'
while IFS='|' read -r name setup break found; do
    lines "$setup"
done <faults | source_do
printf '%s\n' "$library" | source_do

ends 7 apply migration.yaml --auto-approve || exit 1

# The target's primary, made writable: its CONFIG has another name.
"$program" local status --dir local --format json >status.json
target=$(sed -n 's/^ *"primary": "\(.*\)",*$/\1/p' status.json | head -1)
if [ -n "$clustered" ]; then
    target=$(tr -d ' \n' <status.json | sed 's/.*"primaries":\["\([^"]*\)".*/\1/')
else
    config=$(cat "$(grep -lr "bind.*${target%:*}" local/nodes --include=*.conf | head -1)" |
        sed -n 's/^rename-command config //Ip' | tr -d '"')
    echo "$config set replica-read-only no" | target_do
fi
