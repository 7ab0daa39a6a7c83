#!/usr/bin/env python3
"""Looks at pages that `avibench report` and `avibench leaderboard build` made or `avibench view` serves,
in a headless Chromium.

    scripts/check_pages.py [--shots FOLDER] PAGE [PAGE ...]

PAGE is a file, or the address that `avibench view` printed: then the page of labels and those that
it links to are looked at. For each page, in both colour schemes and at the widths of a desk and a phone: opens every kind of
page, reports errors of the console and requests to other hosts, runs axe-core (from the npm
registry) through the debugging protocol, and saves screenshots. Of each page about runs it also measures how
long opening and filtering take. Exit code 1 if anything was found.

Makes its own virtual environment; it is no part of `cargo test`, because it needs PyPI and npm.
"""

import argparse
import base64
import io
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request

HOME = pathlib.Path(tempfile.gettempdir()) / "avibench-check-pages"
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}


def in_own_environment():
    """Starts again within an environment that has a client for web sockets."""
    python = HOME / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "websocket-client"], check=True)
    if pathlib.Path(sys.prefix) != HOME / "venv":
        raise SystemExit(subprocess.run([python, *sys.argv]).returncode)


def npm_registry():
    """The registry that npm is set to use on this machine."""
    if shutil.which("npm"):
        said = subprocess.run(["npm", "config", "get", "registry"], capture_output=True, text=True)
        if said.returncode == 0 and said.stdout.startswith("http"):
            return said.stdout.strip().rstrip("/")
    return "https://registry.npmjs.org"


def axe():
    """The source of axe-core."""
    kept = HOME / "axe.min.js"
    if not kept.exists():
        about = json.load(urllib.request.urlopen(f"{npm_registry()}/axe-core/latest"))
        archive = urllib.request.urlopen(about["dist"]["tarball"]).read()
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            kept.write_bytes(files.extractfile("package/axe.min.js").read())
    return kept.read_text()


