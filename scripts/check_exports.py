#!/usr/bin/env python3
"""Checks what `avibench export` writes with the tools that it is for.

    scripts/check_exports.py PROGRAM [--shots FOLDER] [--trackers]

PROGRAM is the avibench to try. It makes a small data set and labels that differ in what can go wrong: everything
answered, with captions by the stand-in; a server that refuses, fails and cuts answers off; a random part; a run that
ended early; and one without journals. Every label is exported in every format, and then

* inspect-ai reads the logs, whole and as headers, makes data frames of them, converts them to `.eval`, reads those
  again, and bundles them; the bundle is opened in a headless Chromium, where a sample with its media and scores must
  show (`--shots` keeps the pictures);
* the JSON schemas of every-eval-ever 0.3.0 and its own validator check the records;
* huggingface_hub reads the drafts for model cards;
* public exports are searched for the texts of the data set and of the answers.

`--trackers` also runs the lines of docs/exports.md that log to MLflow, TensorBoard and Weights & Biases.

Makes its own virtual environment in a temporary folder; it is no part of `cargo test`, because it needs PyPI.
"""

import argparse
import functools
import glob
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import venv
import zipfile

PACKAGES = ["inspect-ai", "pandas", "pyarrow", "jsonschema", "huggingface_hub", "pyyaml", "rich", "pydantic", "websocket-client"]
TRACKERS = ["mlflow-skinny", "sqlalchemy", "alembic", "tensorboardX", "wandb"]
FAULTS = ["refusal probability=0.1", "status status=422 probability=0.1", "reply name=cut-off probability=0.1"]
LABELS = ["ear", "trouble", "part", "early", "bare"]


def in_environment(folder, arguments):
    """Runs this script again with the Python of a new environment that has the packages."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    packages = PACKAGES + (TRACKERS if arguments.trackers else [])
    subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    subprocess.run([python, "-m", "pip", "download", "--quiet", "--no-deps", "--python-version", "3.12",
                    "--only-binary=:all:", "--dest", folder, "every-eval-ever==0.3.0"], check=True)
    wheel = next(folder.glob("every_eval_ever-*.whl"))
    with zipfile.ZipFile(wheel) as files:
        files.extractall(folder / "eee")
    environment = {**os.environ, "AVIBENCH_CHECK_IN": str(folder)}
    return subprocess.run([python, *sys.argv], env=environment).returncode


class Program:
    """The program, run in a folder of its own."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("OPENAI_", "MODEL_"))}
        self.environment["AVIBENCH_NO_PROBE"] = "1"

    def run(self, line, code=(0,)):
        words = line.split()
        ended = subprocess.run([self.program, *words], cwd=self.folder, env=self.environment,
                               capture_output=True, text=True)
        assert ended.returncode in code, f"{line}: exit code {ended.returncode}\n{ended.stderr}"
        return ended


def make_labels(program):
    program.run("synth smoke --seed 11 --out data")
    program.run("run --backend signal --model-label ear --data-root data")
    program.run("run --backend chance --chance-seed 3 --model-label part --subset 0.5 --data-root data")
    program.run("run --backend signal --model-label bare --tasks sensation --data-root data")
    ask(program, "trouble", FAULTS)
    ask(program, "early", ["quota after=40"])
    program.run("refine --refine rules --data-root data", (0, 2))
    shutil.rmtree(program.folder / "user_outputs" / "bare")
    program.run("score --captions stand-in --data-root data", (0, 2))


