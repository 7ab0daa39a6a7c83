#!/usr/bin/env python3
"""Check that a run stays within 2 GiB of address space, whatever it is given.

    cargo build --release -p avibench
    scripts/check_memory.py [--avibench target/release/avibench] [--concurrency 64] [--healthy 200]

A data set is made of healthy clips, sounds and pictures, of bombs (pictures, videos and sounds that claim or
unpack to more than anybody can hold), and of questions that a server on 127.0.0.1 answers without an end:
with events, comments, one line, blanks, headers, compressed blanks. It is asked in each packing profile,
whole and streamed, with a limit on the address space (RLIMIT_AS). Then worker programs that write without an end to
either stream are asked. After each run

* every healthy sample is answered, and every other one has the one outcome that it should have, with the
  bound in its words;
* the run ended by itself, with the exit code of a run in which samples failed.

Prints a Markdown table with the peaks of memory in use (VmHWM) and of address space (VmPeak). Linux only;
Python 3.9 and nothing else; the exit code is 0 if all holds.
"""

import argparse
import gzip
import json
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CLIPS = Path(__file__).resolve().parent.parent / "crates/media/tests/clips"
LIMIT = 2 << 30
ANSWER = json.dumps({"choices": [{"message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}]}).encode()
# What comes again and again, with what the outcome says of it.
ENDLESS = {
    "events": ("text/event-stream", b'data: {"choices": [{"index": 0, "delta": {"content": "no, "}}]}\n\n', "16 MiB"),
    "comments": ("text/event-stream", b": still here\n\n", "16 MiB"),
    "line": ("text/event-stream", b"data: xxxxxxxx", "16 MiB"),
    "blanks": ("application/json", b"                ", "16 MiB"),
    "brackets": ("application/json", b"[[[[[[[[[[[[[[[[", "16 MiB"),
    "headers": (None, b"X-More: and more\r\n", ""),
    "packed": ("application/json", None, "16 MiB"),
}


def endless_gzip():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    while True:
        yield packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_SYNC_FLUSH)


class Server(BaseHTTPRequestHandler):
    """Answers yes, and without an end where the question says so."""

    def do_POST(self):
        body = bytearray()
        left = int(self.headers["Content-Length"])
        while left > 0:
            piece = self.rfile.read(min(left, 1 << 20))
            left -= len(piece)
            # The question comes last.
            body = (body + piece)[-4096:]
        asked = next((kind for kind in ENDLESS if f"endless {kind}".encode() in body), None)
        try:
            if asked is None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(ANSWER)))
                self.end_headers()
                self.wfile.write(ANSWER)
                return
            content_type, piece, _ = ENDLESS[asked]
            head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
            if content_type:
                packed = b"Content-Encoding: gzip\r\n" if asked == "packed" else b""
                head += packed + f"Content-Type: {content_type}\r\n\r\n".encode()
            self.wfile.write(head)
            pieces = endless_gzip() if piece is None else iter(lambda: piece * 4096, None)
            for piece in pieces:
                self.wfile.write(piece)
        except OSError:
            pass

    def log_message(self, *_):
        pass


def png(width, height, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(1)
    row = bytes(1 + 3 * width)
    pixels = b"".join(packer.compress(row) for _ in range(rows)) + packer.flush()
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def wav(claimed, samples, path):
    with open(path, "wb") as file:
        data = 2 * claimed
        file.write(b"RIFF" + struct.pack("<I", min(36 + data, 2**32 - 1)) + b"WAVEfmt ")
        file.write(struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data" + struct.pack("<I", data))
        file.truncate(44 + 2 * samples)


def gif(width, height):
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"


# Ten hours of AAC silence: a header of 7 bytes and 6 of an empty spectrum for each 1024 samples.
ADTS = b"\xff\xf1\x4c\x40\x01\xbf\xfc\0\xc8\0\x80\x23\x80"
HOURS = 10 * 3600 * 48_000 // 1024


class Threads(ThreadingHTTPServer):
    daemon_threads = True
    # Connections that wait to be taken: more than there are requests at a time.
    request_queue_size = 1024


class DataSet:
    def __init__(self, root, healthy):
        self.task = root / "levels/reasoning/AVQA"
        (self.task / "input").mkdir(parents=True)
        self.records, self.expected = [], []
        clips = ["bframes.mp4", "late_sound.mp4", "burst.flac", "burst.mp3", "halves.jpg"]
        picture = png(640, 480, 480)
        for number in range(healthy):
            name = clips[number % len(clips)]
            self.add(f"{number}-{name}", (CLIPS / name).read_bytes(), "answered")
            if number % 10 == 0:
                self.bombs(number)
            if number % 20 == 0:
                self.add(f"{number}.png", picture, "answered")
        for kind, (_, _, words) in ENDLESS.items():
            for number in range(4):
                name = f"endless-{kind}-{number}.jpg"
                self.add(name, (CLIPS / "halves.jpg").read_bytes(), "failed", words, f"endless {kind} {number}")
        # As much as is taken: pixels of a picture, and half of the largest file.
        self.add("most.png", png(8192, 8192, 8192), "answered")
        wav((1 << 28) - 100, (1 << 28) - 100, self.task / "input/large.wav")
        self.ask("large.wav", "answered")
        (self.task / "data.json").write_text(json.dumps(self.records))

    def bombs(self, number):
        self.add(f"{number}-sides.png", png(60_000, 60_000, 1), "rejected", "3600000000")
        self.add(f"{number}-canvas.gif", gif(65_535, 65_535), "rejected", "4294836225")
        path = self.task / f"input/{number}-lies.wav"
        wav(2**31 - 100, 400, path)
        self.ask(path.name, "rejected", "follow")
        # Whole, and too large for every decoder that would make something of it.
        self.add(f"{number}-hours.aac", ADTS * HOURS, {"openai": "rejected"}, "--max-inflight-mib")

    def add(self, name, content, outcome, words="", text="?"):
        (self.task / "input" / name).write_bytes(content)
        self.ask(name, outcome, words, text)

    def ask(self, name, outcome, words="", text="?"):
        kind = name.rsplit(".")[-1]
        value = {"text": text}
        question = {"question": value}
        if kind in ("png", "gif", "jpg"):
            question["image_list"] = [f"input/{name}"]
        elif kind == "mp4":
            question["video"] = f"input/{name}"
        else:
            question["audio_list"] = [f"input/{name}"]
        identity = str(len(self.records))
        self.records.append({"id": identity, "task": "AVQA", "input": question, "output": {"question_answer": "yes"}})
        self.expected.append((name, outcome, words))

    def findings(self, journal, profile):
        lines = {}
        for line in journal.read_text().splitlines():
            line = json.loads(line)
            lines[line["position"]] = line
        for position, (name, outcome, words) in enumerate(self.expected):
            if isinstance(outcome, dict):
                outcome = outcome.get(profile, "answered")
            line = lines.get(position)
            if line is None:
                yield f"{name} has no outcome"
            elif line["outcome"] != outcome:
                yield f"{name} is {line['outcome']}, not {outcome}: {line.get('error')}"
            elif outcome != "answered" and words not in line["error"]["message"]:
                yield f"{name} does not say `{words}`: {line['error']['message']}"


def bounded(line, folder):
    """Runs a program under the limit; its exit code, words, peaks in MiB, and seconds."""
    begun = time.monotonic()
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    with open(folder / "said", "w+") as said:
        child = subprocess.Popen(line, cwd=folder, stdout=said, stderr=said, preexec_fn=limit)
        peaks = {"VmHWM": 0, "VmPeak": 0}
        while child.poll() is None:
            try:
                status = Path(f"/proc/{child.pid}/status").read_text()
            except OSError:
                break
            for field in status.splitlines():
                name, _, value = field.partition(":")
                if name in peaks:
                    peaks[name] = max(peaks[name], int(value.split()[0]) >> 10)
            time.sleep(0.02)
        child.wait()
        said.seek(0)
        return child.returncode, said.read(), peaks, time.monotonic() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--avibench", default="target/release/avibench")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--healthy", type=int, default=200)
    options = parser.parse_args()
    avibench = str(Path(options.avibench).resolve())
    server = Threads(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    work = Path(tempfile.mkdtemp(prefix="avibench-memory-"))
    data = DataSet(work / "data", options.healthy)
    print("| Run | Samples | Memory in use | Address space | Seconds |")
    print("|---|---|---|---|---|")
    findings = []

    def report(name, samples, peaks, seconds):
        print(f"| {name} | {samples} | {peaks['VmHWM']} MiB | {peaks['VmPeak']} MiB | {seconds:.0f} |", flush=True)

    def find(finding):
        findings.append(finding)
        print(finding, file=sys.stderr, flush=True)

    for profile in ["gateway", "vllm", "openai"]:
        for stream in [[], ["--stream"]]:
            label = f"{profile}{'-streamed' if stream else ''}"
            line = [avibench, "run", "--base-url", f"http://127.0.0.1:{server.server_port}/v1", "--model-path", "m"]
            line += ["--data-root", "data", "--model-label", label, "--profile", profile, "--tries", "2"]
            # A server in Python takes its time with endless streams.
            line += ["--timeout", "900", "--connect-timeout", "120"]
            line += ["--concurrency", str(options.concurrency), *stream]
            code, said, peaks, seconds = bounded(line, work)
            report(label, len(data.expected), peaks, seconds)
            if code != 2:
                find(f"{label} ends with {code}: {said[-2000:]}")
            journal = work / f"user_outputs/{label}/journal/AVQA.jsonl"
            for finding in data.findings(journal, profile):
                find(f"{label}: {finding}")
    ready = 'echo "{\\"ready\\": true}"'
    floods = {"line": "exec cat /dev/zero", "lines": "exec yes", "complaint": "exec cat /dev/zero >&2", "complaints": "yes >&2; :"}
    for name, flood in floods.items():
        line = [avibench, "run", "--backend", f"exec:sh -c '{ready}; {flood}'", "--model-path", "m", "--data-root", "data"]
        line += ["--model-label", name, "--workers", "4", "--timeout", "3", "--tries", "1"]
        code, said, peaks, seconds = bounded(line, work)
        report(f"worker: endless {name}", len(data.expected), peaks, seconds)
        if code not in (1, 2) or "worker" not in said:
            find(f"endless {name} of a worker ends with {code}: {said[-2000:]}")
    shutil.rmtree(work)
    print(f"{'all holds' if not findings else f'{len(findings)} findings'}, "
          f"{options.concurrency} requests at a time, {LIMIT >> 30} GiB of address space")
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