class Browser:
    """A headless Chromium, spoken to by its debugging protocol."""

    def __init__(self):
        import websocket

        name = next(n for n in ("chromium", "chromium-browser", "google-chrome") if shutil.which(n))
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio", "--hide-scrollbars",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0",
                 f"--user-data-dir={self.profile.name}"]
        self.child = subprocess.Popen([name, *flags, "about:blank"], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, text=True)
        address = next(m.group(1) for line in self.child.stderr
                       if (m := re.search(r"DevTools listening on (\S+)", line)))
        self.socket = websocket.create_connection(address, suppress_origin=True, timeout=120)
        self.number = 0
        self.events = []
        self.session = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def run(self, script):
        result = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def open(self, address):
        """Opens a page; how many milliseconds it took until its script had run."""
        self.send("Page.navigate", url="about:blank")
        begun = time.monotonic()
        self.send("Page.navigate", url=address)
        while not self.run("document.readyState === 'complete' && !!document.querySelector('.page.current')"):
            time.sleep(0.01)
        return 1000 * (time.monotonic() - begun)

    def look(self, width, height, scheme):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def shot(self, path, whole=False):
        clip = {}
        if whole:
            size = self.send("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"captureBeyondViewport": True,
                    "clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}}
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png", **clip)["data"]))

    def problems(self):
        """Errors of the console, and requests to anywhere but files and data."""
        found = []
        for event in self.events:
            params = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                found.append("exception: " + json.dumps(params["exceptionDetails"])[:300])
            elif event["method"] == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                found.append("log: " + params["entry"]["text"] + " " + params["entry"].get("url", ""))
            elif event["method"] == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
                found.append("console: " + json.dumps(params["args"])[:300])
            elif event["method"] == "Network.requestWillBeSent":
                url = params["request"]["url"]
                if not url.startswith(("file:", "data:", "blob:", "about:", "http://127.0.0.1:")):
                    found.append("request: " + url)
        self.events.clear()
        return found

    def close(self):
        self.socket.close()
        self.child.terminate()
        self.child.wait()
        self.profile.cleanup()


def routes(browser):
    """One page of each kind, and a sample of each family. The leaderboard is one page."""
    return browser.run("""(() => {
      if (!document.getElementById('data')) return [['whole', '']];
      const data = JSON.parse(document.getElementById('data').textContent);
      const found = [['front', '#/']];
      if (document.querySelector('[data-route="/comparison"]')) found.push(['comparison', '#/comparison']);
      const tasks = [...document.querySelectorAll('.page')].map(p => p.dataset.route).filter(r => r.startsWith('/task/'));
      for (const task of tasks) found.push(['task-' + task.slice(6), '#' + task]);
      found.push(['samples', '#/samples']);
      const seen = new Set();
      for (const folder of data.folders) {
        const key = folder.family + folder.stage;
        if (seen.has(key) || !folder.models.some(Boolean)) continue;
        seen.add(key);
        found.push(['sample-' + folder.name, '#/sample/' + folder.name + '/0']);
      }
      return found;
    })()""")


def pages(browser, named):
    """The address, name and length in MB of each page."""
    found = []
    for page in named:
        if page.startswith("http:"):
            browser.open(page)
            home = browser.run("location.origin + '/'")
            found.append((home, "labels", None))
            for link in browser.run("[...document.querySelectorAll('.pages a')].map(link => link.href)"):
                found.append((link, link.removeprefix(home).replace("/", "-"), None))
        else:
            file = pathlib.Path(page).resolve()
            found.append((file.as_uri(), file.stem, file.stat().st_size / 1e6))
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pages", nargs="+")
    parser.add_argument("--shots", type=pathlib.Path)
    parser.add_argument("--fast", action="store_true", help="screenshots only")
    args = parser.parse_args()
    in_own_environment()
    source = None if args.fast else axe()
    browser = Browser()
    findings = 0
    for address, stem, length in pages(browser, args.pages):
        for scheme in ("light", "dark"):
            for name, (width, height) in WIDTHS.items():
                browser.look(width, height, scheme)
                took = browser.open(address)
                if name == "desk" and scheme == "light":
                    print(f"{stem}: {'' if length is None else f'{length:.2f} MB, '}open in {took:.0f} ms")
                if name == "desk" and scheme == "light" and browser.run("!!document.getElementById('data')"):
                    filtered = browser.run("""(async () => {
                      location.hash = '#/samples';
                      await new Promise(r => setTimeout(r, 300));
                      const input = document.getElementById('filter');
                      const times = [];
                      for (const text of ['strict < 0.5', 'truth contains "a"', 'answer contains "e" and strict < 1']) {
                        const state = '#/samples?filter=' + encodeURIComponent(text);
                        const begun = performance.now();
                        location.hash = state;
                        await new Promise(r => addEventListener('hashchange', () => requestAnimationFrame(() => setTimeout(r)), {once: true}));
                        times.push(Math.round(performance.now() - begun));
                      }
                      location.hash = '#/';
                      return times;
                    })()""")
                    print(f"  filters took {filtered} ms")
                for route, hash in routes(browser):
                    if hash:
                        browser.run(f"location.hash = {json.dumps(hash)}")
                    time.sleep(1.2 if route.startswith("sample-") else 0.15)
                    if args.shots:
                        args.shots.mkdir(parents=True, exist_ok=True)
                        browser.shot(args.shots / f"{stem}-{route}-{name}-{scheme}.png", whole=True)
                    wide = browser.run("document.documentElement.scrollWidth - innerWidth")
                    if wide > 0:
                        print(f"  {route} {name}: {wide} px wider than the window")
                        findings += 1
                    if source:
                        browser.run(source + "; true")
                        said = browser.run("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v =>"
                                           "({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)), count: v.nodes.length})))")
                        for violation in said:
                            print(f"  {route} {name} {scheme}: {violation['impact']} {violation['id']} ({violation['count']}): {violation['help']}")
                            for node in violation["nodes"]:
                                print(f"      {node}")
                            findings += violation["impact"] in ("serious", "critical")
                for problem in browser.problems():
                    print(f"  {name} {scheme}: {problem}")
                    findings += 1
    browser.close()
    print(f"{findings} findings")
    raise SystemExit(findings > 0)


if __name__ == "__main__":
    main()