def ask(program, label, faults):
    words = [word for fault in faults for word in ("--fault", fault)]
    server = subprocess.Popen([program.program, "serve", "--port", "0", *words], cwd=program.folder,
                              env=program.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        address = server.stdout.readline().strip()
        line = f"run --base-url {address} --model-path signal --model-label {label} --tries 1 --data-root data"
        program.run(line, (0, 1, 2))
    finally:
        server.kill()


def export(program, label):
    program.run(f"export inspect {label} --data-root data --inline-media 64")
    program.run(f"export inspect {label} --data-root data --public")
    eee = f"export eee {label} --data-root data --developer lab --organization Lab --relationship first-party"
    program.run(eee)
    program.run(f"{eee} --public")
    program.run(f"export hf {label} --data-root data --dataset lab/avi --source-url https://example.org/results")


def report_of(program, label):
    return json.loads((program.folder / f"eval_outputs/{label}.report.json").read_text())


def check_inspect(program, label, public=False):
    from inspect_ai.analysis import evals_df, samples_df
    from inspect_ai.log import list_eval_logs, read_eval_log, write_eval_log

    folder = program.folder / "eval_outputs" / f"{label}.inspect{'-public' if public else ''}"
    report = report_of(program, label)
    headlines = {task["task"]: task["headline"]["value"] for task in report["official"]["estimates"]["tasks"]
                 if task["task"].lower() == task["key"]}
    rows = [json.loads(line) for line in open(program.folder / f"eval_outputs/{label}.samples.jsonl")]
    asked = {(row["folder"], row["position"]) for row in rows if row["outcome"] not in ("not_asked", "not_planned")
             and not (row["is_check"] and row["outcome"] == "void")}
    infos = list_eval_logs(str(folder))
    seen, scores, kinds = 0, 0, {}
    converted = program.folder / "converted" / folder.name
    for info in infos:
        log, header = read_eval_log(info.name, resolve_attachments=True), read_eval_log(info.name, header_only=True)
        assert header.samples is None and header.results == log.results, info.name
        assert len({sample.id for sample in log.samples}) == len(log.samples) == log.results.completed_samples
        official = log.results.scores[0]
        value = official.metrics["headline"].value if "headline" in official.metrics else None
        assert value == headlines.get(log.eval.task.removesuffix(" §")), (info.name, value)
        for score in log.results.scores:
            with_score = [sample for sample in log.samples if score.name in (sample.scores or {})]
            assert (len(with_score), len(log.samples) - len(with_score)) == (score.scored_samples, score.unscored_samples)
            if score.name == "strict" and log.eval.task in ("AVM", "AVH", "VAH") and len(with_score):
                mean = sum(sample.scores["strict"].as_float() for sample in with_score) / len(with_score)
                if log.status == "success":
                    assert abs(mean - score.metrics["headline"].value) < 1e-9, (info.name, mean)
        seen += len(log.samples)
        scores += sum(len(sample.scores or {}) for sample in log.samples)
        for sample in log.samples:
            asked_as = sample.metadata.get("asked")
            kinds[asked_as] = kinds.get(asked_as, 0) + 1
            if public:
                assert sample.messages == [] and sample.input == sample.target and sample.output.choices == []
                continue
            if asked_as == "refused":
                assert sample.output.stop_reason == "content_filter" and sample.output.choices[0].stop_details
            if asked_as == "cut_off":
                assert sample.output.stop_reason == "max_tokens"
            if asked_as in ("failed", "rejected"):
                assert sample.error is not None and sample.output.empty and asked_as in sample.error.message
        whole = converted / (pathlib.Path(info.name).stem + ".eval")
        whole.parent.mkdir(parents=True, exist_ok=True)
        write_eval_log(log, str(whole))
        again = read_eval_log(str(whole), resolve_attachments=True)
        assert [(s.id, s.scores) for s in again.samples] == [(s.id, s.scores) for s in sorted(log.samples, key=lambda s: s.id)], whole
    assert seen == len(asked), (label, seen, len(asked))
    samples, evals = samples_df(str(folder)), evals_df(str(folder))
    assert len(samples) == seen and len(evals) == len(infos)
    counted = sum(int(samples[name].notna().sum()) for name in samples.columns if name.startswith("score_"))
    assert counted == scores, (counted, scores)
    marked = [name for name in samples.columns if "§" in name]
    assert bool(marked) == bool(report["captions"] and "AVC" in headlines), marked
    print(f"inspect {folder.name}: {len(infos)} logs, {seen} samples, {scores} scores; asked: {kinds}")


def check_conversion(program, label):
    inspect = pathlib.Path(sys.executable).parent / "inspect"
    logs = program.folder / "eval_outputs" / f"{label}.inspect"
    for words in (["log", "convert", logs, "--to", "eval", "--output-dir", program.folder / "by-command"],
                  ["view", "bundle", "--log-dir", logs, "--output-dir", program.folder / "bundle", "--overwrite"]):
        subprocess.run([inspect, *words], check=True, stdout=subprocess.DEVNULL)
    made = len(list((program.folder / "by-command").glob("*.eval")))
    print(f"inspect log convert: {made} logs; inspect view bundle: made")
    return program.folder / "bundle"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def check_viewer(bundle, shots):
    from check_pages import Browser

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(bundle)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}/index.html"
    logs = {path.name.split("_")[1]: path.name for path in (bundle / "logs").glob("2*.json")}
    browser = Browser()
    browser.look(1400, 1000, "light")

    def shows(name, fragment, *expected):
        browser.send("Page.navigate", url="about:blank")
        browser.send("Page.navigate", url=root + fragment)
        text = ""
        for _ in range(300):
            text = browser.run("document.body ? document.body.innerText : ''") or ""
            if all(word in text for word in expected):
                break
            time.sleep(0.1)
        time.sleep(1)
        if shots:
            browser.shot(shots / f"{name}.png")
        missing = [word for word in expected if word not in text]
        assert not missing, f"{name}: the viewer does not show {missing}:\n{text[:3000]}"
        return text

    shows("logs", "#/logs/", "AVM", "signal", "VSQA", "AVC §")
    shows("log", f"#/logs/{logs['AVM']}", "AVM-0000", "headline")
    shows("captions", f"#/logs/{logs['AVC']}", "AVC-0000", "AVC §", "official §")
    sample = f"#/logs/{logs['AVM']}/samples/sample/AVM-0000/1"
    shows("messages", f"{sample}/messages", "You are a helpful assistant")
    browser.run("[...document.querySelectorAll('button')].filter(b => b.innerText.startsWith('more')).forEach(b => b.click())")
    time.sleep(3)
    if shots:
        browser.shot(shots / "media.png")
    media = browser.run("[...document.querySelectorAll('video, audio, img')].map(m => [m.tagName, "
                        "m.readyState ?? m.naturalWidth, (m.currentSrc || m.src || m.innerHTML).slice(0, 30)])")
    assert any(state and "data:" in place for _, state, place in media), f"no medium plays: {media}"
    shows("scoring", f"{sample}/scoring", "official", "strict", "rule")
    # The viewer asks for files that only sets of evaluations have.
    optional = ("favicon", "eval-set.json", "flow.yaml")
    problems = [found for found in browser.problems() if not any(name in found for name in optional)]
    print(f"viewer: logs, log, messages with media {media}, scores; problems: {problems or 'none'}")
    browser.close()
    server.shutdown()


