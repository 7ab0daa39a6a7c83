#!/usr/bin/env python3
"""Serves a model adapter to avibench over standard input and output.

    avibench run --backend adapter:ADAPTER.py --model-path MODEL_PATH

ADAPTER.py is a module with two functions:

    set_model(model_path)                        -> (model, processor)
    get_response(conversation, processor, model) -> the answer, or a list that begins with it

A conversation is a list of messages, system first; media are parts such as
{"type": "image", "image": "file:///absolute/path.png"}, likewise "audio" and "video".
MODEL_PATH may also come from the environment; without either, set_model is called with None.
The environment variable AVIBENCH_WORKER holds the worker's number, from 1 to AVIBENCH_WORKERS, so
that each can take a GPU of its own.

The protocol is one JSON object a line. This program says {"ready": true} when the model is loaded,
or {"ready": false, "error": ...} if it cannot be, reads {"id", "system", "text", "images", "audios", "video", ...} and answers {"id", "answer"} or
{"id", "error"}. Whatever the adapter prints goes to standard error, so it cannot end up between
the answers. Needs Python 3.8 and nothing else.
"""

import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path


def take_standard_output():
    """The stream for answers; file descriptor 1 and print() lead to standard error from now on.

    Done on descriptors, because libraries written in C print too.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    sys.stdout.flush()
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return answers


# Frames that say nothing about an adapter: those of this program and of the import.
OURS = (
    take_standard_output.__code__.co_filename,
    "<frozen importlib._bootstrap>",
    "<frozen importlib._bootstrap_external>",
)


class Unusable(Exception):
    """No answer can come of this adapter; the text says why."""


def last_lines(error):
    """What is most telling of an error: the last lines of its traceback, without frames of ours."""
    frames = error.__traceback__
    while frames and frames.tb_frame.f_code.co_filename in OURS:
        frames = frames.tb_next
    text = "".join(traceback.format_exception(type(error), error, frames))
    return "\n".join(text.strip().splitlines()[-8:])


def load_adapter(path):
    """Imports the adapter from its file.

    Its own folder and the current one are on the import path, as they are where the original runs it.
    """
    path = Path(path).resolve()
    for folder in (os.getcwd(), str(path.parent)):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise Unusable(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        raise Unusable(f"{path} cannot be imported:\n{last_lines(error)}") from error
    lacking = [name for name in ("set_model", "get_response") if not callable(getattr(module, name, None))]
    if lacking:
        raise Unusable(
            f"{path} has no function {' and no function '.join(name + '()' for name in lacking)}; "
            "an adapter needs set_model(model_path) and get_response(conversation, processor, model)"
        )
    return module


def load_model(adapter, model_path):
    """What set_model returns, as (model, processor)."""
    try:
        loaded = adapter.set_model(model_path)
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        raise Unusable(f"set_model({model_path!r}) failed:\n{last_lines(error)}") from error
    if isinstance(loaded, (tuple, list)) and len(loaded) == 2:
        return loaded[0], loaded[1]
    return loaded, None


def conversation_of(request):
    """The request as the messages that adapters expect."""

    def part(kind, path):
        return {"type": kind, kind: "file://" + path}

    content = [part("image", path) for path in request.get("images") or []]
    content += [part("audio", path) for path in request.get("audios") or []]
    if request.get("video"):
        content.append(part("video", request["video"]))
    content.append({"type": "text", "text": request["text"]})
    return [
        {"role": "system", "content": [{"type": "text", "text": request["system"]}]},
        {"role": "user", "content": content},
    ]


def text_of(response):
    """The answer in what get_response returned: a string, or a list that begins with one."""
    if isinstance(response, (list, tuple)):
        response = response[0] if response else ""
    if response is None:
        return ""
    if not isinstance(response, str):
        raise TypeError(f"get_response returned {type(response).__name__}, not a string")
    # Half a surrogate pair is no character, and no JSON reader would take it.
    return response.encode("utf-8", "replace").decode("utf-8")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    answers = take_standard_output()

    def say(message):
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    model_path = sys.argv[2] if len(sys.argv) == 3 else os.environ.get("MODEL_PATH")
    try:
        adapter = load_adapter(sys.argv[1])
        model, processor = load_model(adapter, model_path)
    except Unusable as error:
        say({"ready": False, "error": str(error)})
        sys.exit(1)
    say({"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            response = adapter.get_response(conversation_of(request), processor, model)
            say({"id": request["id"], "answer": text_of(response)})
        except Exception as error:  # noqa: BLE001 - one bad question must not end the worker
            traceback.print_exc()
            say({"id": request["id"], "error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        # Nobody listens any more.
        os._exit(1)
