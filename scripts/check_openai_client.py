#!/usr/bin/env python3
"""Check that the official `openai` Python package accepts a server's answers.

    pip install openai
    scripts/check_openai_client.py http://127.0.0.1:8000/v1 [--api-key KEY]

It starts nothing: give it the base URL of a running `avibench serve` (without faults). Each check
prints a line; the exit code is 0 if all hold. With --api-key it also checks that a wrong key is
refused, so the server must have been started with that key.
"""

import argparse
import asyncio
import base64
import struct
import sys
import zlib

import openai

MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "Is the circle green? Grüße, 日本."},
]


def png():
    """A picture of one grey pixel."""

    def chunk(kind, data):
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\x00\x80")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def wav():
    """A tenth of a second of silence."""
    samples = bytes(2 * 1600)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 16000, 32000, 2, 16)
    data = struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI4s", b"RIFF", 4 + len(head) + len(data), b"WAVE") + head + data


def text(data):
    return base64.b64encode(data).decode()


def media_messages():
    parts = [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + text(png())}},
        {"type": "input_audio", "input_audio": {"data": text(wav()), "format": "wav"}},
        {"type": "text", "text": "What do you see and hear?"},
    ]
    return [{"role": "user", "content": parts}]


def check_models(client, model):
    listed = [entry.id for entry in client.models.list()]
    assert model in listed, listed


def check_whole(client, model):
    answer = client.chat.completions.create(model=model, messages=MESSAGES)
    choice = answer.choices[0]
    assert answer.object == "chat.completion" and answer.id and answer.created > 0
    assert answer.model == model, answer.model
    assert choice.message.role == "assistant" and choice.message.content
    assert choice.finish_reason == "stop" and choice.message.refusal is None
    usage = answer.usage
    assert usage.prompt_tokens > 0 and usage.completion_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def check_streamed(client, model):
    whole = client.chat.completions.create(model=model, messages=MESSAGES)
    stream = client.chat.completions.create(
        model=model, messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert said == whole.choices[0].message.content, said
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage == whole.usage
    assert all(c.usage is None for c in chunks[:-1])


def check_stream_helper(client, model):
    with client.chat.completions.stream(model=model, messages=MESSAGES) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    assert final.choices[0].message.content and final.choices[0].finish_reason == "stop"


def check_media(client, model):
    answer = client.chat.completions.create(model=model, messages=media_messages())
    assert answer.choices[0].message.content is not None
    assert answer.usage.prompt_tokens_details.audio_tokens > 0


def check_limit(client, model):
    answer = client.chat.completions.create(model=model, messages=MESSAGES, max_completion_tokens=1)
    assert answer.usage.completion_tokens <= 1
    assert answer.choices[0].finish_reason in ("length", "stop")


def check_raw_headers(client, model):
    raw = client.chat.completions.with_raw_response.create(model=model, messages=MESSAGES)
    assert raw.headers["content-type"] == "application/json"
    assert raw.parse().choices


def check_bad_request(client, model):
    remote = [{"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}]
    try:
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": remote}])
    except openai.BadRequestError as error:
        assert "never fetches" in error.message, error.message
        assert error.param == "messages[0].content[0].image_url", error.param
        assert error.type == "invalid_request_error", error.type
    else:
        raise AssertionError("a remote address was accepted")


def check_async(client, model):
    async def ask():
        async with openai.AsyncOpenAI(
            base_url=client.base_url, api_key=client.api_key, max_retries=0
        ) as asynchronous:
            answers = [
                asynchronous.chat.completions.create(model=model, messages=MESSAGES)
                for _ in range(8)
            ]
            return await asyncio.gather(*answers)

    answers = asyncio.run(ask())
    assert len({answer.choices[0].message.content for answer in answers}) == 1
    assert len({answer.id for answer in answers}) == len(answers)


def check_wrong_key(client, model):
    stranger = client.with_options(api_key=client.api_key + "-wrong")
    try:
        stranger.chat.completions.create(model=model, messages=MESSAGES)
    except openai.AuthenticationError as error:
        assert error.code == "invalid_api_key", error.code
    else:
        raise AssertionError("a wrong key was accepted")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base_url", help="such as http://127.0.0.1:8000/v1")
    parser.add_argument("--api-key", help="the key that the server asks for")
    options = parser.parse_args()
    client = openai.OpenAI(
        base_url=options.base_url, api_key=options.api_key or "none", max_retries=0, timeout=30
    )
    model = next(iter(client.models.list())).id
    checks = [
        check_models,
        check_whole,
        check_streamed,
        check_stream_helper,
        check_media,
        check_limit,
        check_raw_headers,
        check_bad_request,
        check_async,
    ]
    if options.api_key:
        checks.append(check_wrong_key)
    failures = 0
    for check in checks:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        try:
            check(client, model)
            print(f"ok      {name}")
        except Exception as error:  # a check that breaks in any way has failed
            failures += 1
            print(f"FAILED  {name}: {type(error).__name__}: {error}")
    print(f"openai {openai.__version__}, model {model}: {len(checks) - failures}/{len(checks)} hold")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
