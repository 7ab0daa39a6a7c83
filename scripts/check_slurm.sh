#!/usr/bin/env bash
# Starts a real Slurm on 127.0.0.1 and runs the job scripts of scripts/slurm in it: a job array with a
# step in its ids, a task that is killed, a task that reaches its time limit and comes back, tasks
# that are submitted again, and the merge. In the end every file is compared with an unsharded run.
#
#   scripts/check_slurm.sh target/release/avibench
#
# Takes about three minutes, most of it waiting. Needs root, and Debian's slurm-wlm, munge and curl,
# which it installs where they are missing. Everything lies in a temporary folder, and the daemons
# end with the script.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:?name the avibench program, such as target/release/avibench}")
scripts=$PWD/scripts/slurm

missing=()
command -v slurmctld >/dev/null || missing+=(slurm-wlm)
command -v munged >/dev/null || missing+=(munge)
command -v curl >/dev/null || missing+=(curl)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

work=$(mktemp -d)
shards=$work/jobs/user_outputs/sharded/shards
# Slurm's daemons want to see that nobody else can write here.
chmod 755 "$work"
begun=$SECONDS
say() { printf '[%3d s] %s\n' $((SECONDS - begun)) "$*"; }
fail() {
  say "FAILED: $*"
  tail -n 20 "$work"/jobs/*.log || true
  exit 1
}

stop_daemons() {
  for name in slurmd slurmctld munged; do
    if [ -f "$work/$name.pid" ]; then kill "$(cat "$work/$name.pid")" 2>/dev/null || true; fi
  done
  pkill -f "$work/bin/avibench" 2>/dev/null || true
  sleep 1
  rm -rf "$work"
}
trap stop_daemons EXIT

start_daemons() {
  mkdir "$work/state" "$work/spool" "$work/log" "$work/jobs" "$work/bin"
  # Tasks call the program by its name.
  cp "$program" "$work/bin/avibench"
  export PATH="$work/bin:$PATH"
  (umask 077 && head -c 1024 /dev/urandom >"$work/munge.key")
  munged --force --key-file="$work/munge.key" --socket="$work/munge.socket" \
    --pid-file="$work/munged.pid" --log-file="$work/log/munged.log" --seed-file="$work/munge.seed"
  local host
  host=$(hostname -s)
  # cred_expire is how long a job that was put back into the queue waits there.
  cat >"$work/slurm.conf" <<CONF
ClusterName=check
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket,cred_expire=5
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/log/slurmctld.log
SlurmdLogFile=$work/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobRequeue=1
CommunicationParameters=NoInAddrAny
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
  export SLURM_CONF="$work/slurm.conf"
  slurmctld -f "$SLURM_CONF"
  slurmd -f "$SLURM_CONF"
  for _ in $(seq 30); do
    if sinfo --noheader --format=%T | grep -q idle; then return; fi
    sleep 1
  done
  fail "Slurm's daemons do not start"
}

# Waits until the queue is empty.
queue_empty() {
  for _ in $(seq 400); do
    if [ -z "$(squeue --noheader)" ]; then return; fi
    sleep 1
  done
  squeue
  fail "the queue does not get empty"
}

# The state that a job or task ended in.
state_of() { scontrol show job "$1" | grep -o 'JobState=[A-Z]*' | head -1 | cut -d= -f2; }

# Submits tasks of the array with the ids of the first argument; prints the job's number.
submit() {
  local ids=$1
  shift
  sbatch --parsable --array="$ids" --chdir="$work/jobs" "$@" "$scripts/shard.sh"
}

# Kills all processes of the running task with this id, as when memory runs out. (`scancel` sends TERM
# first, even with --signal=KILL.)
kill_task() {
  local process
  for process in /proc/[0-9]*; do
    if (tr '\0' '\n' <"$process/environ") 2>/dev/null | grep -qx "SLURM_ARRAY_TASK_ID=$1"; then
      kill -KILL "${process#/proc/}" 2>/dev/null || true
    fi
  done
}

# Merges, and expects the exit code of the first argument and words that match all others.
merge_says() {
  local expected=$1 pattern code=0
  shift
  (cd "$work/jobs" && avibench merge sharded --data-root "$DATA") >"$work/merge.txt" 2>&1 || code=$?
  grep warning "$work/merge.txt" | sed 's/^/    | /' || true
  [ "$code" -eq "$expected" ] || fail "merge ends with $code, not $expected"
  for pattern in "$@"; do
    grep -qE "$pattern" "$work/merge.txt" || fail "merge does not say: $pattern"
  done
}

# Waits until the shard of the first argument has as many answers as the second says.
answers_of() {
  local shard=$1 wanted=$2
  for _ in $(seq 240); do
    if [ "$(cat "$shards/$shard-of-7/journal/"*.jsonl 2>/dev/null | wc -l)" -ge "$wanted" ]; then return; fi
    sleep 0.5
  done
  fail "shard $shard does not get $wanted answers"
}

start_daemons
say "$(slurmctld -V) runs on 127.0.0.1, and $(avibench --version)"

# Captions are not rated, so that nothing is looked for in a network.
export HF_HUB_OFFLINE=1
export DATA="$work/data" MODEL=models/sharded SHARDS=7 PROFILE=gateway
quick="avibench serve --model signal --port \$PORT"
export SERVE=$quick
avibench synth smoke --seed 7 --out "$DATA" >/dev/null 2>&1

say "an unsharded run to compare with"
mkdir "$work/whole"
(
  cd "$work/whole"
  avibench serve --model signal --port 19999 >/dev/null 2>&1 &
  server=$!
  until curl --silent --fail --output /dev/null http://127.0.0.1:19999/v1/models; do sleep 0.2; done
  avibench run --base-url http://127.0.0.1:19999/v1 --model-path models/sharded --model-label sharded \
    --data-root "$DATA" --no-probe >/dev/null 2>&1
  kill "$server"
  avibench refine --models sharded --refine rules --data-root "$DATA" >/dev/null 2>&1
  avibench score --models sharded --data-root "$DATA" >/dev/null 2>&1
)

say "array 1-7:2, two tasks at a time; slow, so that there is time to interfere"
export RUN_FLAGS="--no-probe --concurrency 1"
SERVE="$quick --fault 'latency ms=3000'"
job=$(submit 1-7:2%2 --time=10 --signal=B:USR1@20)
# Task 5 gets one minute and is told twenty seconds before its end; the others get ten.
scontrol update jobid="${job}_5" TimeLimit=1
answers_of 3 3
say "task 3 has answers and is killed with SIGKILL"
kill_task 3
queue_empty
say "the queue is empty; ended: $(for id in 1 3 5 7; do printf '%s %s  ' "$id" "$(state_of "${job}_$id")"; done)"
grep -h 'stopping' "$work/jobs/avibench-${job}_5.log" | sed 's/^/    | /' || true
restarts=$(scontrol show job "${job}_5" | grep -o 'Restarts=[0-9]*' | head -1)
[ "${restarts#Restarts=}" -ge 1 ] || fail "task 5 did not come back"
say "task 5 reached its time limit, and came back: $restarts"
[ "$(state_of "${job}_5")" = COMPLETED ] || fail "task 5 did not end well"
[ "$(state_of "${job}_3")" = FAILED ] || fail "task 3 was not killed"
if grep -q 'answers: ' "$work/jobs/avibench-${job}_3.log"; then fail "task 3 ended by itself"; fi

say "merge, while shards are missing"
merge_says 2 'shard 2 of 7 is missing' 'shard 4 of 7 is missing' 'shard 6 of 7 is missing'

SERVE=$quick
say "array 2-6:2 for the shards that were not submitted yet"
job=$(submit 2-6:2 --time=10)
queue_empty
say "merge, while only a part of shard 3 is missing"
merge_says 2 'shard 3 of 7: [0-9]+ of 23 samples without an answer'

say "array 3 without a number of shards: to Slurm, this array has one task"
alone=$(sbatch --parsable --array=3 --chdir="$work/jobs" --output="$work/alone.log" --wrap \
  "avibench run --backend chance --model-label alone --data-root $DATA --shard auto" --export=ALL,AVIBENCH_SHARDS=)
queue_empty
sed 's/^/    | /' "$work/alone.log"
[ "$(state_of "${alone}_3")" = FAILED ] || fail "a single task without a number of shards was not refused"
grep -q -- '--shards' "$work/alone.log" || fail "the mend is not named"
[ ! -e "$work/jobs/user_outputs/alone/tasks" ] || fail "the whole set was asked as one shard"

say "array 3, then 3,7 once more, and a merge that waits for both"
first=$(submit 3 --time=10)
second=$(submit 3,7 --time=10 --dependency=afterany:"$first")
merge=$(sbatch --parsable --chdir="$work/jobs" --dependency=afterany:"$first":"$second" "$scripts/merge.sh")
queue_empty
[ "$(state_of "$merge")" = COMPLETED ] || fail "the merge job ended as $(state_of "$merge")"
head -n 12 "$work/jobs/avibench-merge-$merge.log" | sed 's/^/    | /'

say "comparing every file with the unsharded run"
compare=(diff --recursive)
for part in user_outputs/sharded/tasks user_outputs_refined/sharded/tasks eval_outputs/sharded.json; do
  "${compare[@]}" "$work/whole/$part" "$work/jobs/$part" || fail "$part differs"
done
python3 - "$work/whole/eval_outputs/sharded" "$work/jobs/eval_outputs/sharded" <<'PYTHON' || fail "reports or rows differ"
import json, sys

# What tells how fast answers came, and the digests of files that hold it.
MOMENTS = {"latency_ms", "tries", "json_lines_sha256", "parquet_sha256"}


def steady(value):
    if isinstance(value, dict):
        return {key: steady(found) for key, found in value.items() if key not in MOMENTS}
    return [steady(found) for found in value] if isinstance(value, list) else value


def differences(first, second, place=""):
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted(first.keys() | second.keys()):
            yield from differences(first.get(key), second.get(key), f"{place}.{key}")
    elif first != second:
        yield f"{place}: {first!r} and {second!r}"[:300]


found = []
whole, sharded = (json.load(open(f"{path}.report.json")) for path in sys.argv[1:])
found += differences(steady(whole), steady(sharded))
whole, sharded = (open(f"{path}.samples.jsonl").read().splitlines() for path in sys.argv[1:])
if len(whole) != len(sharded):
    found.append(f"{len(whole)} rows and {len(sharded)}")
for line, (first, second) in enumerate(zip(whole, sharded), 1):
    found += differences(steady(json.loads(first)), steady(json.loads(second)), f"row {line}")
print("\n".join(found[:20]) or f"    | report and {len(whole)} rows are the same")
sys.exit(bool(found))
PYTHON
say "the merged files are those of the unsharded run, byte for byte"
