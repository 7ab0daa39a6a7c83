#!/usr/bin/env python3
"""Build the wheel and the source archive, and try them as somebody who has only Python would.

    scripts/check_wheel.py [--wheel FILE] [--out FOLDER]

The wheel is built with zig as linker for manylinux2014, so that it runs where glibc is as old as
2.17. Then, each in a virtual environment of its own:

    * the wheel alone, with nothing else on the PATH that could stand in for it: `avibench --version`,
      `python -m avibench`, `avibench demo`, and how long installing and the demo take;
    * its frames with pandas, with polars and with neither, and the same files in DuckDB: types of
      columns, and numbers against the JSON of the report;
    * the worker for adapters as `python -m avibench.worker`.

The source archive must hold everything that a build needs: cargo resolves it as it is locked.

Installs maturin, ziglang, pandas, pyarrow, polars and duckdb from PyPI into temporary folders. From
nothing it takes about twenty minutes on two cores, nearly all of it for the build; `--wheel` tries
one that is there already in about two. Needs Python 3.9 or later and, to build, Rust and a C
compiler. The exit code is 0 if all holds.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
checks = []


def check(name, holds, words=""):
    checks.append(bool(holds))
    print(f"{'ok    ' if holds else 'FAILED'} {name}{'' if holds else f': {words}'}", flush=True)


def environment(folder, *packages):
    """A virtual environment with these packages; returns its folder of programs."""
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    if packages:
        command = [programs / "python", "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(command, check=True)
    return programs


def ran(programs, *command, cwd, **more):
    """A command with nothing on the PATH but an environment's programs and the system's own."""
    settings = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(cwd), "LANG": "C.UTF-8", **more}
    return subprocess.run(command, cwd=cwd, env=settings, capture_output=True, text=True)


def build(out, work):
    programs = environment(work / "build", "maturin>=1.9,<2", "ziglang")
    settings = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    settings.setdefault("CARGO_TARGET_DIR", str(work / "target"))
    begun = time.monotonic()
    subprocess.run(
        ["maturin", "build", "--zig", "--compatibility", "manylinux2014", "--out", out],
        cwd=ROOT, env=settings, check=True,
    )
    print(f"the wheel was built in {(time.monotonic() - begun) / 60:.1f} min")
    subprocess.run(["maturin", "sdist", "--out", out], cwd=ROOT, env=settings, check=True)
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz"))


def check_wheel(wheel, work):
    tag = wheel.name.split("-", 2)[2]
    check("the wheel is for manylinux2014", "manylinux2014" in tag or "manylinux_2_17" in tag, tag)
    print(f"       {wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        program = next(name for name in names if name.endswith("/scripts/avibench"))
        wanted = set(re.findall(rb"GLIBC_(\d+)\.(\d+)", archive.read(program)))
    newest = max(((int(a), int(b)) for a, b in wanted), default=(0, 0))
    check(f"the program wants glibc {newest[0]}.{newest[1]}, at most 2.17", newest <= (2, 17))
    check("the worker is in it", "avibench/worker.py" in names, names)

    begun = time.monotonic()
    programs = environment(work / "plain", str(wheel))
    installed = time.monotonic() - begun
    cwd = work / "user"
    cwd.mkdir()
    version = ran(programs, "avibench", "--version", cwd=cwd)
    check("avibench --version", version.returncode == 0, version.stderr)
    print(f"       {version.stdout.strip()}")
    module = ran(programs, "python", "-m", "avibench", "--version", cwd=cwd)
    check("python -m avibench is the same", module.stdout == version.stdout, module.stderr)
    wrong = ran(programs, "python", "-m", "avibench", "score", "--nonsense", cwd=cwd)
    check("its exit codes come through", wrong.returncode == 1, str(wrong.returncode))
    begun = time.monotonic()
    demo = ran(programs, "avibench", "demo", cwd=cwd)
    took = time.monotonic() - begun
    check("avibench demo", demo.returncode == 0, demo.stderr[-2000:])
    print(f"       environment and wheel installed in {installed:.0f} s, demo in {took:.1f} s")
    help_text = ran(programs, "python", "-m", "avibench.worker", cwd=cwd)
    check("python -m avibench.worker says how it is used", "ADAPTER.py" in help_text.stderr + help_text.stdout)
    return cwd / "avibench-demo" / "eval_outputs"


# Run in an environment with one library of frames: prints what it sees.
FRAMES = """
import json, sys
import avibench
library, folder, label = sys.argv[1:]
rows = avibench.samples(label, eval_dir=folder, frame=None if library == "any" else library)
numbers = avibench.report(label, eval_dir=folder, frame=None if library == "any" else library)
types = {name: str(rows[name].dtype) for name in ("label", "position", "score", "correct", "tokens_in")}
number_types = {name: str(numbers[name].dtype) for name in ("name", "value")}
records = numbers.to_dicts() if hasattr(numbers, "to_dicts") else json.loads(numbers.to_json(orient="records", double_precision=15))
print(json.dumps({"rows": len(rows), "types": types, "number_types": number_types, "numbers": records}))
"""


def check_frames(wheel, results, work):
    label = sorted(path.name[: -len(".report.json")] for path in results.glob("*.report.json"))[0]
    report = json.loads((results / f"{label}.report.json").read_text())
    lines = (results / f"{label}.samples.jsonl").read_text().splitlines()
    wanted = {
        ("official", "overall"): report["official"]["estimates"]["overall"],
        **{("strict", task["task"]): task["headline"] for task in report["strict"]["estimates"]["tasks"]},
    }
    expected = {
        "pandas": ({"label": "string", "position": "Int64", "score": "Float64", "correct": "boolean", "tokens_in": "Int64"}, "Float64"),
        "polars": ({"label": "String", "position": "Int64", "score": "Float64", "correct": "Boolean", "tokens_in": "Int64"}, "Float64"),
    }
    for library, packages in (("pandas", ["pandas", "pyarrow"]), ("polars", ["polars"])):
        programs = environment(work / f"with-{library}", str(wheel), *packages)
        found = ran(programs, "python", "-c", FRAMES, library, results, label, cwd=work)
        if found.returncode != 0:
            check(f"frames of {library}", False, found.stderr[-2000:])
            continue
        seen = json.loads(found.stdout)
        check(f"{library} has a row for each line", seen["rows"] == len(lines), str(seen["rows"]))
        types, number = expected[library]
        same = {name: found.lower() == types[name].lower() for name, found in seen["types"].items()}
        check(f"types of {library} are sensible", all(same.values()), seen["types"])
        check(f"numbers of {library} are floats", seen["number_types"]["value"] == number, seen["number_types"])
        got = {(row["mode"], row["name"]): row for row in seen["numbers"]}

        def alike(a, b):
            return a == b if a is None or b is None else abs(a - b) < 1e-12

        right = all(
            alike(got[key][end], number[end]) for key, number in wanted.items() for end in ("value", "low", "high")
        )
        check(f"numbers of {library} are the report's ({len(wanted)} compared)", right)
        marked = {row["name"] for row in seen["numbers"] if row["by_stand_in"]}
        # The demo's captions are rated by the stand-in.
        on_captions = {"overall", "understand", "l1", "l2", "l3", "l4", "AVC"}
        found = {name for name in marked if not name.startswith("AVC/")}
        check(f"{library} marks what rests on the stand-in", found == on_captions, marked)
    programs = environment(work / "neither", str(wheel))
    found = ran(programs, "python", "-c", FRAMES, "any", results, label, cwd=work)
    last = (found.stderr.strip().splitlines() or [""])[-1]
    check("without either the error says what to install", "pip install 'avibench[pandas]'" in last, last)
    missing = ran(
        programs, "python", "-c", "import avibench; avibench.samples('nobody')", cwd=work
    ).stderr.strip().splitlines()[-1]
    check("a label without scores is named", "avibench score --models nobody" in missing, missing)

    programs = environment(work / "duckdb", "duckdb")
    query = (
        "import duckdb, json, sys; print(json.dumps({r[0]: r[1] for r in duckdb.sql("
        "f\"describe from '{sys.argv[1]}'\").fetchall()}))"
    )
    found = ran(programs, "python", "-c", query, results / f"{label}.samples.parquet", cwd=work)
    types = json.loads(found.stdout or "{}")
    sensible = {"label": "VARCHAR", "score": "DOUBLE", "correct": "BOOLEAN", "tokens_in": "BIGINT"}
    same = {name: types.get(name) in (kind, f"U{kind}") for name, kind in sensible.items()}
    check("types of DuckDB are sensible", all(same.values()), found.stderr[-500:] or str(types))


def check_sources(archive, work):
    with tarfile.open(archive) as sources:
        sources.extractall(work / "sources", filter="data")
    root = next((work / "sources").iterdir())
    found = subprocess.run(
        ["cargo", "metadata", "--locked", "--format-version", "1"],
        cwd=root, capture_output=True, text=True,
    )
    check("the source archive resolves as it is locked", found.returncode == 0, found.stderr[-1000:])
    print(f"       {archive.name}: {archive.stat().st_size / 1e6:.1f} MB")


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--wheel", type=Path, help="try this wheel instead of building one")
    words.add_argument("--out", type=Path, help="where the wheel goes (default: a temporary folder)")
    asked = words.parse_args()
    work = Path(tempfile.mkdtemp())
    try:
        if asked.wheel:
            wheel, sources = asked.wheel.resolve(), None
        else:
            out = (asked.out or work / "out").resolve()
            wheel, sources = build(out, work)
        results = check_wheel(wheel, work)
        check_frames(wheel, results, work)
        if sources:
            check_sources(sources, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{sum(checks)} of {len(checks)} hold")
    sys.exit(0 if all(checks) else 1)


if __name__ == "__main__":
    main()
