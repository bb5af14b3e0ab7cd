# shellcheck shell=bash
# For the scripts of tests/bench, to be sourced.

# whole_numbers USAGE LEAST VALUE…: each is one, and not less; else the script ends with 64.
whole_numbers() {
    local usage=$1 least=$2 value
    shift 2
    for value in "$@"; do
        case $value in
        '' | *[!0-9]* | ??????????*) value=-1 ;;
        esac
        [ "$value" -lt "$least" ] || continue
        echo "bench: numbers from $least on; usage: $usage" >&2
        exit 64
    done
}
