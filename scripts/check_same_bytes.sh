#!/bin/sh
# Scores one label again and again on 1, 2 and 4 threads and compares every file that is written.
# Usage: scripts/check_same_bytes.sh BINARY DATA_ROOT REFINED_DIR LABEL [RUNS] [MORE FLAGS OF score ...]
set -eu
if [ $# -lt 4 ]; then
    sed -n 2,3p "$0" >&2
    exit 1
fi
binary=$1 data=$2 refined=$3 label=$4
shift 4
runs=20
if [ $# -gt 0 ]; then
    runs=$1
    shift
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
first=
for threads in 1 2 4; do
    run=1
    while [ "$run" -le "$runs" ]; do
        RAYON_NUM_THREADS=$threads "$binary" score --data-root "$data" --refined-dir "$refined" \
            --models "$label" --eval-dir "$work/out" "$@" >/dev/null 2>&1
        sum=$(cd "$work/out" && sha256sum ./*)
        rm -r "$work/out"
        if [ -z "$first" ]; then
            first=$sum
        elif [ "$sum" != "$first" ]; then
            printf 'run %s on %s threads differs:\n%s\nfirst:\n%s\n' "$run" "$threads" "$sum" "$first"
            exit 1
        fi
        run=$((run + 1))
    done
done
printf '%s runs each on 1, 2 and 4 threads: all files are byte-identical\n' "$runs"
