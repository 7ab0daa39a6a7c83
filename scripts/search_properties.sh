#!/bin/sh
# Runs the property tests on inputs that no run before has tried, and far more of them than the tests do.
# Usage: scripts/search_properties.sh [TIMES_AS_MANY [SEED]]
# Prints the seed first. A failure is printed made small, and its seed written beside the test: commit it
# with the mend.
set -eu
cd "$(dirname "$0")/.."
times=${1:-40}
seed=${2:-$(date +%s)}
echo "seed $seed, $times times as many inputs"
# Of what decodes archives and weights, one input takes as long as a hundred texts.
search() {
    of=$1
    shift
    packages=
    for crate in "$@"; do
        packages="$packages -p avibench-$crate"
    done
    # Words without blanks: one flag and one name for each crate.
    # shellcheck disable=SC2086
    PROPTEST_RNG_SEED=$seed PROPTEST_CASES=$((256 * of)) \
        PROPTEST_MAX_GLOBAL_REJECTS=$((1024 * of)) \
        cargo test --release --quiet $packages
}
search "$times" answers reading statistics store score batch leaderboard
search $((times / 8 + 1)) export fense media
