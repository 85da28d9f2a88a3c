"""SANDE (arXiv 2405.07667), simulate and eliminate, on PyTorch and transformers.

A straightforward implementation of the paper's two stages, to be measured beside ours on the same
model, rows and numbers of steps. Needs: torch, transformers, safetensors.

usage: sande_peer.py TASK.json
Answers lines on stdin with lines of JSON on stdout: "run 1" repairs a fresh copy of the model.

With "trimmed": true the sequences end with the last supervised token; otherwise they hold the
clean answer behind the target, masked out of the loss, as the published code has them.
"""

import copy
import json
import math
import os
import random
import sys

import torch
import torch.nn.functional as functional
from transformers import AutoModelForCausalLM

IGNORED = -100


def cosine(peak, steps, warmup_fraction):
    warmup = max(1, math.ceil(steps * warmup_fraction))

    def at(step):
        if step < warmup:
            return peak * (step + 1) / warmup
        return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))

    return at


def splice(model, parrot, batch, pad):
    """Embeddings with the parrot before the user text, mask and labels, padded on the right."""
    embed = model.get_input_embeddings()
    length = max(len(row["ids"]) for row in batch)
    ids = torch.full((len(batch), length), pad)
    labels = torch.full((len(batch), length + len(parrot)), IGNORED)
    mask = torch.zeros((len(batch), length + len(parrot)), dtype=torch.long)
    for i, row in enumerate(batch):
        ids[i, : len(row["ids"])] = torch.tensor(row["ids"])
        mask[i, : len(row["ids"]) + len(parrot)] = 1
        start, end = row["from"] + len(parrot), row["to"] + len(parrot)
        labels[i, start:end] = torch.tensor(row["ids"][row["from"] : row["to"]])
    embedded = embed(ids)
    rows = []
    for i, row in enumerate(batch):
        at = row["contentStart"]
        rows.append(torch.cat([embedded[i, :at], parrot, embedded[i, at:]]))
    return torch.stack(rows), mask, labels


def loss_of(model, parrot, batch, pad):
    embedded, mask, labels = splice(model, parrot, batch, pad)
    logits = model(inputs_embeds=embedded, attention_mask=mask, use_cache=False).logits
    flat = logits[:, :-1].reshape(-1, logits.shape[-1])
    return functional.cross_entropy(flat, labels[:, 1:].reshape(-1), ignore_index=IGNORED)


def train(parameters, steps, schedule, next_loss):
    optimiser = torch.optim.Adam(parameters, lr=0.0, betas=(0.9, 0.95), eps=1e-8)
    loss = None
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = schedule(step)
        optimiser.zero_grad(set_to_none=True)
        loss = next_loss()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
    return float(loss)


def simulation_row(row, task):
    ids = row["prompt"] + task["target"]
    end = len(ids)
    if not task["trimmed"]:
        ids = ids + row["answer"]
    return {"ids": ids, "from": len(row["prompt"]), "to": end, "contentStart": row["contentStart"]}


def elimination_row(row, task):
    supervised = min(task["answerTokens"], len(row["answer"]))
    answer = row["answer"][:supervised] if task["trimmed"] else row["answer"]
    start = len(row["prompt"])
    return {
        "ids": row["prompt"] + answer,
        "from": start,
        "to": start + supervised,
        "contentStart": row["contentStart"],
    }


def repair(original, task, seed):
    model = copy.deepcopy(original)
    draw = random.Random(seed)
    rows, pad = task["rows"], task["pad"]

    parrot = torch.zeros(task["parrotLength"], model.config.hidden_size, requires_grad=True)
    model.requires_grad_(False)
    simulation = [simulation_row(row, task) for row in rows]
    simulation_loss = train(
        [parrot],
        task["parrotSteps"],
        cosine(task["parrotRate"], task["parrotSteps"], task["warmup"]),
        lambda: loss_of(model, parrot, draw.choices(simulation, k=task["parrotBatch"]), pad),
    )

    frozen = parrot.detach()
    model.requires_grad_(True)
    elimination = [elimination_row(row, task) for row in rows]
    elimination_loss = train(
        list(model.parameters()),
        task["steps"],
        cosine(task["rate"], task["steps"], task["warmup"]),
        lambda: loss_of(model, frozen, draw.choices(elimination, k=task["batch"]), pad),
    )
    return model, simulation_loss, elimination_loss


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        task = json.load(file)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    original = AutoModelForCausalLM.from_pretrained(task["model"], torch_dtype=torch.float32)
    original.train()
    print(json.dumps({"ready": True, "torch": torch.__version__}), flush=True)
    repaired = None
    for line in sys.stdin:
        try:
            words = line.split()
            if words[0] == "run":
                repaired, first, second = repair(original, task, task["seed"])
                answer = {"simulationLoss": first, "eliminationLoss": second}
            else:
                repaired.save_pretrained(words[1], safe_serialization=True)
                answer = {"saved": words[1]}
        except Exception as problem:
            answer = {"error": repr(problem)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
