# shellcheck shell=bash
# For scripts of tests/scenario and tests/cli, to be sourced with $program set: local endpoints, each
# in DIR/local, the migration file of one, and what such scripts assert.

# A test is no job of CI, also where CI runs it: what ecmig makes of such a job has tests of its own.
unset CI GITHUB_ACTIONS GITLAB_CI BUILDKITE CIRCLECI

# endpoint_up DIR [WORD…]: words as of `ecmig local up`; a source of 2000 keys without any, and one
# of $source_kind (standalone when that is not set) unless --source comes first.
endpoint_up() {
    local dir=$1
    shift
    [ "$#" -gt 0 ] || set -- --keys 2000
    [ "$1" = --source ] || set -- --source "${source_kind:-standalone}" "$@"
    mkdir -p "$dir"
    "$program" local up --dir "$dir/local" --format json "$@" \
        >"$dir/up.json" 2>"$dir/up.log" || return
    endpoint_replicates "$dir"
}

# A plan that is made before a replica of the source is online does not know it.
endpoint_replicates() { # DIR
    local node
    for node in $(endpoint_list "$1" nodes | tr -d ' ' | tr , '\n'); do
        for _ in $(seq 100); do
            redis-cli -h "${node%:*}" -p "${node##*:}" INFO replication 2>/dev/null |
                grep -E 'master_link_status:down|state=(wait_bgsave|send_bulk)' >/dev/null || break
            sleep 0.05
        done
    done
}

endpoint_down() { # DIR
    [ ! -d "$1/local" ] || "$program" local down --dir "$1/local" >/dev/null 2>&1
}

endpoint_value() { # DIR KEY: of what `local up` said
    sed -n "s/^ *\"$2\": \"\(.*\)\",*$/\1/p" "$1/up.json" | head -1
}

endpoint_source() { # DIR: HOST:PORT
    tr -d ' \n' <"$1/up.json" | sed 's/.*"nodes":\["\([^"]*\)".*/\1/'
}

endpoint_env() { # DIR: the credentials, for this shell and what it starts
    export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION
    AWS_ACCESS_KEY_ID=$(endpoint_value "$1" AWS_ACCESS_KEY_ID)
    AWS_SECRET_ACCESS_KEY=$(endpoint_value "$1" AWS_SECRET_ACCESS_KEY)
    AWS_REGION=$(endpoint_value "$1" AWS_REGION)
}

endpoint_list() { # DIR KEY: what a migration file names, as "HOST:PORT, HOST:PORT"
    tr -d ' \n"' <"$1/up.json" | sed "s/.*$2:\[\([^]]*\)\].*/\1/; s/,/, /g"
}

# redis-cli on the source of DIR
endpoint_redis() { # DIR WORD…
    local source
    source=$(endpoint_source "$1")
    redis-cli -h "${source%:*}" -p "${source##*:}" "${@:2}"
}

# migration_file DIR [SCRIPT]: DIR/migration.yaml, changed by a sed script.
migration_file() {
    local topology=${source_kind:-standalone} shards=1 nodes more='' writes=pause
    case $topology in
    cluster:*) shards=${topology#cluster:} nodes=$(endpoint_list "$1" seeds) ;;
    sentinel)
        nodes=$(endpoint_list "$1" sentinels)
        more="  sentinel_master: $(endpoint_value "$1" master_name)" writes=reject
        ;;
    *) nodes=$(endpoint_source "$1") ;;
    esac
    sed -e "${2:-}" >"$1/migration.yaml" <<EOF_FILE
version: 1
migration: orders
source:
  topology: ${topology%%:*}
  nodes: [$nodes]
$more
target:
  replication_group: orders
  endpoint_url: $(endpoint_value "$1" endpoint_url)
  create: true
  engine: redis
  engine_version: "7.0"
  node_type: cache.t4g.micro
  shards: $shards
  replicas_per_shard: 1
  multi_az: true
replication:
  in_sync: {max_lag: 64KiB, for: 200ms}
verify:
  before_cutover: {mode: sample, keys: 300}
  after_cutover: {mode: count}
cutover:
  writes: $writes
  switch:
    - run: [$program, local, switch, --dir, $1/local]
      check: [$program, local, switch, --check, --dir, $1/local]
state:
  repository: ./state
EOF_FILE
}

free_port() { # HOST: that nobody listens on there now
    python3 -c 'import socket, sys; s = socket.socket(); s.bind((sys.argv[1], 0)); print(s.getsockname()[1])' "$1"
}

failures=0
fails() { # WORDS: one thing that is not as it should be
    echo "$*"
    failures=$((failures + 1))
}

# ends STATUS WORD…: the program ends so; what it said is in the files out and err.
ends() {
    local wanted=$1 status
    shift
    "$program" "$@" >out 2>err
    status=$?
    [ "$status" = "$wanted" ] && return
    fails "ecmig $*: ended with $status, not $wanted: $(cat out err | tail -12)"
    return 1
}

# says PATTERN…: what it said has a line like each of these.
says() {
    local pattern
    for pattern in "$@"; do
        grep -qE -- "$pattern" out err || fails "nothing like '$pattern' in: $(cat out err | head -20)"
    done
}

# field FILE NAME: the first value of that name in JSON, however it is laid out.
field() {
    tr '{,' '\n\n' <"$1" | sed -n "s/^ *\"$2\": *\"\{0,1\}\([^\"}]*\)\"\{0,1\}}*\$/\1/p" | head -1
}

# tally VERDICT [EXPLAINED]: adds what 'local check' said to what tallied tells: how many of the lost
# writes are no fault, because the program named them or said that it cannot.
tally() {
    echo "$1" | sed -n "s/^acknowledged \([0-9]*\), lost \([0-9]*\)\$/\1 \2 ${2:-0}/p" >>"${base:-.}/tally"
}
# Of all that was tallied, for the last line of a test. Fails when a lost write is not explained.
tallied() {
    cat "${base:-.}/tally" 2>/dev/null | awk '
        { checked += $1; lost += $2; explained += $3 }
        END {
            printf "acknowledged writes checked: %d, lost: %d", checked, lost
            if (explained) printf ", of them named or said not to be proven: %d", explained
            print ""
            exit lost > explained
        }'
}

# migration_ended DIR: a migration with a writer came to its one right end; says how many
# acknowledged writes were checked, else what is wrong. The writer ends.
migration_ended() {
    local dir=$1 verdict completed
    verdict=$("$program" local check --dir "$dir/local" --stop-writer \
        --endpoint "$(cat "$dir/local/writer/endpoint")" 2>&1) || { tally "$verdict"; echo "$verdict"; return 1; }
    tally "$verdict"
    verdict=$(echo "$verdict" | sed -n 's/^acknowledged \([0-9]*\), lost 0.*/\1/p')
    [ -n "$verdict" ] || { echo "no verdict on the writes"; return 1; }
    "$program" log "$dir/migration.yaml" --verify >"$dir/log.txt" 2>&1 ||
        { echo "the record does not verify: $(tail -3 "$dir/log.txt")"; return 1; }
    "$program" plan --detailed-exitcode "$dir/migration.yaml" >"$dir/plan.txt" 2>&1 ||
        { echo "the plan is not empty at the end: $?"; return 1; }
    for _ in $(seq 100); do # the event comes after the promotion, which apply waits for
        completed=$(grep -c 'Complete Migration successful' "$dir/local/state.json")
        [ "$completed" = 0 ] || break
        sleep 0.1
    done
    # More than one where the test has ended a migration before.
    [ "$completed" = "${completions:-1}" ] || { echo "completed $completed times"; return 1; }
    echo "$verdict"
}
