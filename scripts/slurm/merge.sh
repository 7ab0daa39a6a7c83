#!/bin/bash
# Merges the shards of a label, then formats and scores the answers. To be run when all tasks of the
# array have ended, whether well or not:
#
#   job=$(sbatch --parsable --array=1-$SHARDS scripts/slurm/shard.sh)
#   sbatch --dependency=afterany:$job scripts/slurm/merge.sh
#
# `afterok` would wait for ever after one failed task. `merge` itself refuses, with exit code 2 and
# the numbers of the shards to run again, while anything is missing.
#
# Variables: MODEL and DATA as for shard.sh; LABEL (by default the last part of MODEL);
# REFINE_FLAGS, flags of `avibench refine` (by default rules only, which ask nobody).
#
#SBATCH --job-name=avibench-merge
#SBATCH --time=00:30:00
#SBATCH --open-mode=append
#SBATCH --output=avibench-merge-%j.log
set -eu

: "${MODEL:?name the model}" "${DATA:?name the folder of the data set}"
label=${LABEL:-${MODEL##*/}}
avibench merge "$label" --data-root "$DATA"
avibench refine --models "$label" --data-root "$DATA" ${REFINE_FLAGS:---refine rules}
avibench score --models "$label" --data-root "$DATA"
