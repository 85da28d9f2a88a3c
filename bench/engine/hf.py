"""Peer of `lazaret bench engine`: the same work with `transformers`.

Needs torch, transformers and safetensors.
"""

import sys

import torch
from transformers import AutoModelForCausalLM

from eager import LoraLinear
from peer import Workload, optimiser, serve, update


def forward(w, model, vocab):
    ids = w.ids(w.prompt, vocab)

    def once():
        with torch.no_grad():
            return model(input_ids=ids, labels=ids, use_cache=False).loss.item()

    return once


def training(w, model, vocab):
    ids = w.ids(w.prompt, vocab)
    trained = [p for p in model.parameters() if p.requires_grad]
    optim = optimiser(trained)

    def once():
        loss = model(input_ids=ids, labels=ids, use_cache=False).loss
        loss.backward()
        update(optim, trained)
        return loss.item()

    return once


def lora(w, model, vocab):
    model.requires_grad_(False)
    for layer in model.model.layers:
        for name in ("q_proj", "v_proj"):
            base = getattr(layer.self_attn, name)
            setattr(layer.self_attn, name, LoraLinear(base, w.rank, 2 * w.rank))
    return training(w, model, vocab)


def soft_prompt(w, model, vocab):
    model.requires_grad_(False)
    ids = w.ids(w.prompt + w.target, vocab)
    soft = w.soft_prompt()
    optim = optimiser([soft])
    ignored = torch.full((w.batch, w.soft + w.prompt), -100)
    labels = torch.cat((ignored, ids[:, -w.target :]), dim=1)

    def once():
        x = torch.cat((soft.expand(w.batch, -1, -1), model.get_input_embeddings()(ids)), dim=1)
        loss = model(inputs_embeds=x, labels=labels, use_cache=False).loss
        loss.backward()
        update(optim, [soft])
        return loss.item()

    return once


def generate(w, model, vocab):
    ids = w.ids(w.prompt, vocab)
    mask = torch.ones_like(ids)

    def once():
        out = model.generate(
            input_ids=ids,
            attention_mask=mask,
            do_sample=False,
            max_new_tokens=w.target,
            min_new_tokens=w.target,
            eos_token_id=None,
            pad_token_id=0,
        )
        return out[:, w.prompt].sum().item()

    return once


if __name__ == "__main__":
    workload = Workload(sys.argv[1])
    model = AutoModelForCausalLM.from_pretrained(
        workload.model, torch_dtype=torch.float32, attn_implementation="sdpa"
    )
    tasks = {"forward": forward, "training": training, "lora": lora, "softPrompt": soft_prompt, "generation": generate}
    serve(tasks[workload.task](workload, model, model.config.vocab_size))
