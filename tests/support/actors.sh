# shellcheck shell=bash
# What others do to a migration, for tests/scenario/others_act: each function act_NAME is one other
# actor that does one thing to the source, the target or the record of $dir. To be sourced after
# cases.sh, in a row where $program, $dir and $source_kind are set. What an actor leaves running is
# ended by actors_end.
# shellcheck disable=SC2154 # of the row

# Every node of the source, one HOST:PORT each line; a replica that an actor added is not among them.
source_nodes() { endpoint_list "$dir" nodes | tr -d ' ' | tr ',' '\n'; }
node_cli() { # HOST:PORT WORD…
    redis-cli -h "${1%:*}" -p "${1##*:}" "${@:2}" 2>/dev/null
}
each_node() { # WORD…
    local node
    for node in $(source_nodes); do node_cli "$node" "$@"; done
}
calls_service() { # ACTION NAME=VALUE…
    local words=()
    for word in "${@:2}"; do words+=(--data-urlencode "$word"); done
    curl -sS --aws-sigv4 "aws:amz:$AWS_REGION:elasticache" -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
        --data "Action=$1&Version=2015-02-02" "${words[@]}" "$(endpoint_value "$dir" endpoint_url)/" >>"$dir/service.xml" 2>&1
}
again_and_again() { # WORD…: every 200 ms until the row ends
    while [ ! -e "$dir/actors_ended" ]; do
        each_node "$@" >/dev/null
        sleep 0.2
    done &
    echo $! >>"$dir/actors"
}
at_end() { # PID: ended after the row was judged
    disown "$1"
    echo "$1" >>"$dir/actors_at_end"
}
actors_end() {
    touch "$dir/actors_ended"
    while read -r pid; do
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done < <(cat "$dir/actors" 2>/dev/null)
    rm -f "$dir/actors"
}

# The settings that ecmig raises, as they were before it came.
raised_settings="repl-backlog-size repl-backlog-ttl client-output-buffer-limit"
settings_are() {
    local node name
    for node in $(source_nodes); do
        for name in $raised_settings; do echo "$node $name $(node_cli "$node" config get "$name" | tail -1)"; done
    done
}
put_back() { # NAME…
    local node name value
    while read -r node name value; do
        [[ " $* " != *" $name "* ]] || node_cli "$node" config set "$name" "$value" >/dev/null
    done <"$dir/settings"
}

act_nothing() { :; }

# An operator that reconciles, an engineer on call:
# shellcheck disable=SC2086 # names
act_resets_settings() { put_back $raised_settings; }
# shellcheck disable=SC2086 # names
act_keeps_resetting() {
    put_back $raised_settings
    while [ ! -e "$dir/actors_ended" ]; do
        put_back $raised_settings
        sleep 0.2
    done &
    echo $! >>"$dir/actors"
}
act_resets_backlog_ttl() { put_back repl-backlog-ttl; }
act_resets_backlog_size() { put_back repl-backlog-size; }
act_resets_buffer() { put_back client-output-buffer-limit; }
act_lifts_fence() { each_node config set min-replicas-to-write 0 >/dev/null; }
act_keeps_lifting() {
    act_lifts_fence
    again_and_again config set min-replicas-to-write 0
}
act_writes_to_source() { # a client that nobody moved
    printf 'config set min-replicas-to-write 0\nset straggler 1\n' | endpoint_redis "$dir" >"$dir/straggler"
    [ "$(tail -1 "$dir/straggler")" = OK ] || fails "the source takes no write: $(cat "$dir/straggler")"
}
act_weakens_fence() { each_node config set min-replicas-to-write 1 >/dev/null; }
act_loosens_lag() { each_node config set min-replicas-max-lag 0 >/dev/null; }
act_keeps_loosening() {
    act_loosens_lag
    again_and_again config set min-replicas-max-lag 0
}
act_unpauses() { each_node client unpause >/dev/null; }
act_keeps_unpausing() { again_and_again client unpause; }
act_resets_statistics() { each_node config resetstat >/dev/null; }
act_flushes_source() { each_node flushall >/dev/null; }
act_changes_password() { each_node config set requirepass other >/dev/null; }
act_kills_everybody() {
    each_node client kill type normal >/dev/null
    act_kills_link
}
act_kills_ours() {
    local node id
    for node in $(source_nodes); do
        for id in $(node_cli "$node" client list | sed -n 's/^id=\([0-9]*\) .* name=ecmig:.*/\1/p'); do
            node_cli "$node" client kill id "$id" >/dev/null
        done
    done
}
act_kills_link() { each_node client kill type replica >/dev/null; }

