#!/usr/bin/env python3
"""Check that run, refine, score and synth can be killed at every rename and every sync.

    cargo build --release -p avibench
    scripts/check_kills.py [--avibench target/release/avibench] [--signals KILL,TERM,HUP] [--only synth]

For each command the script makes an undisturbed run, and counts with `strace` how often each
thread renames a file, syncs one, or begins one. Then it runs the command again and again, each time in
a copy of the same folder, and has `strace` send the signal at the first, second, ... of these calls.
After each, the same command is run once more without a signal, and then

* every file that counts is there, byte by byte as after the undisturbed run (journals and run.json,
  which hold times, are read instead of compared);
* nothing half-written is left;
* right after a killed `synth`, what is there is either no data set or one with its manifest: it
  cannot pass for the benchmark itself, nor for a whole set.

`refine` is killed with rules alone and with a language model, which a server of this script plays.

Needs `strace` and the right to trace; Python 3.9 or later; the exit code is 0 if all holds.
"""

import argparse
import collections
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

CALLS = ["rename,renameat,renameat2", "fsync,fdatasync", "mkdir,mkdirat"]
# Files that hold times or what a session took.
TIMED = re.compile(r"run\.json$|\.jsonl$|\.lock$|report\.json$|\.parquet$")


REPLY = json.dumps({"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}).encode()
ENVIRONMENT = {**os.environ, "OPENAI_API_KEY": "EMPTY"}


class Formatter(http.server.BaseHTTPRequestHandler):
    """A language model that brings every answer into the same form."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(REPLY)))
        self.end_headers()
        self.wfile.write(REPLY)

    def log_message(self, *_):
        pass


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def calls_by_thread(log, names):
    counts = collections.Counter()
    wanted = tuple(f"{name}(" for name in names.split(","))
    for line in log.read_text(errors="replace").splitlines():
        thread, _, call = line.partition(" ")
        if call.strip().startswith(wanted):
            counts[thread] += 1
    return max(counts.values(), default=0)


class Command:
    def __init__(self, name, avibench, before, arguments):
        self.name, self.before, self.line = name, before, [avibench, *arguments]

    def run(self, folder, *strace):
        done = subprocess.run([*strace, *self.line], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
                              timeout=600)
        return done.returncode, done.stderr

    def check(self, work, signals):
        """Runs it undisturbed, then with each signal at each call; gives kills and findings."""
        whole = work / "whole"
        shutil.copytree(self.before, whole)
        log = work / "log"
        code, said = self.run(whole, "strace", "-f", "-qq", "-o", log, "-e", "trace=" + ",".join(CALLS))
        if code != 0:
            sys.exit(f"{self.name} fails undisturbed: {said}")
        expected = {name: content for name, content in files(whole).items() if not TIMED.search(name)}
        kills, findings = 0, []
        for calls in CALLS:
            for number in range(1, calls_by_thread(log, calls) + 1):
                for signal in signals:
                    folder = work / "killed"
                    shutil.copytree(self.before, folder)
                    inject = f"inject={calls}:signal={signal}:when={number}"
                    code, _ = self.run(folder, "strace", "-f", "-qq", "-o", "/dev/null", "-e", inject)
                    kills += code != 0
                    where = f"{self.name}, {signal} at {calls.split(',')[0]} {number}"
                    findings += [f"{where}: {finding}" for finding in self.findings(folder, code, expected)]
                    shutil.rmtree(folder)
        shutil.rmtree(whole)
        return kills, findings

    def findings(self, folder, code, expected):
        data = folder / "made"
        if (data / "levels").exists() and not (data / "manifest.json").exists():
            yield "there are media without a manifest"
        if code in (130, 143, 129) and any(".partial" in name for name in files(folder)):
            yield f"it ended with {code} and left something half-written"
        again, said = self.run(folder)
        if again != 0:
            yield f"the next start fails: {said[-400:]}"
            return
        found = files(folder)
        for name, content in expected.items():
            if found.get(name) != content:
                yield f"{name} is {'another' if name in found else 'missing'}"
        for name in found.keys() - expected.keys():
            if not TIMED.search(name):
                yield f"{name} is left over"
            elif name.endswith("run.json"):
                json.loads(found[name])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--avibench", default="target/release/avibench")
    parser.add_argument("--signals", default="KILL,TERM,HUP")
    parser.add_argument("--only", help="this command alone")
    options = parser.parse_args()
    avibench = str(Path(options.avibench).resolve())
    failed = False
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Formatter)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        empty, data = work / "empty", work / "data"
        empty.mkdir()
        few = ["--tasks", "AVM,VSQA_V,ASQA", "--data-root", str(data)]
        make = ["synth", "smoke", "--seed", "7", "--scale", "0.002", "--out"]
        subprocess.run([avibench, *make, data], check=True, capture_output=True)
        asked, refined = work / "asked", work / "refined"
        ask = ["run", "--backend", "chance", *few]
        refine = ["refine", "--refine", "rules", *few]
        base_url = f"http://127.0.0.1:{server.server_port}/v1"
        format_by_model = ["refine", "--refine", "llm", "--base-url", base_url, *few]
        for folder, line, base in [(asked, ask, empty), (refined, refine, asked)]:
            shutil.copytree(base, folder)
            subprocess.run([avibench, *line], cwd=folder, check=True, capture_output=True)
        for name, before, line in [
            ("synth", empty, [*make, "made"]),
            ("run", empty, ask),
            ("refine", asked, refine),
            ("refine-llm", asked, format_by_model),
            ("score", refined, ["score", "--data-root", str(data)]),
        ]:
            if options.only in (None, name):
                kills, findings = Command(name, avibench, before, line).check(work, options.signals.split(","))
                failed |= bool(findings)
                print(f"{name}: ended early {kills} times; {len(findings)} findings", flush=True)
                print("".join(f"  {finding}\n" for finding in findings), end="")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
