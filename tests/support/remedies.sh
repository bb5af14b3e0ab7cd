# shellcheck shell=bash
# For scenarios that run what the plan prints, to be sourced after endpoint.sh, in the folder of a
# migration.yaml.

tried=0

at() { redis-cli -h "${1%:*}" -p "${1##*:}" "${@:2}" 2>&1 | tr -d '\r'; } # HOST:PORT WORD…

# The command of a finding's remedy. remedy ID PATTERN
remedy() {
    "$program" plan --format json migration.yaml 2>/dev/null >plan.json
    python3 -c '
import json, re, sys
for note in json.load(open("plan.json"))["context"]["findings"]:
    if note["id"] == sys.argv[1]:
        found = re.search(sys.argv[2], note["remedy"])
        print(found.group(0) if found else "nothing like it in: " + note["remedy"])
        break
' "$1" "$2"
}

# printed ID PATTERN: the finding is there and prints such a command, which is then in $command.
printed() {
    tried=$((tried + 1))
    command=$(remedy "$1" "$2")
    [ -n "$command" ] && [ "${command#nothing}" = "$command" ] && return
    fails "$1: ${command:-it is not found}"
    return 1
}

# gone ID…: none of them is found, in a few seconds at the latest: what it was spreads.
gone() {
    local id left
    for id in "$@"; do
        for _ in $(seq 40); do
            left=$(remedy "$id" '.*')
            [ -n "$left" ] || break
            sleep 0.2
        done
        [ -z "$left" ] || fails "$id: '$command' does not help: $left"
    done
}

remedies_end() {
    [ "$failures" = 0 ] || { echo "$failures failures"; exit 1; }
    echo "remedies: $tried printed commands were run, and each had its effect"
}