# Nodes:
first_source() { [ "$source_kind" = standalone ] && echo source-001 || echo source-0001-001; }
await_source() {
    local address
    address=$(source_nodes | head -1)
    for _ in $(seq 200); do
        [ "$(node_cli "$address" info persistence | tr -d '\r' | sed -n 's/^loading://p')" = 0 ] && return
        sleep 0.05
    done
    fails "the source does not come back"
}
act_restarts_source() {
    fault restart-node --node "$(first_source)"
    await_source
}
act_restarts_without_file() {
    local folder=$dir/local/nodes/source-001 address
    address=$(endpoint_source "$dir")
    node_cli "$address" shutdown save
    while kill -0 "$(cat "$folder/pid")" 2>/dev/null; do sleep 0.02; done
    redis-server --bind "${address%:*}" --bind-source-addr "${address%:*}" --port "${address##*:}" --dir "$folder" --save '' \
        --protected-mode no --repl-diskless-sync-delay 0 >/dev/null 2>&1 &
    at_end $!
    await_source
}
act_freezes_source() {
    fault pause-node --node "$(first_source)" --for 3s
    sleep 1 # apply runs on while the source stands still
}
act_adds_replica() {
    local address replica port
    address=$(source_nodes | head -1)
    replica=${address%.*}.200 port=${address##*:}
    mkdir -p "$dir/replica"
    redis-server --bind "$replica" --bind-source-addr "$replica" --port "$port" --dir "$dir/replica" --save '' \
        --protected-mode no --replicaof "${address%:*}" "$port" >"$dir/replica/log" 2>&1 &
    at_end $!
    for _ in $(seq 100); do
        node_cli "$replica:$port" info replication | grep >/dev/null 'master_link_status:up' && break
        sleep 0.05
    done
}
act_fails_over() {
    fault source-failover --node source-0001-001
    for _ in $(seq 300); do
        endpoint_redis "$dir" info replication | grep >/dev/null '^role:slave' && return
        sleep 0.05
    done
    fails "no failover"
}
# A slot that holds nothing goes from the first shard to the second, as a rebalancing would move it.
act_moves_slot() {
    local from to slot=100 id_from id_to node
    from=$(source_nodes | sed -n 1p) to=$(source_nodes | sed -n 3p)
    id_from=$(node_cli "$from" cluster myid) id_to=$(node_cli "$to" cluster myid)
    while [ "$(node_cli "$from" cluster countkeysinslot $slot)" != 0 ]; do slot=$((slot + 1)); done
    node_cli "$to" cluster setslot $slot importing "$id_from" >/dev/null
    node_cli "$from" cluster setslot $slot migrating "$id_to" >/dev/null
    for node in "$to" "$from"; do node_cli "$node" cluster setslot $slot node "$id_to" >/dev/null; done
}
act_opens_slot() {
    local from to
    from=$(source_nodes | sed -n 1p) to=$(source_nodes | sed -n 3p)
    node_cli "$from" cluster setslot 100 migrating "$(node_cli "$to" cluster myid)" >/dev/null
}

# The service:
act_forces_completion() { calls_service CompleteMigration ReplicationGroupId=orders Force=true; }
act_has_forced_completion() { # and it is through
    act_forces_completion
    for _ in $(seq 200); do
        grep -q 'Complete Migration successful' "$dir/local/state.json" && return
        sleep 0.05
    done
    fails "the migration was not completed"
}
act_deletes_target() { calls_service DeleteReplicationGroup ReplicationGroupId=orders; }
act_kills_target() { fault kill-node --node "$(sed -n 's/.*"\(orders-\(0001-\)\?001\)".*/\1/p' "$dir/local/state.json" | head -1)"; }
act_removes_tags() {
    calls_service RemoveTagsFromResource "ResourceName=arn:aws:elasticache:$AWS_REGION:000000000000:replicationgroup:orders" \
        TagKeys.member.1=ecmig:migration TagKeys.member.2=ecmig:run
}

# The record, and a second ecmig:
state_git() { git -C "$dir/state" -c user.name=x -c user.email=x@localhost "$@" >/dev/null 2>&1; }
act_deletes_lock() {
    local index=$dir/index
    GIT_INDEX_FILE=$index state_git read-tree HEAD
    GIT_INDEX_FILE=$index state_git rm -f --cached migrations/orders/lock.json
    GIT_INDEX_FILE=$index state_git commit -qm 'remove the lock'
    git -C "$dir/state" show HEAD:migrations/orders/lock.json >/dev/null 2>&1 && fails "the lock is still there"
}
second() { # WORD…: an apply beside, to its end; it must not cut over
    "$program" apply --auto-approve --approve-gate cutover --no-input "$@" >"$dir/second.log" 2>&1
    echo $? >"$dir/second"
}
act_second_elsewhere() {
    mkdir -p "$dir/other"
    cp "$dir/migration.yaml" "$dir/other/"
    second "$dir/other/migration.yaml"
}
act_second_empty() { second --state "$dir/empty" "$dir/migration.yaml"; }
act_second_clone() {
    git clone -q "$dir/state" "$dir/clone"
    second --state "$dir/clone" "$dir/migration.yaml"
}
act_second_renamed() {
    mkdir -p "$dir/other"
    sed 's/^migration: orders/migration: again/' "$dir/migration.yaml" >"$dir/other/migration.yaml"
    second "$dir/other/migration.yaml"
}
act_second_here() { second "$dir/migration.yaml"; }
act_aborts() {
    "$program" abort --auto-approve --no-input "$dir/migration.yaml" >"$dir/second.log" 2>&1
    echo $? >"$dir/aborted"
}
act_aborts_elsewhere() {
    mkdir -p "$dir/other"
    cp "$dir/migration.yaml" "$dir/other/"
    "$program" abort --auto-approve --no-input "$dir/other/migration.yaml" >"$dir/second.log" 2>&1
    echo $? >"$dir/aborted"
}
