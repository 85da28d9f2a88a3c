#!/usr/bin/env python3
"""Loads a model directory that Lazaret saved with Hugging Face transformers and compares what it computes.

    python3 bench/parity/check_saved.py SAVED_DIR                   loads, runs, no weight missing or left over
    python3 bench/parity/check_saved.py SAVED_DIR --expected DIR    DIR = a parity fixture folder:
                                                                    logits against expected.safetensors
    python3 bench/parity/check_saved.py SAVED_DIR --original DIR    DIR = the model directory it was made from: weights
                                                                    and logits against the original

Exit status 0 when everything holds within --tolerance, 1 otherwise. Needs torch and transformers >= 4.37.
"""

import argparse
import json
import struct
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM


def open_strictly(directory):
    model, report = AutoModelForCausalLM.from_pretrained(
        directory, torch_dtype=torch.float32, output_loading_info=True, attn_implementation="eager")
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if report.get(kind):
            sys.exit(f"{directory}: {kind}: {sorted(report[kind])}")
    return model.eval()


def read_tensor(path, name):
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    entry = json.loads(data[8:8 + length])[name]
    start, stop = entry["data_offsets"]
    return torch.frombuffer(bytearray(data[8 + length + start:8 + length + stop]), dtype=torch.float32).reshape(entry["shape"])


def logits(model, ids):
    with torch.no_grad():
        return model(torch.tensor(ids), use_cache=False).logits.float()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("saved", type=Path)
    parser.add_argument("--expected", type=Path)
    parser.add_argument("--original", type=Path)
    parser.add_argument("--tolerance", type=float, default=1e-5)
    args = parser.parse_args()
    model = open_strictly(args.saved)
    print(f"loaded {type(model).__name__} with transformers {transformers.__version__}, "
          f"{sum(p.numel() for p in model.parameters())} parameters")
    worst = {}
    if args.expected:
        ids = json.loads((args.expected / "expected.json").read_text())["ids"]
        worst["logits against expected"] = (logits(model, ids) - read_tensor(args.expected / "expected.safetensors", "logits")).abs().max().item()
    if args.original:
        original = open_strictly(args.original)
        theirs = dict(original.named_parameters())
        worst["weights against original"] = max((p - theirs[n]).abs().max().item() for n, p in model.named_parameters())
        ids = torch.randint(0, model.config.vocab_size, (2, 16), generator=torch.Generator().manual_seed(3)).tolist()
        worst["logits against original"] = (logits(model, ids) - logits(original, ids)).abs().max().item()
    if not worst:
        made = logits(model, [[1, 2, 3]])
        print(f"logits {tuple(made.shape)}, finite: {bool(torch.isfinite(made).all())}")
        sys.exit(0 if torch.isfinite(made).all() else 1)
    for what, difference in worst.items():
        print(f"{what}: largest difference {difference:.3g} ({'holds' if difference <= args.tolerance else 'FAILS'}, bar {args.tolerance:g})")
    sys.exit(0 if all(d <= args.tolerance for d in worst.values()) else 1)


if __name__ == "__main__":
    main()
