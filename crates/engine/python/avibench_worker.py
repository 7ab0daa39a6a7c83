#!/usr/bin/env python3
"""Serves a model adapter to avibench over standard input and output.

    avibench run --backend 'exec:python avibench_worker.py ADAPTER.py [MODEL_PATH]'

ADAPTER.py is a module with two functions:

    set_model(model_path)                        -> (model, processor)
    get_response(conversation, processor, model) -> the answer, or a list that begins with it

A conversation is a list of messages, system first; media are parts such as
{"type": "image", "image": "file:///absolute/path.png"}, likewise "audio" and "video".
MODEL_PATH may also come from the environment; without either, set_model is called with None.

The protocol is one JSON object a line. This program says {"ready": true} when the model is loaded,
reads {"id", "system", "text", "images", "audios", "video", ...} and answers {"id", "answer"} or
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


def load_adapter(path):
    """Imports the adapter from its file, with its own folder on the import path."""
    path = Path(path).resolve()
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    for name in ("set_model", "get_response"):
        if not callable(getattr(module, name, None)):
            sys.exit(f"{path} has no function {name}()")
    return module


def load_model(adapter, model_path):
    """What set_model returns, as (model, processor)."""
    loaded = adapter.set_model(model_path)
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

    adapter = load_adapter(sys.argv[1])
    model_path = sys.argv[2] if len(sys.argv) == 3 else os.environ.get("MODEL_PATH")
    model, processor = load_model(adapter, model_path)
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
