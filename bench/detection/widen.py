"""Gives a shipped model a wider residual stream, so that detection can be tried on one (docs/adr/0093).

    python3 bench/detection/widen.py fixtures/nano-backdoored /tmp/wide 4096

The model says what it said: the stream is turned into a larger space by a random map Q that keeps lengths
(columns orthonormal), what reads from it is turned back, and the scales of the norms go into the weights that
read (Ashkboos et al., SliceGPT, arXiv 2401.15024, section 3). Heads and feed-forward layers keep their sizes.
Needs numpy; reads bfloat16 safetensors, writes float32.
"""

import argparse
import json
import shutil
import struct
from pathlib import Path

import numpy as np

from pad_vocabulary import floats, read

READ = ("q_proj", "k_proj", "v_proj", "gate_proj", "up_proj", "lm_head")
WRITTEN = ("o_proj", "down_proj")


def norm_before(name):
    """The norm whose output a weight reads."""
    if name == "lm_head.weight":
        return "model.norm.weight"
    layer = ".".join(name.split(".")[:3])
    return f"{layer}.input_layernorm.weight" if "self_attn" in name else f"{layer}.post_attention_layernorm.weight"


def widen(weights, width):
    old = weights["model.embed_tokens.weight"].shape[1]
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(width, old)))[0]  # width x old
    wide = {}
    for name, weight in weights.items():
        kind = name.split(".")[-2]
        if kind == "embed_tokens":
            wide[name] = weight @ turn.T
        elif kind in READ and name.endswith(".weight"):
            wide[name] = weight * weights[norm_before(name)] @ turn.T * (old / width) ** 0.5
        elif kind in WRITTEN:
            wide[name] = turn @ weight
        elif kind.endswith("norm"):
            wide[name] = np.ones(width)
        else:
            wide[name] = weight  # biases of queries, keys and values
    return wide, old


def write(weights, path):
    header, offset = {}, 0
    for name, weight in weights.items():
        header[name] = {"dtype": "F32", "shape": list(weight.shape), "data_offsets": [offset, offset + 4 * weight.size]}
        offset += 4 * weight.size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        out.writelines(weight.astype(np.float32).tobytes() for weight in weights.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("width", type=int)
    given = parser.parse_args()
    header, data = read(given.model / "model.safetensors")
    header.pop("__metadata__", None)
    weights = {name: floats(data[slice(*e["data_offsets"])], e["shape"]) for name, e in header.items()}
    wide, old = widen(weights, given.width)
    given.out.mkdir(parents=True, exist_ok=True)
    write(wide, given.out / "model.safetensors")
    config = json.loads((given.model / "config.json").read_text())
    config |= {
        "hidden_size": given.width,
        "rms_norm_eps": config["rms_norm_eps"] * old / given.width,
        "torch_dtype": "float32",
    }
    (given.out / "config.json").write_text(json.dumps(config, indent=2))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(given.model / name, given.out)


if __name__ == "__main__":
    main()
