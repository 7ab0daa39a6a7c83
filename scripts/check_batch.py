#!/usr/bin/env python3
"""Check that the official `openai` Python package drives the files and batches of `avibench serve`, and
that what it brings back is what `avibench batch import` reads.

    scripts/check_batch.py AVIBENCH DATA_ROOT [TASK ...]

It installs `openai` with pip into a virtual environment of its own, in a temporary folder, so that it
needs a network or a local index. It serves a built-in model that answers out of order and fails now and
then, exports a run's requests, uploads and submits them with the package, waits, downloads output and
errors, imports them, and goes on with the rest until every sample has an answer. Each check prints a line;
the exit code is 0 if all hold.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import venv

ROUNDS = 5
FAULT = "status status=500 probability=0.05 first_tries=1"


def in_environment(folder):
    """Runs this script again with the Python of a new environment that has the package."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "openai"], check=True)
    code = subprocess.run([python, *sys.argv], env={**os.environ, "AVIBENCH_CHECK_IN": str(folder)})
    return code.returncode


class Program:
    """The program, run in a folder of its own."""

    def __init__(self, program, data, folder):
        self.program, self.data, self.folder = program, data, folder
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("OPENAI_", "MODEL_"))}

    def run(self, *words, code=(0,)):
        ended = subprocess.run([self.program, *words], cwd=self.folder, env=self.environment,
                               capture_output=True, text=True)
        assert ended.returncode in code, f"{words}: exit code {ended.returncode}\n{ended.stderr}"
        return ended

    def serve(self):
        server = subprocess.Popen(
            [self.program, "serve", "--port", "0", "--shuffle-batches", "--seed", "3", "--fault", FAULT],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self.environment)
        return server, server.stdout.readline().strip()


def download(client, file_id, path):
    client.files.content(file_id).write_to_file(path)
    return path


def batch_round(client, export, results):
    """Submits every file of an export, and downloads what comes of it."""
    manifest = json.loads((export / "export.json").read_text())
    downloaded = []
    for number, entry in enumerate(manifest["files"]):
        path = export / entry["name"]
        with path.open("rb") as file:
            uploaded = client.files.create(file=file, purpose="batch")
        assert uploaded.object == "file" and uploaded.bytes == entry["bytes"], uploaded
        assert client.files.retrieve(uploaded.id).filename == entry["name"]
        assert uploaded.id in [listed.id for listed in client.files.list(purpose="batch")]
        assert client.files.content(uploaded.id).read() == path.read_bytes(), "the upload arrived whole"
        made = client.batches.create(input_file_id=uploaded.id, endpoint="/v1/chat/completions",
                                     completion_window="24h", metadata={"check": "batch"})
        assert made.metadata == {"check": "batch"} and made.id in [one.id for one in client.batches.list()]
        while made.status not in ("completed", "failed", "expired", "cancelled"):
            time.sleep(0.1)
            made = client.batches.retrieve(made.id)
        assert made.status == "completed", made
        counts = made.request_counts
        assert counts.total == entry["requests"] == counts.completed + counts.failed, counts
        for file_id in filter(None, [made.output_file_id, made.error_file_id]):
            name = results / f"{made.id}-{number}-{file_id}.jsonl"
            downloaded.append(download(client, file_id, name))
        assert client.files.delete(uploaded.id).deleted
    return downloaded


def check_refusals(client, folder):
    import openai
    bad = folder / "bad.jsonl"
    bad.write_text('{"custom_id": "a"}\n')
    with bad.open("rb") as file:
        uploaded = client.files.create(file=file, purpose="batch")
    made = client.batches.create(input_file_id=uploaded.id, endpoint="/v1/chat/completions",
                                 completion_window="24h")
    while made.status == "validating":
        time.sleep(0.05)
        made = client.batches.retrieve(made.id)
    assert made.status == "failed" and made.errors.data[0].line == 1, made
    for call in (lambda: client.batches.retrieve("batch_none"), lambda: client.files.retrieve("file-none")):
        try:
            call()
        except openai.NotFoundError:
            continue
        raise AssertionError("what is not there was found")
    print("ok: a file that is no batch fails with its line, and what is not there is not found")


def main(folder):
    import openai
    data = pathlib.Path(sys.argv[2]).resolve()
    program = Program(str(pathlib.Path(sys.argv[1]).resolve()), data, folder)
    tasks = ["--tasks", *sys.argv[3:]] if sys.argv[3:] else []
    server, base_url = program.serve()
    try:
        client = openai.OpenAI(base_url=base_url, api_key="EMPTY", max_retries=0)
        results = folder / "results"
        results.mkdir(exist_ok=True)
        for number in range(1, ROUNDS + 1):
            program.run("batch", "export", "--model-path", "m", "--data-root", str(data), *tasks)
            export = folder / "batches" / "m" / str(number)
            downloaded = batch_round(client, export, results)
            imported = program.run("batch", "import", str(export), *map(str, downloaded),
                                   "--data-root", str(data), code=(0, 2))
            print(f"ok: round {number}: {len(downloaded)} files of results imported")
            if imported.returncode == 0:
                break
        else:
            raise AssertionError(f"samples are left after {ROUNDS} rounds")
        assert number > 1, "no request failed, so that nothing was left to be asked again"
        check_refusals(client, folder)
        live = ["run", "--base-url", base_url, "--model-path", "m", "--model-label", "live", "--no-probe"]
        program.run(*live, "--data-root", str(data), *tasks)
        outputs = folder / "user_outputs"
        for path in sorted((outputs / "live" / "tasks").iterdir()):
            assert path.read_bytes() == (outputs / "m" / "tasks" / path.name).read_bytes(), path.name
        print("ok: prediction files are those of a run, byte for byte")
    finally:
        server.terminate()
        server.wait()
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    inside = os.environ.get("AVIBENCH_CHECK_IN")
    if inside:
        sys.exit(main(pathlib.Path(inside)))
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(in_environment(pathlib.Path(temporary)))
