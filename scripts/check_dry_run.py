#!/usr/bin/env python3
"""Holds `avibench run --dry-run` against a server that counts what really comes in.

    scripts/check_dry_run.py AVIBENCH DATA_ROOT [TASK ...]

For each packing profile, and several numbers of frames where a profile sends any, the dry run's
bytes are compared with those of the request bodies that a server on 127.0.0.1 receives from the
run itself. Prints a Markdown table with a line a profile and folder; ends with 1 if any of them
differs by more than 2%. Needs Python 3.9 and nothing else.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PACKINGS = [
    ["--profile", "gateway"],
    ["--profile", "vllm"],
    ["--profile", "vllm", "--sample-rate", "8000"],
    ["--profile", "openai", "--frames", "1"],
    ["--profile", "openai", "--frames", "4"],
    ["--profile", "openai"],
    ["--profile", "openai", "--frames", "64"],
    ["--profile", "openai", "--frames", "16", "--frame-size", "128"],
]
ANSWER = {"choices": [{"message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}]}


class Counting(BaseHTTPRequestHandler):
    """Answers yes to everything and counts the bytes of bodies."""

    protocol_version = "HTTP/1.1"
    received = Counter()
    lock = threading.Lock()

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        left = length
        while left > 0:
            left -= len(self.rfile.read(min(left, 1 << 20)))
        with self.lock:
            self.received["bytes"] += length
            self.received["requests"] += 1
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    avibench, data_root, *tasks = sys.argv[1:]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/v1"
    environment = {**os.environ, "OPENAI_API_KEY": "EMPTY"}
    names = tasks or sorted(
        folder
        for stage in os.scandir(os.path.join(data_root, "levels"))
        for folder in os.listdir(stage.path)
    )
    print("| Packing | Folder | Requests | Dry run | Counted | Difference |")
    print("|---|---|---:|---:|---:|---:|")
    worst = 0.0
    for packing in PACKINGS:
        sums = Counter()
        with tempfile.TemporaryDirectory() as outputs:
            for name in names:
                command = [avibench, "run", "--base-url", address, "--model-path", "counted",
                           "--data-root", data_root, "--output-dir", outputs, "--tasks", name]
                command += packing
                planned = subprocess.run(command + ["--dry-run", "--json"], env=environment,
                                         check=True, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL)
                folder = json.loads(planned.stdout)["folders"][name]
                Counting.received.clear()
                subprocess.run(command, env=environment, check=False,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                counted = Counting.received["bytes"]
                line = (folder["bytes"], counted, folder["requests"], Counting.received["requests"])
                worst = max(worst, report(packing, name, *line))
                for key, value in zip(("foreseen", "counted", "planned", "asked"), line):
                    sums[key] += value
        report(packing, "all", sums["foreseen"], sums["counted"], sums["planned"], sums["asked"])
    print(f"\nLargest difference of a folder: {100 * worst:.3f}%")
    sys.exit(worst > 0.02)


def report(packing, name, foreseen, counted, planned, asked):
    """Prints a line and returns the difference as a fraction."""
    difference = abs(foreseen - counted) / counted if counted else float(foreseen > 0)
    requests = str(planned) if planned == asked else f"{planned}, came {asked}"
    label = " ".join(packing).replace("--profile ", "").replace("--", "")
    print(f"| {label} | {name} | {requests} | {foreseen:,} | {counted:,} | {100 * difference:.3f}% |",
          flush=True)
    return difference


if __name__ == "__main__":
    main()
