# shellcheck shell=bash
# For scripts of tests/scenario and tests/bench, to be sourced: git hosts on loopback, of each kind
# that a state repository can be on. All that they need is in one folder; nothing of the machine's
# own ssh or git configuration is read or written.
#
# git_hosts_up FOLDER [KIND…]: git ssh https file (all). Sets git_url[KIND], a URL to which
# /NAME.git is added, for each kind that can be had here, and says why one cannot.
declare -A git_url=()
git_host_pids=()
git_token=tok-57aa
# Who speaks to them: HOME, an ssh key, a token.
git_hosts_user() { # FOLDER
    mkdir -p "$1/home" "$1/served"
    export HOME=$1/home GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 no_proxy=127.0.0.1,localhost ECMIG_GIT_TOKEN=$git_token
    unset SSH_AUTH_SOCK XDG_STATE_HOME ECMIG_GIT_SSH_KEY GIT_SSH_COMMAND
    git config --global user.name ecmig
    git config --global user.email ecmig@localhost
    git config --global safe.directory '*'
}

# git_hosts_answers COMMAND…: within ten seconds, while the server lives.
git_hosts_answers() { # PROCESS COMMAND…
    local i process=$1
    shift
    for ((i = 0; i < 100; i++)); do
        kill -0 "$process" 2>/dev/null || return 1
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    return 1
}
git_hosts_open() { # PORT
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

git_hosts_git() { # FOLDER
    local port process try
    for ((try = 0; try < 20; try++)); do
        port=$((20000 + RANDOM % 12000))
        ! git_hosts_open $port || continue
        git daemon --base-path="$1/served" --export-all --enable=receive-pack --reuseaddr \
            --listen=127.0.0.1 --port="$port" --max-connections=64 >"$1/daemon.log" 2>&1 &
        process=$!
        if git_hosts_answers $process git_hosts_open $port; then
            git_host_pids+=($process)
            git_url[git]=git://127.0.0.1:$port
            return
        fi
    done
    echo "git: git daemon does not run here: $(tail -1 "$1/daemon.log")" >&2
}

# An authority of our own, which signs the server's certificate.
git_hosts_certificate() { # FOLDER
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1/ca.key" -out "$1/ca.pem" -days 2 \
        -subj "/CN=ecmig test authority" 2>/dev/null &&
        openssl req -newkey rsa:2048 -nodes -keyout "$1/https.key" -out "$1/https.csr" \
            -subj /CN=localhost 2>/dev/null &&
        openssl x509 -req -in "$1/https.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" -CAcreateserial \
            -days 2 -extfile <(echo subjectAltName=DNS:localhost) -out "$1/https.pem" 2>/dev/null
}

git_hosts_https() { # FOLDER
    if ! command -v python3 >/dev/null; then
        echo "https: there is no python3 here, left out" >&2
        return
    fi
    git_hosts_certificate "$1" || echo "https: no certificate" >&2
    "$git_hosts_here/git_http" "$1/served" "$1/https.port" "$git_token" "$1/https.pem" \
        "$1/https.key" 2>"$1/https.log" &
    git_host_pids+=($!)
    git_hosts_answers $! test -s "$1/https.port" || { cat "$1/https.log" >&2; return; }
    git_url[https]=https://localhost:$(cat "$1/https.port")
    export SSL_CERT_FILE=$1/ca.pem
    export GIT_SSL_CAINFO=$1/ca.pem
    git config --global credential.helper "!f() { echo username=git; echo password=$git_token; }; f"
}

# The port is known only then, so that ssh's own configuration is written last.
git_hosts_ssh_config() { # FOLDER PORT
    printf '[127.0.0.1]:%s %s\n' "$2" "$(cut -d' ' -f1,2 "$1/host_key.pub")" >"$1/known_hosts"
    printf '%s\n' "IdentityFile $1/user_key" "IdentitiesOnly yes" "UserKnownHostsFile $1/known_hosts" \
        "GlobalKnownHostsFile none" "CheckHostIP no" "UpdateHostKeys no" >"$1/ssh_config"
}

git_hosts_ssh() { # FOLDER
    local sshd port process try
    sshd=$(command -v sshd || command -v /usr/sbin/sshd)
    if [ -z "$sshd" ]; then
        echo "ssh: there is no sshd here, left out" >&2
        return
    fi
    [ "$UID" != 0 ] || mkdir -p /run/sshd 2>/dev/null # where sshd of Debian wants to be separate
    ssh-keygen -q -t ed25519 -N '' -f "$1/user_key" </dev/null
    ssh-keygen -q -t ed25519 -N '' -f "$1/host_key" </dev/null
    cp "$1/user_key.pub" "$1/authorized_keys"
    for ((try = 0; try < 20; try++)); do
        port=$((20000 + RANDOM % 12000))
        ! git_hosts_open $port || continue
        printf '%s\n' "Port $port" "ListenAddress 127.0.0.1" "HostKey $1/host_key" \
            "AuthorizedKeysFile $1/authorized_keys" "StrictModes no" "UsePAM no" "UseDNS no" \
            "PasswordAuthentication no" "PermitRootLogin prohibit-password" "MaxStartups 200" \
            "PidFile none" >"$1/sshd_config"
        "$sshd" -D -e -f "$1/sshd_config" >"$1/sshd.log" 2>&1 &
        process=$!
        git_hosts_answers $process git_hosts_open $port || continue
        git_host_pids+=($process)
        git_hosts_ssh_config "$1" "$port"
        export GIT_SSH_COMMAND="ssh -F $1/ssh_config"
        if ! $GIT_SSH_COMMAND -oBatchMode=yes -p "$port" "$(id -un)@127.0.0.1" true 2>"$1/ssh.log"; then
            echo "ssh: sshd does not let us in, left out: $(tail -1 "$1/sshd.log")" >&2
            return
        fi
        git_url[ssh]=ssh://$(id -un)@127.0.0.1:$port$1/served
        return
    done
    echo "ssh: sshd does not run here: $(tail -1 "$1/sshd.log")" >&2
}

git_hosts_file() { # FOLDER
    git_url[file]=file://$1/served
}

git_hosts_up() { # FOLDER [KIND…]
    local folder=$1 kind
    shift
    [ "$#" -gt 0 ] || set -- git ssh https file
    git_hosts_user "$folder"
    for kind in "$@"; do
        "git_hosts_$kind" "$folder"
    done
}

git_hosts_down() {
    [ "${#git_host_pids[@]}" = 0 ] || kill "${git_host_pids[@]}" 2>/dev/null
    git_host_pids=()
}

# An empty repository that takes pushes.
git_remote_new() { # FOLDER NAME
    git init -q --bare -b main "$1/served/$2.git"
    git -C "$1/served/$2.git" config http.receivepack true
}

git_hosts_here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
