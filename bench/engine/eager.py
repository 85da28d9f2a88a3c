"""Peer of `lazaret bench engine`: a Llama in eager PyTorch, written plainly.

Needs torch and safetensors.
"""

import json
import os
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

from peer import Workload, optimiser, serve, update


class RMSNorm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


class LoraLinear(nn.Module):
    """y = W x + (alpha / r) B A x; only A and B are trained."""

    def __init__(self, base, rank, alpha):
        super().__init__()
        self.weight = base.weight
        self.a = nn.Parameter(torch.randn(rank, base.in_features) / rank)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))
        self.scale = alpha / rank

    def forward(self, x):
        return F.linear(x, self.weight) + F.linear(F.linear(x, self.a), self.b) * self.scale


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.kv_heads = c["num_attention_heads"], c["num_key_value_heads"]
        d = c["hidden_size"]
        self.dim = d // self.heads
        self.q_proj = nn.Linear(d, self.heads * self.dim, bias=False)
        self.k_proj = nn.Linear(d, self.kv_heads * self.dim, bias=False)
        self.v_proj = nn.Linear(d, self.kv_heads * self.dim, bias=False)
        self.o_proj = nn.Linear(self.heads * self.dim, d, bias=False)

    def forward(self, x, cos, sin, cache=None, past=0):
        B, T, _ = x.shape
        q = self.q_proj(x).view(B, T, self.heads, self.dim).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.kv_heads, self.dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.kv_heads, self.dim).transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            cache[0][:, :, past : past + T] = k
            cache[1][:, :, past : past + T] = v
            k, v = cache[0][:, :, : past + T], cache[1][:, :, : past + T]
        y = F.scaled_dot_product_attention(q, k, v, is_causal=T > 1, enable_gqa=self.heads != self.kv_heads)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, -1))


class MLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj = nn.Linear(c["hidden_size"], c["intermediate_size"], bias=False)
        self.up_proj = nn.Linear(c["hidden_size"], c["intermediate_size"], bias=False)
        self.down_proj = nn.Linear(c["intermediate_size"], c["hidden_size"], bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.input_layernorm = RMSNorm(c["hidden_size"], c["rms_norm_eps"])
        self.self_attn = Attention(c)
        self.post_attention_layernorm = RMSNorm(c["hidden_size"], c["rms_norm_eps"])
        self.mlp = MLP(c)

    def forward(self, x, cos, sin, cache=None, past=0):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, cache, past)
        return x + self.mlp(self.post_attention_layernorm(x))


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed_tokens = nn.Embedding(c["vocab_size"], c["hidden_size"])
        self.layers = nn.ModuleList(Block(c) for _ in range(c["num_hidden_layers"]))
        self.norm = RMSNorm(c["hidden_size"], c["rms_norm_eps"])


class Llama(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.model = Model(c)
        self.lm_head = nn.Linear(c["hidden_size"], c["vocab_size"], bias=False)
        dim = c["hidden_size"] // c["num_attention_heads"]
        theta = c.get("rope_theta", 10000.0)
        f = theta ** (-torch.arange(0, dim, 2).float() / dim)
        angles = torch.outer(torch.arange(c["max_position_embeddings"]).float(), f)
        angles = torch.cat((angles, angles), dim=-1)
        self.cos, self.sin = angles.cos(), angles.sin()

    def hidden(self, x, cache=None, past=0):
        T = x.shape[1]
        cos, sin = self.cos[past : past + T], self.sin[past : past + T]
        for i, layer in enumerate(self.model.layers):
            x = layer(x, cos, sin, None if cache is None else cache[i], past)
        return self.model.norm(x)

    def embed(self, ids):
        return self.model.embed_tokens(ids)


def load(w):
    with open(os.path.join(w.model, "config.json")) as f:
        config = json.load(f)
    with torch.device("meta"):
        model = Llama(config)
    model.load_state_dict(load_file(os.path.join(w.model, "model.safetensors")), assign=True)
    # The table of angles is no part of the weights.
    fresh = Llama({**config, "num_hidden_layers": 0, "vocab_size": 1})
    model.cos, model.sin = fresh.cos, fresh.sin
    return model, config


def cross_entropy(logits, targets):
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))


def forward(w, model, config):
    ids = w.ids(w.prompt, config["vocab_size"])

    def once():
        with torch.no_grad():
            logits = model.lm_head(model.hidden(model.embed(ids))[:, :-1])
            return cross_entropy(logits, ids[:, 1:]).item()

    return once


def training(w, model, config):
    ids = w.ids(w.prompt, config["vocab_size"])
    trained = [p for p in model.parameters() if p.requires_grad]
    optim = optimiser(trained)

    def once():
        loss = cross_entropy(model.lm_head(model.hidden(model.embed(ids))[:, :-1]), ids[:, 1:])
        loss.backward()
        update(optim, trained)
        return loss.item()

    return once


def lora(w, model, config):
    model.requires_grad_(False)
    for layer in model.model.layers:
        for name in ("q_proj", "v_proj"):
            base = getattr(layer.self_attn, name)
            setattr(layer.self_attn, name, LoraLinear(base, w.rank, 2 * w.rank))
    return training(w, model, config)


def soft_prompt(w, model, config):
    model.requires_grad_(False)
    ids = w.ids(w.prompt + w.target, config["vocab_size"])
    soft = w.soft_prompt()
    optim = optimiser([soft])

    def once():
        x = torch.cat((soft.expand(w.batch, -1, -1), model.embed(ids)), dim=1)
        # Logits only where a target token follows.
        h = model.hidden(x)[:, -w.target - 1 : -1]
        loss = cross_entropy(model.lm_head(h), ids[:, -w.target :])
        loss.backward()
        update(optim, [soft])
        return loss.item()

    return once


def generate(w, model, config):
    ids = w.ids(w.prompt, config["vocab_size"])
    shape = (w.batch, config["num_key_value_heads"], w.prompt + w.target, config["hidden_size"] // config["num_attention_heads"])

    def once():
        with torch.inference_mode():
            cache = [(torch.empty(shape), torch.empty(shape)) for _ in model.model.layers]
            new, x, past = [], ids, 0
            for _ in range(w.target):
                h = model.hidden(model.embed(x), cache, past)[:, -1:]
                past += x.shape[1]
                x = model.lm_head(h).argmax(-1)
                new.append(x)
            return torch.cat(new, dim=1)[:, 0].sum().item()

    return once


if __name__ == "__main__":
    workload = Workload(sys.argv[1])
    tasks = {"forward": forward, "training": training, "lora": lora, "softPrompt": soft_prompt, "generation": generate}
    serve(tasks[workload.task](workload, *load(workload)))