def check_eee(program, folder, label, public=False):
    import jsonschema

    root = program.folder / "eval_outputs" / f"{label}.eee{'-public' if public else ''}"
    schemas = folder / "eee/every_eval_ever/schemas"
    whole, one = (jsonschema.Draft7Validator(json.loads((schemas / name).read_text()))
                  for name in ("eval.schema.json", "instance_level_eval.schema.json"))
    [path] = root.glob("data/*/*/*/*.json")
    record = json.loads(path.read_text())
    whole.validate(record)
    results = {result["evaluation_result_id"] for result in record["evaluation_results"]}
    lines = [json.loads(line) for file in root.glob("data/*/*/*/*.jsonl") for line in open(file, newline="\n")]
    assert bool(lines) != public
    for line in lines:
        one.validate(line)
        assert line["evaluation_result_id"] in results or not results, line
    environment = {**os.environ, "PYTHONPATH": str(folder / "eee")}
    said = subprocess.run([sys.executable, "-m", "every_eval_ever", "validate", "--format", "json", "data/*/*/*/*.json*"],
                          cwd=root, env=environment, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    troubled = sum("error" in line for line in lines)
    intervals = sum("uncertainty" in result["score_details"] for result in record["evaluation_results"])
    print(f"eee {root.name}: {len(results)} results ({intervals} with intervals), {len(lines)} records of samples "
          f"({troubled} with an error); schemas and validator: clean")


def check_hub(program, label):
    import huggingface_hub
    import yaml

    root = program.folder / "eval_outputs" / f"{label}.hf/.eval_results"
    report = report_of(program, label)
    for name, mode in (("avi-bench.yaml", "official"), ("avi-bench-strict.yaml", "strict")):
        entries = huggingface_hub.parse_eval_result_entries(yaml.safe_load((root / name).read_text()))
        known = {entry.task_id: entry for entry in entries}
        for task in report[mode]["estimates"]["tasks"]:
            value = task["headline"]["value"]
            assert (task["key"] in known) == (value is not None), (label, task["key"])
            if value is not None:
                assert abs(known[task["key"]].value - 100 * value) < 0.001
        assert all(entry.notes.startswith(f"{mode} scoring") and entry.notes.endswith("draft") for entry in entries)
        marked = {entry.task_id for entry in entries if "§" in entry.notes}
        assert ("avc" in marked) == bool(report["captions"] and "avc" in known), marked
        print(f"hub {label} {name}: {len(entries)} results, {len(marked)} marked")


def check_public(program, label):
    def texts(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, (list, dict)):
            for below in value.values() if isinstance(value, dict) else value:
                yield from texts(below)

    secrets = set()
    for path in program.folder.glob("data/levels/*/*/data.json"):
        secrets |= set(texts(json.loads(path.read_text())))
    for line in open(program.folder / f"eval_outputs/{label}.samples.jsonl"):
        row = json.loads(line)
        for field in ("id", "cluster", "subtask", "question", "options", "truth", "raw_answer", "refined_answer", "read"):
            secrets |= set(texts(row[field]))
    secrets = {text for text in secrets if len(text.strip()) >= 8} | {str(program.folder)}
    files = [path for name in ("inspect-public", "eee-public", "hf")
             for path in (program.folder / "eval_outputs" / f"{label}.{name}").rglob("*") if path.is_file()]
    held = "\n".join(f"{path.name}\n{path.read_text()}" for path in files)
    found = [secret for secret in secrets if secret in held or json.dumps(secret)[1:-1] in held]
    assert not found, found[:10]
    print(f"public exports of {label}: {len(files)} files hold none of {len(secrets)} texts")


def check_trackers(program):
    document = (pathlib.Path(__file__).parent.parent / "docs/exports.md").read_text()
    recipes = re.findall(r"```python\n(.*?)```", document, re.S)
    repository = pathlib.Path(__file__).resolve().parent.parent
    environment = {**os.environ, "PYTHONPATH": str(repository / "python"), "WANDB_MODE": "offline", "GIT_PYTHON_REFRESH": "quiet",
                   "MLFLOW_TRACKING_URI": f"sqlite:///{program.folder}/mlflow.db"}
    for recipe in recipes:
        name = next((name for name in ("mlflow", "tensorboardX", "wandb") if name in recipe), None)
        if name is None:
            continue
        ended = subprocess.run([sys.executable, "-c", recipe.replace("my-model", "ear")], cwd=program.folder,
                               env=environment, capture_output=True, text=True)
        assert ended.returncode == 0, f"{name}: {ended.stderr}"
        print(f"{name}: ran")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--shots", type=pathlib.Path)
    parser.add_argument("--trackers", action="store_true")
    arguments = parser.parse_args()
    if "AVIBENCH_CHECK_IN" not in os.environ:
        with tempfile.TemporaryDirectory(prefix="avibench-check-exports-") as folder:
            raise SystemExit(in_environment(pathlib.Path(folder), arguments))
    folder = pathlib.Path(os.environ["AVIBENCH_CHECK_IN"])
    shots = arguments.shots and arguments.shots.resolve()
    if shots:
        shots.mkdir(parents=True, exist_ok=True)
    work = folder / "work"
    work.mkdir()
    program = Program(arguments.program.resolve(), work)
    make_labels(program)
    for label in LABELS:
        export(program, label)
        check_inspect(program, label)
        check_inspect(program, label, public=True)
        check_eee(program, folder, label)
        check_eee(program, folder, label, public=True)
        check_hub(program, label)
        check_public(program, label)
    check_viewer(check_conversion(program, "ear"), shots)
    if arguments.trackers:
        check_trackers(program)
    print("all is as it should be")


if __name__ == "__main__":
    main()
