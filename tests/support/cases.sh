# shellcheck shell=bash
# For scenarios of many cases, to be sourced after endpoint.sh with $program and $tests set: each
# function case_NAME is a migration under writes, in a shell of its own with $dir. run_cases runs the
# named ones, or all, two at a time. KEEP=1 keeps the folders.

base=$(mktemp -d "${TMPDIR:-/tmp}/ecmig-faults.XXXXXX") || exit 1

finish() {
    trap '' INT TERM HUP
    for dir in "$base"/*/; do endpoint_down "$dir"; done
    rm -rf "$base"
}
trap 'finish; exit 130' INT TERM HUP
[ -n "${KEEP:-}" ] || trap finish EXIT

# What cases are made of:

begin() { # [SCRIPT [WORD…]]: an endpoint, and a migration file changed by a sed script
    local script=${1:-}
    [ "$#" = 0 ] || shift
    endpoint_up "$dir" --keys 1000 --writes 300 "$@" || fails "no endpoint: $(cat "$dir/up.log")"
    endpoint_env "$dir"
    writer_at >"$dir/home"
    migration_file "$dir" "s/^  topology: .*/&\n  timeout: 2s/;$script"
}

fault() { "$program" local fault --dir "$dir/local" "$@" 2>"$dir/fault.log" || fails "fault $*: $(cat "$dir/fault.log")"; }

# apply STATUS[|STATUS] [WORD…]: ends so. What it said is in $dir/apply.log, all of it in all.log.
apply() {
    local wanted=$1 status
    shift
    "$program" apply --auto-approve --no-input "$@" "$dir/migration.yaml" >"$dir/apply.log" 2>&1
    status=$?
    cat "$dir/apply.log" >>"$dir/all.log"
    [[ "|$wanted|" = *"|$status|"* ]] || fails "apply ended with $status, not $wanted: $(tail -8 "$dir/apply.log")"
}
apply_all() { apply "$1" --approve-gate cutover; }

# apply_stopped MOMENT [WORD…]: begun beside, and stopped there. go_on STATUS ends it.
apply_stopped() {
    ECMIG_TEST_MOMENT="$1:stop" "$program" apply --auto-approve --approve-gate cutover --no-input "${@:2}" \
        "$dir/migration.yaml" >"$dir/apply.log" 2>&1 &
    applier=$!
    for _ in $(seq 600); do
        grep -q '^moment: ' "$dir/apply.log" && grep -q '^State:.*T' "/proc/$applier/status" && return
        sleep 0.05
    done
    fails "never came to '$1': $(tail -8 "$dir/apply.log")"
}
go_on() { # STATUS[|STATUS]: which it was is in $status
    kill -CONT "$applier"
    wait "$applier"
    status=$?
    cat "$dir/apply.log" >>"$dir/all.log"
    [[ "|$1|" = *"|$status|"* ]] || fails "apply ended with $status, not $1: $(tail -8 "$dir/apply.log")"
}

said() { grep -qE -- "$1" "$dir/apply.log" || fails "nothing like '$1' in: $(tail -12 "$dir/apply.log")"; }

called() { # ACTION TIMES: reached the endpoint so many times, with any answer
    local times
    times=$(grep -c " $1 " "$dir/local/endpoint.log")
    [ "$times" = "$2" ] || fails "$1 was sent $times times, not $2"
}

writer_at() { cat "$dir/local/writer/endpoint"; }
writer_is_home() { cmp -s "$dir/home" <(writer_at); }
# The server to ask for what the writer wrote: behind Sentinels the one that all of them name.
writer_server() {
    local sentinel named
    case $(writer_at) in sentinel:*) ;; *) writer_at && return ;; esac
    for _ in $(seq 100); do
        named=$(for sentinel in $(endpoint_list "$dir" sentinels | tr -d ,); do
            redis-cli -h "${sentinel%:*}" -p "${sentinel##*:}" SENTINEL get-master-addr-by-name mymaster | paste -sd:
        done | sort -u)
        [ "$(echo "$named" | wc -l)" -gt 1 ] || break
        sleep 0.2
    done
    echo "$named"
}

# On every node of the source that answers.
fence_stands() {
    local node value
    for node in $(endpoint_list "$dir" nodes | tr -d ,); do
        value=$(redis-cli -h "${node%:*}" -p "${node##*:}" CONFIG GET 'min-*-to-write' 2>/dev/null | tail -1)
        [ -z "$value" ] || [ "$value" -ge 1073741824 ] || return 1
    done
}

# Writers have the source, and its writes go on.
source_serves() {
    local before after
    writer_is_home || fails "the writer is at $(writer_at)"
    fence_stands && fails "the source is fenced"
    before=$(cat "$dir"/local/writer/acknowledged*.log | wc -l)
    for _ in $(seq 100); do
        sleep 0.1
        after=$(cat "$dir"/local/writer/acknowledged*.log | wc -l)
        [ "$after" -gt "$before" ] && return
    done
    fails "the writer does not get through to the source"
}

source_is_fenced() {
    writer_is_home || fails "the writer is at $(writer_at)"
    fence_stands || fails "the source is not fenced"
}

target_serves() {
    ! writer_is_home || fails "the writer is on the source"
    fence_stands || fails "the source is not fenced"
}

lost_in() { echo "$1" | sed -n 's/^acknowledged [0-9]*, lost \([0-9]*\)$/\1/p'; } # VERDICT
judged() { # VERDICT [EXPLAINED]: as for tally
    [ -n "$(lost_in "$1")" ] || fails "no verdict: $1"
    tally "$@"
}

# Nothing acknowledged is missing where the writer is; and the record verifies.
nothing_lost() {
    local verdict
    [ ! -e "$dir/loses" ] || return # the case says so, and looked itself
    verdict=$("$program" local check --dir "$dir/local" --endpoint "$(writer_server)" --stop-writer 2>&1) || fails "$verdict"
    judged "$verdict"
    [ "$(lost_in "$verdict")" = 0 ] || fails "LOST: $verdict"
    "$program" log orders --verify --state "$dir/state" >"$dir/log.txt" 2>&1 || fails "the record does not verify: $(tail -3 "$dir/log.txt")"
}

run_case() { # NAME
    local started=$SECONDS
    dir=$base/$1
    mkdir -p "$dir"
    "case_$1"
    nothing_lost
    endpoint_down "$dir"
    if [ "$failures" = 0 ]; then
        printf 'ok      %-28s %3d s\n' "$1" "$((SECONDS - started))" >&3
    else
        printf 'FAILED  %-28s %3d s\n' "$1" "$((SECONDS - started))" >&3
        sed 's/^/        /' "$dir.out" >&3
        touch "$base/failed"
    fi
}

work() {
    local name
    for name in "$@"; do
        mkdir "$base/claimed.$name" 2>/dev/null || continue
        (run_case "$name" 3>&1 >"$base/$name.out" 2>&1)
    done
}

run_cases() { # [CASE…]
    # shellcheck disable=SC2046 # names of functions
    [ "$#" -gt 0 ] || set -- $(declare -F | sed -n 's/^declare -f case_//p')
    work "$@" &
    work "$@" &
    wait
    echo -n "cases: $#, "
    tallied || touch "$base/failed"
    [ ! -e "$base/failed" ]
}
