# shellcheck shell=bash
# For scripts of tests/scenario, to be sourced after endpoint.sh with $base set: a state repository
# behind a git daemon that goes away and comes back, and applies that stop themselves right after an
# effect, so that it can.
daemon='' apply=''
export HOME=$base/home GIT_CONFIG_NOSYSTEM=1 XDG_STATE_HOME=$base/runner no_proxy=127.0.0.1
mkdir -p "$base/home" "$base/served"
git config --global user.name ecmig
git config --global user.email ecmig@localhost
git config --global safe.directory '*'

port=''
is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
host_back() { # a git daemon in a process group of its own, on the port it had
    local i
    for ((i = 0; i < 20; i++)); do
        [ -n "$daemon" ] || [ -n "${kept_port:-}" ] || port=$((20000 + RANDOM % 12000))
        setsid git daemon --base-path="$base/served" --export-all --enable=receive-pack \
            --reuseaddr --listen=127.0.0.1 --port="$port" >>daemon.log 2>&1 &
        daemon=$!
        for _ in $(seq 30); do
            is_open && { kept_port=$port; return; }
            kill -0 "$daemon" 2>/dev/null || break
            sleep 0.1
        done
    done
    echo "git daemon does not run here: $(tail -1 daemon.log)"
    exit 1
}
host_away() {
    [ -z "$daemon" ] || kill -KILL -- "-$daemon" 2>/dev/null
    [ -z "$daemon" ] || wait "$daemon" 2>/dev/null
    daemon=''
}

# begins MOMENT WORD…: an apply that stops itself right after an effect
begins() {
    ECMIG_TEST_MOMENT="$1:stop" "$program" apply migration.yaml --no-input "${@:2}" >log 2>&1 &
    apply=$!
    for _ in $(seq 600); do
        [ "$(sed 's/.*) //; s/ .*//' /proc/$apply/stat 2>/dev/null)" != T ] || return 0
        kill -0 "$apply" 2>/dev/null || break
        sleep 0.1
    done
    fails "it never came to '$1': $(tail -5 log)"
}
goes_on() { kill -CONT "$apply"; }
ended() { # STATUS
    local status
    wait "$apply"
    status=$?
    apply=''
    [ "$status" = "$1" ] || fails "the apply ended with $status, not $1: $(tail -12 log)"
}
logged() { # PATTERN…
    local pattern
    for pattern in "$@"; do
        grep -qE -- "$pattern" log || fails "nothing like '$pattern' in: $(tail -20 log)"
    done
}
until_logged() { # PATTERN
    for _ in $(seq 200); do
        ! grep -qE -- "$1" log || return 0
        kill -0 "$apply" 2>/dev/null || break
        sleep 0.1
    done
    fails "it did not come to say '$1': $(tail -5 log)"
}
away_finish() {
    host_away
    [ -z "$apply" ] || kill -KILL "$apply" 2>/dev/null
}
