#!/bin/bash
# Asks one shard of a run, as one task of a Slurm job array:
#
#   export MODEL=Qwen/Qwen2.5-Omni-7B DATA=/data/avi-bench SHARDS=8
#   sbatch --array=1-$SHARDS --gpus-per-node=1 scripts/slurm/shard.sh
#
# Every task starts a model server of its own, waits until it answers, and stops it at the end.
# Two minutes before the time limit Slurm sends USR1 to this script: the run then finishes what it
# has in flight, and the task goes back into the queue, where it goes on later. A task that is
# cancelled (scancel sends TERM) saves its answers too, but does not come back.
#
# Variables: MODEL, DATA and SHARDS as above; LABEL (by default the last part of MODEL);
# SERVE, the command that starts the server on $PORT; PROFILE, how media are packed (by default vllm);
# RUN_FLAGS, further flags of `avibench run`.
#
#SBATCH --job-name=avibench
#SBATCH --time=04:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=avibench-%A_%a.log
set -u

: "${MODEL:?name the model}" "${DATA:?name the folder of the data set}" "${SHARDS:?say how many shards there are}"
# Tasks on one machine need ports of their own; every task has a job number of its own.
export PORT=$((20000 + SLURM_JOB_ID % 20000))
: "${SERVE:=vllm serve $MODEL --host 127.0.0.1 --port $PORT --limit-mm-per-prompt '{\"image\": 10, \"audio\": 4, \"video\": 1}'}"
label=${LABEL:-${MODEL##*/}}

# A session of its own, so that its helpers end with it.
setsid bash -c "exec $SERVE" &
server=$!
trap 'kill -TERM -- "-$server" 2>/dev/null' EXIT

# Loading a model takes minutes. Signals end `sleep` early, so the loop asks again at once.
requeue=no
stopped=no
trap 'requeue=yes stopped=yes' USR1
trap 'stopped=yes' TERM
until curl --silent --fail --output /dev/null "http://127.0.0.1:$PORT/v1/models"; do
  if ! kill -0 "$server" 2>/dev/null; then
    echo "the model server ended before it answered; its messages stand above" >&2
    exit 1
  fi
  if [ "$stopped" = yes ]; then break; fi
  sleep 2 &
  wait $!
done

code=143
if [ "$stopped" = no ]; then
  avibench run --base-url "http://127.0.0.1:$PORT/v1" --model-path "$MODEL" --model-label "$label" \
    --data-root "$DATA" --profile "${PROFILE:-vllm}" --shard auto --shards "$SHARDS" ${RUN_FLAGS:-} &
  run=$!
  trap 'requeue=yes; kill -TERM "$run"' USR1
  trap 'kill -TERM "$run"' TERM
  wait "$run"
  code=$?
  # A signal ends `wait` before the run has ended.
  while kill -0 "$run" 2>/dev/null; do
    wait "$run"
    code=$?
  done
fi

# 143: the run was asked to stop and has more to ask.
if [ "$code" -eq 143 ] && [ "$requeue" = yes ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
