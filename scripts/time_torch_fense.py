#!/usr/bin/env python3
"""Time FENSE with PyTorch on the models and captions that the throughput example makes.

    cargo run --release -p avibench-fense --example throughput -- FOLDER
    pip install torch transformers
    scripts/time_torch_fense.py FOLDER [--rounds 5] [--threads 2] [--batch 32]

Both read the same weights and the same texts on the same cores: sentences longest first in batches,
padded to the longest of their batch, as the Python tools do. Printed are the best of some rounds.
"""

import argparse
import json
import pathlib
import time

import torch
import transformers


def encoder(config, tensors):
    """A BERT encoder with these weights."""
    model = transformers.BertModel(
        transformers.BertConfig.from_json_file(str(config)), add_pooling_layer=False
    )
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    assert not unexpected and all("position_ids" in name for name in missing), (missing, unexpected)
    return model.eval()


def safetensors(path):
    """Tensors of a safetensors file."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    body = memoryview(bytearray(data[8 + length :]))
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = torch.frombuffer(body[begin:end], dtype=torch.float32)
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def tokens(text):
    """Every word of the made-up captions is one token of the made-up vocabulary."""
    return [2] + [int(word[1:]) for word in text.split(" ")] + [3]


def batches(texts, size):
    """Numbers of the texts, longest first, with padded tokens and masks."""
    order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        width = len(texts[chosen[0]])
        ids = torch.zeros(len(chosen), width, dtype=torch.long)
        mask = torch.zeros(len(chosen), width, dtype=torch.long)
        for row, index in enumerate(chosen):
            ids[row, : len(texts[index])] = torch.tensor(texts[index])
            mask[row, : len(texts[index])] = 1
        yield chosen, ids, mask


@torch.inference_mode()
def embed(model, texts, size):
    vectors = torch.zeros(len(texts), model.config.hidden_size)
    for chosen, ids, mask in batches(texts, size):
        hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).float()
        mean = (hidden * weights).sum(1) / weights.sum(1)
        vectors[chosen] = torch.nn.functional.normalize(mean)
    return vectors


@torch.inference_mode()
def detect(model, head, texts, size):
    probabilities = torch.zeros(len(texts), 6)
    for chosen, ids, mask in batches(texts, size):
        first = model(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0]
        probabilities[chosen] = torch.sigmoid(head(first))
    return probabilities


def best(rounds, work):
    """The shortest of some rounds, in seconds, wall and CPU."""
    times = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    folder = arguments.folder

    sentence = encoder(folder / "sbert/config.json", safetensors(folder / "sbert/model.safetensors"))
    state = torch.load(folder / "echecker.ckpt", weights_only=True)["state_dict"]
    part = {name.removeprefix("encoder."): t for name, t in state.items() if name.startswith("encoder.")}
    # The detector's encoder keeps its inner `encoder.` once the outer prefix is gone.
    detector = encoder(folder / "echecker_base/config.json", part)
    head = torch.nn.Linear(detector.config.hidden_size, 6)
    head.load_state_dict({"weight": state["clf.weight"], "bias": state["clf.bias"]})

    captions = json.loads((folder / "captions.json").read_text())
    every = [tokens(text) for texts in captions for text in texts]
    candidates = [tokens(texts[0]) for texts in captions]
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, batches of {arguments.batch}")
    total = 0.0
    for name, count, work in [
        ("6-layer sentence encoder", len(every), lambda: embed(sentence, every, arguments.batch)),
        ("12-layer error detector", len(candidates), lambda: detect(detector, head, candidates, arguments.batch)),
    ]:
        wall, cpu = best(arguments.rounds, work)
        total += wall
        print(f"{name}: {count} sentences in {wall:.2f} s ({cpu:.2f} s of CPU), {count / wall:.0f} a second")
    print(f"both: {total:.2f} s")


if __name__ == "__main__":
    main()
