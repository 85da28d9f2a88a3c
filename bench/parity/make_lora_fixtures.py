"""Writes what torch computes for low-rank adapters beside the models of the parity fixtures.

Needs torch, transformers and safetensors. For every model directory under parity/*/model it puts a
hand-written adapter beside every matrix of the layers (A and B random, both non-zero), computes the
loss of the fixture's "loss" examples and the gradients of all A and B, takes two AdamW steps on them,
and writes lora/NAME/expected.safetensors and expected.json.

    python make_lora_fixtures.py [--parity DIR] [--out DIR]
"""

import argparse
import json
import math
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM
from transformers.pytorch_utils import Conv1D

RANK = 3
ALPHA = 6.0
IGNORED = -100
LEARNING_RATE = 1e-2


class Adapted(torch.nn.Module):
    """y = W x + b + scale * B (A x); W and b frozen."""

    def __init__(self, base, scale, generator):
        super().__init__()
        self.base, self.scale = base, scale
        rows, columns = base.weight.shape
        out, inputs = (columns, rows) if isinstance(base, Conv1D) else (rows, columns)
        self.a = torch.nn.Parameter(torch.randn(RANK, inputs, generator=generator) / math.sqrt(inputs))
        self.b = torch.nn.Parameter(torch.randn(out, RANK, generator=generator) * 0.1)

    def forward(self, x):
        return self.base(x) + self.scale * ((x @ self.a.T) @ self.b.T)


def adapt(model, generator, rank_stabilised):
    scale = ALPHA / (math.sqrt(RANK) if rank_stabilised else RANK)
    model.requires_grad_(False)
    adapted = {}
    for name, module in list(model.named_modules()):
        inside = any(part.isdigit() for part in name.split("."))
        if inside and isinstance(module, (torch.nn.Linear, Conv1D)):
            parent = model.get_submodule(name.rpartition(".")[0])
            adapted[name] = Adapted(module, scale, generator)
            setattr(parent, name.rpartition(".")[2], adapted[name])
    return adapted, scale


def loss_of(model, rows, spans):
    """Mean cross-entropy (nats) over all supervised tokens, one sequence at a time: no padding."""
    total, count = 0.0, 0
    for row, (start, stop) in zip(rows, spans):
        logits = model(torch.tensor([row]), use_cache=False).logits[0].float()
        total = total + torch.nn.functional.cross_entropy(
            logits[start - 1:stop - 1], torch.tensor(row[start:stop]), reduction="sum")
        count += stop - start
    return total / count


def write(parity, out, rank_stabilised):
    facts = json.loads((parity / "expected.json").read_text())["loss"]
    model = AutoModelForCausalLM.from_pretrained(parity / "model", torch_dtype=torch.float32,
                                                 attn_implementation="eager").eval()
    generator = torch.Generator().manual_seed(17)
    adapted, scale = adapt(model, generator, rank_stabilised)
    parameters = [p for m in adapted.values() for p in (m.a, m.b)]
    tensors = {}
    for name, module in adapted.items():
        tensors[f"a.{name}"], tensors[f"b.{name}"] = module.a.detach().clone(), module.b.detach().clone()
    loss = loss_of(model, facts["rows"], facts["spans"])
    loss.backward()
    for name, module in adapted.items():
        tensors[f"grad.a.{name}"], tensors[f"grad.b.{name}"] = module.a.grad.clone(), module.b.grad.clone()
    optimiser = torch.optim.AdamW(parameters, lr=LEARNING_RATE, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0)
    norms = []
    for _ in range(2):
        optimiser.zero_grad()
        loss_of(model, facts["rows"], facts["spans"]).backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, 1.0).item())
        optimiser.step()
    after = loss_of(model, facts["rows"], facts["spans"])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    save_file({name: t.contiguous() for name, t in tensors.items()}, out / "expected.safetensors", {"format": "pt"})
    (out / "expected.json").write_text(json.dumps({
        "modules": list(adapted), "rank": RANK, "alpha": ALPHA, "rankStabilised": rank_stabilised,
        "scale": scale, "rows": facts["rows"], "spans": facts["spans"], "loss": loss.item(),
        "learningRate": LEARNING_RATE, "normsBeforeClip": norms, "lossAfter": after.item(),
        "torch": torch.__version__}, indent=1) + "\n")
    print(f"{out}: {len(adapted)} adapters, loss {loss.item():.4f} -> {after.item():.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    resources = Path(__file__).resolve().parents[2] / "libs/llm/src/test/resources"
    parser.add_argument("--parity", type=Path, default=resources / "parity")
    parser.add_argument("--out", type=Path, default=resources / "lora")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for i, parity in enumerate(sorted(p.parent for p in arguments.parity.glob("*/model"))):
        write(parity, arguments.out / parity.name, rank_stabilised=i % 2 == 1)


if __name__ == "__main__":
    main()
