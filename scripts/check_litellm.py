#!/usr/bin/env python3
"""Check that runs give the same answers through a LiteLLM proxy as without it.

    cargo build --release -p avibench
    scripts/check_litellm.py [--avibench target/release/avibench] [--litellm 'litellm[proxy]']

LiteLLM is a gateway that many people put before their models. The script makes a virtual
environment in a temporary folder, installs LiteLLM from PyPI into it, generates a smoke set, starts
`avibench serve` and the proxy before it, both on 127.0.0.1, and asks every question three times:

    directly, through the proxy, and through the proxy with answers streamed.

The prediction files of all three must be the same, byte by byte. Then the server is replaced by
one with faults (429, 500, 503, torn bodies, resets on first tries), and the run through the
proxy, which passes them on in its own words, must still end in the same files. A wrong key and an
unknown model must stop the run in the proxy's words, the key not among them.

Nothing leaves this machine but the installation. Python 3.9 or later; the exit code is 0 if all
holds.
"""

import argparse
import contextlib
import filecmp
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path

KEY = "sk-proxy-0123456789abcdef"
FAULTS = [
    "status status=429 retry_after=1 probability=0.1 first_tries=2",
    "status status=500 probability=0.1 first_tries=2",
    "status status=503 probability=0.1 first_tries=2",
    "torn probability=0.1 first_tries=2",
    "reset_before probability=0.1 first_tries=2",
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def install(folder, requirement):
    """A virtual environment with LiteLLM; gives its `bin` folder and LiteLLM's version."""
    if not (folder / "pyvenv.cfg").exists():
        venv.create(folder, with_pip=True)
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [binaries / "python", "-m", "pip"]
    subprocess.run([*pip, "install", "--quiet", requirement], check=True)
    shown = subprocess.run([*pip, "show", "litellm"], check=True, capture_output=True, text=True)
    version = next(line for line in shown.stdout.splitlines() if line.startswith("Version"))
    return binaries, version.split()[-1]


@contextlib.contextmanager
def running(command, log, **options):
    """A program that is ended with the block; its words go to a file."""
    with open(log, "ab") as words:
        process = subprocess.Popen(command, stderr=words, **options)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def served(avibench, folder, *arguments):
    """`avibench serve`; gives its base URL."""
    command = [avibench, "serve", "--model", "chance", "--port", "0", *arguments]
    with running(command, folder / "serve.log", stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()


@contextlib.contextmanager
def proxied(binaries, folder, upstream):
    """A proxy before `upstream`; gives its base URL."""
    config = folder / "litellm.yaml"
    config.write_text(
        "model_list:\n"
        "  - model_name: chance\n"
        "    litellm_params:\n"
        "      model: openai/chance\n"
        f"      api_base: {upstream}\n"
        "      api_key: none\n"
        "litellm_settings:\n"
        "  num_retries: 0\n"
        "  telemetry: false\n"
        "router_settings:\n"
        "  num_retries: 0\n"
        "  disable_cooldowns: true\n"
        "general_settings:\n"
        f"  master_key: {KEY}\n"
    )
    port = free_port()
    command = [binaries / "litellm", "--config", config, "--host", "127.0.0.1", "--port", str(port)]
    # Its own list of prices, so that it looks nothing up.
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    environment.pop("DATABASE_URL", None)
    log = folder / "litellm.log"
    with open(log, "ab") as words:
        with running(command, log, env=environment, cwd=folder, stdout=words) as process:
            base = f"http://127.0.0.1:{port}"
            for _ in range(600):
                if process.poll() is not None:
                    sys.exit(f"the proxy ended at once; see {log}:\n{log.read_text()[-3000:]}")
                with contextlib.suppress(urllib.error.URLError, ConnectionError):
                    urllib.request.urlopen(f"{base}/health/liveliness", timeout=5)
                    break
                time.sleep(0.2)
            else:
                sys.exit(f"the proxy does not come up; see {log}")
            yield f"{base}/v1"


def ask(avibench, folder, label, base_url, *arguments, key=KEY, model="chance", code=0):
    """A run over the smoke set; gives what it said."""
    command = [avibench, "run", "--data-root", "data", "--base-url", base_url]
    command += ["--model-path", model, "--model-label", label, *arguments]
    environment = {**os.environ, "OPENAI_API_KEY": key}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if ended.returncode != code:
        raise AssertionError(f"exit code {ended.returncode}, not {code}:\n{ended.stderr}")
    return ended.stderr


def same_files(folder, label):
    """Whether `label` has the prediction files of the direct run."""
    tasks = folder / "user_outputs" / "direct" / "tasks"
    names = sorted(path.name for path in tasks.iterdir())
    other = folder / "user_outputs" / label / "tasks"
    _, different, missing = filecmp.cmpfiles(tasks, other, names, shallow=False)
    assert not different and not missing, f"{label} differs in {different + missing}"
    return len(names)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--avibench", default="target/release/avibench", type=Path)
    parser.add_argument("--litellm", default="litellm[proxy]", help="what pip is to install")
    parser.add_argument("--venv", type=Path, help="keep the virtual environment here")
    options = parser.parse_args()
    avibench = options.avibench.resolve()
    if not avibench.exists():
        sys.exit(f"no program at {avibench}: build it with cargo build --release -p avibench")
    failures = 0

    def check(name, work):
        nonlocal failures
        begun = time.monotonic()
        try:
            note = work()
            print(f"ok      {name}{f': {note}' if note else ''} ({time.monotonic() - begun:.1f} s)")
        except Exception as error:  # whatever breaks has failed
            failures += 1
            print(f"FAILED  {name}: {error}")

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        binaries, version = install(options.venv or folder / "venv", options.litellm)
        print(f"litellm {version}")
        synth = [avibench, "synth", "smoke", "--seed", "11", "--out", "data"]
        subprocess.run(synth, cwd=folder, check=True, capture_output=True)
        with served(avibench, folder) as direct:
            ask(avibench, folder, "direct", direct)
            with proxied(binaries, folder, direct) as proxy:

                def through(label, *arguments):
                    ask(avibench, folder, label, proxy, *arguments)
                    return f"{same_files(folder, label)} prediction files are the same"

                check("whole answers", lambda: through("whole"))
                check("streamed answers", lambda: through("streamed", "--stream"))

                def wrong_key():
                    # Without a database LiteLLM has no other word for it than 400.
                    said = ask(
                        avibench, folder, "stranger", proxy, key="sk-wrong-0123456789", code=1
                    )
                    assert "No connected db" in said or "does not accept the API key" in said, said
                    assert "sk-wrong" not in said, said

                def wrong_model():
                    said = ask(avibench, folder, "absent", proxy, model="absent", code=1)
                    assert "Invalid model name" in said, said

                check("a wrong key stops the run", wrong_key)
                check("an unknown model stops the run", wrong_model)
        faults = [word for fault in FAULTS for word in ("--fault", fault)]
        with served(avibench, folder, *faults) as direct:
            with proxied(binaries, folder, direct) as proxy:

                def faulty(label, *arguments):
                    said = ask(avibench, folder, label, proxy, *arguments)
                    retries = next((l.strip() for l in said.splitlines() if "retries" in l), "")
                    return f"{same_files(folder, label)} prediction files are the same; {retries}"

                check("faults behind the proxy", lambda: faulty("faulty"))
                check("the same, streamed", lambda: faulty("faulty-streamed", "--stream"))
    print("all hold" if not failures else f"{failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
