#!/usr/bin/env python3
"""Run a data set whole and in shards, in any order, and compare every file.

    cargo build --release -p avibench
    scripts/check_shards.py [--avibench target/release/avibench] [--scale 1] [--shards 1 2 7 50]

A set of the benchmark's size is generated (`synth smoke --scale 1`; smaller scales try the same with
less) and asked of the built-in model `chance`: once whole, and once for each number of shards, which
run in an order drawn at random, four at a time. Then answers are merged, formatted in as many
shards, merged again and scored. Prediction files, formatted files and score files must be the same
byte by byte; reports and rows but for what tells how fast answers came. Merging again must change
nothing.

Last, 50 shards of 2,000 answers each are merged, and the time and the most memory are told.

With --scale 1 it takes about ten minutes on two cores. Needs Python 3.9 and nothing else; the exit
code is 0 if all holds.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# What tells how fast answers came, and digests of files that hold it.
MOMENTS = {"latency_ms", "tries", "json_lines_sha256", "parquet_sha256"}
checks = []


def check(name, holds, words=""):
    checks.append(bool(holds))
    print(f"{'ok    ' if holds else 'FAILED'} {name}{'' if holds else f': {words}'}", flush=True)


def run(program, folder, line, code=0):
    settings = {key: value for key, value in os.environ.items() if not key.startswith("AVIBENCH_")}
    ended = subprocess.run(
        [program, *line.split()], cwd=folder, env={**settings, "HF_HUB_OFFLINE": "1"},
        capture_output=True, text=True,
    )
    if ended.returncode != code:
        sys.exit(f"avibench {line} ended with {ended.returncode}, not {code}:\n{ended.stderr[-3000:]}")
    return ended


def digests(folder):
    """The digest of every file below a folder, but for locks, which name who writes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def steady(value):
    if isinstance(value, dict):
        return {key: steady(found) for key, found in value.items() if key not in MOMENTS}
    return [steady(found) for found in value] if isinstance(value, list) else value


def results(folder):
    """What a scored label left, without moments."""
    scores = folder / "eval_outputs"
    with open(scores / "m.samples.jsonl", encoding="utf-8") as rows:
        rows = hashlib.sha256("".join(json.dumps(steady(json.loads(row))) for row in rows).encode())
    return {
        "answers": digests(folder / "user_outputs/m/tasks"),
        "formatted": digests(folder / "user_outputs_refined/m/tasks"),
        "scores": (scores / "m.json").read_bytes(),
        "report": steady(json.loads((scores / "m.report.json").read_text())),
        "rows": rows.hexdigest(),
    }


def in_shards(program, folder, data, shards, dice):
    """A run in so many shards, in an order drawn at random."""
    for command in ("run --backend chance --model-label m", "refine --models m --refine rules"):
        order = list(range(1, shards + 1))
        dice.shuffle(order)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            lines = (f"{command} --data-root {data} --shard {shard}/{shards}" for shard in order)
            list(pool.map(lambda line: run(program, folder, line), lines))
        run(program, folder, f"merge m --data-root {data}")
    before = digests(folder)
    again = run(program, folder, f"merge m --data-root {data}")
    after = digests(folder)
    check(f"merging {shards} shards again changes nothing", before == after, again.stderr[-500:])
    run(program, folder, f"score --models m --data-root {data}")


def merge_many(program, work):
    """50 shards of 2,000 answers: the time and the most memory of a merge."""
    data, folder = work / "many", work / "merged"
    folder.mkdir()
    # 17 times the benchmark's size is some 100,000 samples; what they ask does not matter here.
    task = data / "levels/perception/AVM"
    task.mkdir(parents=True)
    records = [
        {"id": f"{i:06}", "input": {"question": {"text": "?", "options": "avm_options_list"}},
         "output": {"question_answer": "yes"}}
        for i in range(100_000)
    ]
    (task / "data.json").write_text(json.dumps(records))
    lines = [
        f"run --backend chance --model-label m --data-root {data} --tasks AVM --shard {shard}/50"
        for shard in range(1, 51)
    ]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda line: run(program, folder, line), lines))
    begun = time.monotonic()
    ended = run(program, folder, f"merge m --data-root {data}")
    took = time.monotonic() - begun
    check("50 shards of 2,000 answers are merged", "100000 answers" in ended.stderr, ended.stderr[-500:])
    process = subprocess.Popen(
        [program, "merge", "m", "--data-root", data], cwd=folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    _, _, used = os.wait4(process.pid, 0)
    print(f"       the first merge took {took:.2f} s, another one at most {used.ru_maxrss / 1024:.0f} MiB")


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--avibench", type=Path, default=Path("target/release/avibench"))
    words.add_argument("--scale", type=float, default=1)
    words.add_argument("--shards", type=int, nargs="+", default=[1, 2, 7, 50])
    words.add_argument("--seed", type=int, default=0)
    asked = words.parse_args()
    program, dice = asked.avibench.resolve(), random.Random(asked.seed)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    work = Path(tempfile.mkdtemp())
    try:
        data, whole = work / "data", work / "whole"
        run(program, work, f"synth smoke --seed 7 --scale {asked.scale} --out {data}")
        whole.mkdir()
        for line in ("run --backend chance --model-label m", "refine --models m --refine rules", "score --models m"):
            run(program, whole, f"{line} --data-root {data}")
        expected = results(whole)
        for shards in asked.shards:
            folder = work / f"shards-{shards}"
            folder.mkdir()
            begun = time.monotonic()
            in_shards(program, folder, data, shards, dice)
            found = results(folder)
            for name, value in expected.items():
                check(f"{shards} shards: {name} as of the whole run", found[name] == value)
            print(f"       {shards} shards took {time.monotonic() - begun:.0f} s")
            shutil.rmtree(folder)
        merge_many(program, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{sum(checks)} of {len(checks)} hold")
    sys.exit(0 if all(checks) else 1)


if __name__ == "__main__":
    main()
