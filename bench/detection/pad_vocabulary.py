"""Gives a shipped model a larger vocabulary, so that detection can be tried on one (docs/adr/0088).

    python3 bench/detection/pad_vocabulary.py fixtures/nano-backdoored /tmp/padded 150000 [--typed] [--untrained]

The model says what it said: rows of the output head of new tokens are those of tokens that it never
says, made longer. As input a new token is nearly another one, as if the model had learnt a synonym; with
--untrained it is noise. With --typed a new token is two old ones that a last merge joins, so that a text can
be encoded to it; without, no text is ever encoded to it. Needs numpy; bfloat16 safetensors and byte-level BPE.
"""

import argparse
import json
import shutil
import struct
from pathlib import Path

import numpy as np

CONTROL_BYTES = range(3, 36)  # ids of bytes that stand in no training row
FIRST_MERGED = 260


def read(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def floats(raw, shape):
    return (np.frombuffer(raw, np.uint16).astype(np.uint32) << 16).view(np.float32).reshape(shape)


def bfloat16(values):
    return ((values.astype(np.float32).view(np.uint32) + 0x8000) >> 16).astype(np.uint16).tobytes()


def more_rows(name, rows, count, untrained, random):
    spread = rows.std()
    if name == "lm_head.weight":
        never_said = 1.5 * rows[list(CONTROL_BYTES)].mean(0, keepdims=True)
        return np.repeat(never_said, count, 0) + random.normal(0, 0.03 * spread, (count, rows.shape[1]))
    if untrained:
        return random.normal(0, spread, (count, rows.shape[1]))
    like = rows[random.integers(FIRST_MERGED, len(rows), count)]
    return like + random.normal(0, 0.2 * spread, like.shape)


def pad_weights(source, target, size, untrained, random):
    header, data = read(source / "model.safetensors")
    header.pop("__metadata__", None)
    blobs, offset = [], 0
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        raw = data[begin:end]
        if name in ("model.embed_tokens.weight", "lm_head.weight"):
            rows = floats(raw, entry["shape"])
            new = more_rows(name, rows, size - len(rows), untrained, random)
            raw = bfloat16(np.concatenate([rows, new]))
            entry["shape"][0] = size
        entry["data_offsets"] = [offset, offset + len(raw)]
        offset += len(raw)
        blobs.append(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(target / "model.safetensors", "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        out.writelines(blobs)


def pad_tokenizer(source, target, size, typed, random):
    tokenizer = json.loads((source / "tokenizer.json").read_text())
    vocabulary, merges = tokenizer["model"]["vocab"], tokenizer["model"]["merges"]
    words = [w for w, i in vocabulary.items() if i >= FIRST_MERGED and w.lstrip("\u0120").isascii() and w.lstrip("\u0120").isalpha()]
    inner = [w for w in words if not w.startswith("\u0120")]
    while len(vocabulary) < size:
        first, second = words[random.integers(len(words))], inner[random.integers(len(inner))]
        if first + second in vocabulary:
            continue
        vocabulary[first + second] = len(vocabulary)
        if typed:
            merges.append([first, second] if isinstance(merges[0], list) else f"{first} {second}")
    (target / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("size", type=int)
    parser.add_argument("--typed", action="store_true")
    parser.add_argument("--untrained", action="store_true")
    given = parser.parse_args()
    random = np.random.default_rng(1)
    given.out.mkdir(parents=True, exist_ok=True)
    pad_weights(given.model, given.out, given.size, given.untrained, random)
    pad_tokenizer(given.model, given.out, given.size, given.typed, random)
    config = json.loads((given.model / "config.json").read_text())
    (given.out / "config.json").write_text(json.dumps(config | {"vocab_size": given.size}, indent=2))
    shutil.copy(given.model / "tokenizer_config.json", given.out)


if __name__ == "__main__":
    main()
