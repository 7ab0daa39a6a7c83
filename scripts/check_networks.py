#!/usr/bin/env python3
"""Check that runs give the same answers through real proxies and through TLS as without them.

    cargo build --release -p avibench
    scripts/check_networks.py [--avibench target/release/avibench] [--venv FOLDER]

The script makes a virtual environment in a temporary folder, installs `pproxy` and `proxy.py`
from PyPI into it, generates a smoke set, starts `avibench serve`, and asks every question

    directly; through HTTP and SOCKS proxies of both packages, with and without a password;
    through TLS with a certificate that `openssl req -x509` made, with one of an authority of its
    own, and through TLS in the tunnel of each kind of proxy.

The prediction files must be the same, byte by byte, and passwords must stand in no file and in
nothing printed. A wrong password, an unknown authority and a wrong name must end a run in words
that name the proxy or the certificate.

Everything runs on 127.0.0.1. Since servers on this machine are never asked through a proxy, the
endpoint is called `model.test`, a name that only the proxies know. Needs `openssl`; Python 3.9 or
later; the exit code is 0 if all holds.
"""

import argparse
import contextlib
import filecmp
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import venv
from pathlib import Path

USER, PASSWORD = "me", "hidden-0123456789"
# What the proxies' Python loads first: the endpoint's name leads to this machine.
NAMES = """\
import socket
looked_up = socket.getaddrinfo
def look_up(host, *rest, **more):
    return looked_up("127.0.0.1" if host in ("model.test", b"model.test") else host, *rest, **more)
socket.getaddrinfo = look_up
"""
checks = []


def check(name, holds, words=""):
    checks.append(holds)
    print(f"{'ok    ' if holds else 'FAILED'} {name}{'' if holds else ': ' + words}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, port=None, **options):
    """A program that is ended with the block, once it listens on `port`."""
    process = subprocess.Popen([str(part) for part in command], **options)
    try:
        deadline = time.time() + 30
        while port and time.time() < deadline:
            if process.poll() is not None:
                sys.exit(f"{command[0]} ended at once")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def certificates(folder):
    """A certificate that signed itself, and one of an authority of its own."""
    name = "subjectAltName=DNS:model.test,IP:127.0.0.1"
    new = ["-newkey", "rsa:2048", "-nodes", "-days", "2"]
    openssl(folder, "req", "-x509", *new, "-keyout", "own.key", "-out", "own.pem",
            "-subj", "/CN=model.test", "-addext", name)
    openssl(folder, "req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=An authority")
    openssl(folder, "req", *new[:-2], "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=model.test")
    (folder / "alt.txt").write_text(name + "\n")
    openssl(folder, "x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", "alt.txt", "-out", "leaf.pem")


def copy(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def tls_before(port, certificate, key):
    """TLS on a free port, handed on to `port` in the clear; gives the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(raw):
        with contextlib.suppress(OSError), context.wrap_socket(raw, server_side=True) as client:
            with socket.create_connection(("127.0.0.1", port)) as server:
                threading.Thread(target=copy, args=(client, server), daemon=True).start()
                copy(server, client)

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


class Bench:
    """The program, its data, and the answers that it should get."""

    def __init__(self, avibench, folder):
        self.avibench, self.folder, self.runs = avibench, folder, 0
        self.data = folder / "data"
        subprocess.run([avibench, "synth", "smoke", "--seed", "7", "--out", self.data],
                       check=True, capture_output=True)

    def run(self, base_url, *arguments, **variables):
        """Asks every question; gives exit code, words and the folder of the label."""
        self.runs += 1
        outputs = self.folder / f"outputs{self.runs}"
        environment = {name: value for name, value in os.environ.items()
                       if not name.lower().endswith("_proxy") and not name.startswith("SSL_CERT")}
        environment |= {"OPENAI_API_KEY": "EMPTY", **variables}
        done = subprocess.run(
            [self.avibench, "run", "--base-url", base_url, "--model-path", "chance", "--model-label", "m",
             "--data-root", self.data, "--output-dir", outputs, "--tries", "2", *arguments],
            env=environment, capture_output=True, text=True, timeout=300)
        said = " ".join((done.stdout + done.stderr).split())
        texts = [path.read_bytes() for path in outputs.rglob("*") if path.is_file()]
        secret = PASSWORD in said or any(PASSWORD.encode() in text for text in texts)
        return done.returncode, said, outputs / "m" / "tasks", secret

    def same(self, name, expected, base_url, *arguments, **variables):
        code, said, tasks, secret = self.run(base_url, *arguments, **variables)
        names = sorted(path.name for path in expected.iterdir())
        equal = tasks.is_dir() and filecmp.cmpfiles(expected, tasks, names, shallow=False)[0] == names
        check(name, code == 0 and equal and not secret, f"exit code {code}; {said[-600:]}")

    def fails(self, name, words, base_url, *arguments, **variables):
        code, said, _, secret = self.run(base_url, "--tasks", "AVM", "--n-samples", "1", *arguments, **variables)
        check(name, code in (1, 2) and words in said and not secret, f"exit code {code}; {said[-600:]}")


def proxies(binaries, environment, stack):
    """Starts them; gives name, address with and without the right password."""
    def start(command, port):
        stack.enter_context(running(command, port, env=environment, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL))

    # pproxy's SOCKS 4 knows no names, and by HTTP it lets everybody in from where the right password came once.
    for scheme, ours in [("http", "http"), ("socks5", "socks5h")]:
        port = free_port()
        start([binaries / "pproxy", "-l", f"{scheme}://127.0.0.1:{port}"], port)
        yield f"pproxy, {scheme}", f"{ours}://127.0.0.1:{port}", None
        port = free_port()
        start([binaries / "pproxy", "-l", f"{scheme}://127.0.0.1:{port}#{USER}:{PASSWORD}"], port)
        yield (f"pproxy, {scheme} with a password", f"{ours}://{USER}:{PASSWORD}@127.0.0.1:{port}",
               f"{ours}://{USER}:wrong-{PASSWORD}@127.0.0.1:{port}" if scheme == "socks5" else None)
    port = free_port()
    start([binaries / "proxy", "--hostname", "127.0.0.1", "--port", port], port)
    yield "proxy.py", f"http://127.0.0.1:{port}", None
    port = free_port()
    start([binaries / "proxy", "--hostname", "127.0.0.1", "--port", port,
           "--basic-auth", f"{USER}:{PASSWORD}"], port)
    yield ("proxy.py with a password", f"http://{USER}:{PASSWORD}@127.0.0.1:{port}",
           f"http://{USER}:wrong-{PASSWORD}@127.0.0.1:{port}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--avibench", default="target/release/avibench")
    parser.add_argument("--venv", help="keep the virtual environment here, or use the one that is")
    arguments = parser.parse_args()
    avibench = Path(arguments.avibench).resolve()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        folder = Path(folder)
        environment_folder = Path(arguments.venv or folder / "venv").resolve()
        if not (environment_folder / "pyvenv.cfg").exists():
            venv.create(environment_folder, with_pip=True)
        binaries = environment_folder / "bin"
        subprocess.run([binaries / "python", "-m", "pip", "install", "--quiet", "pproxy", "proxy.py"], check=True)
        (folder / "names").mkdir()
        (folder / "names" / "sitecustomize.py").write_text(NAMES)
        certificates(folder)
        bench = Bench(avibench, folder)
        served = stack.enter_context(running([avibench, "serve", "--model", "chance", "--port", "0"],
                                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
        direct = served.stdout.readline().strip()
        port = int(direct.split(":")[2].split("/")[0])
        code, said, expected, _ = bench.run(direct)
        check("a direct run", code == 0, said)

        own = tls_before(port, folder / "own.pem", folder / "own.key")
        leaf = tls_before(port, folder / "leaf.pem", folder / "leaf.key")
        here = "https://127.0.0.1"
        bench.same("signed by itself, --ca-file", expected, f"{here}:{own}/v1", "--ca-file", folder / "own.pem")
        bench.same("signed by itself, SSL_CERT_FILE", expected, f"{here}:{own}/v1",
                   SSL_CERT_FILE=str(folder / "own.pem"))
        bench.same("an authority of its own, --ca-file", expected, f"{here}:{leaf}/v1", "--ca-file", folder / "ca.pem")
        bench.same("the leaf itself, SSL_CERT_FILE", expected, f"{here}:{leaf}/v1",
                   SSL_CERT_FILE=str(folder / "leaf.pem"))
        bench.fails("signed by itself, not named", "has signed itself", f"{here}:{own}/v1")
        bench.fails("an unknown authority", "an authority that is not trusted here", f"{here}:{leaf}/v1")
        bench.fails("a wrong name", "not for localhost", f"https://localhost:{own}/v1",
                    "--ca-file", folder / "own.pem")

        environment = {**os.environ, "PYTHONPATH": str(folder / "names")}
        for name, address, wrong in proxies(binaries, environment, stack):
            bench.same(name, expected, f"http://model.test:{port}/v1", ALL_PROXY=address)
            bench.same(f"{name}, TLS", expected, f"https://model.test:{own}/v1",
                       "--ca-file", folder / "own.pem", HTTPS_PROXY=address)
            if wrong:
                bench.fails(f"{name}, a wrong one", "(ALL_PROXY)", f"http://model.test:{port}/v1", ALL_PROXY=wrong)
                bench.fails(f"{name}, a wrong one, TLS", "(HTTPS_PROXY)", f"https://model.test:{own}/v1",
                            "--ca-file", folder / "own.pem", HTTPS_PROXY=wrong)
    print(f"{sum(checks)} of {len(checks)} checks hold")
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
