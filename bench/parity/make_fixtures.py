#!/usr/bin/env python3
"""Makes the parity fixtures of libs/llm with Hugging Face transformers as the oracle.

    python3 bench/parity/make_fixtures.py [--out libs/llm/src/test/resources/parity]

Needs torch, numpy and transformers >= 4.51 (Qwen3), which itself needs safetensors. Everything is seeded; on CPU in
fp32 with eager attention. --only NAME makes one of them. For each architecture it writes

    <out>/<arch>/model/               config.json, model.safetensors (save_pretrained), tokenizer.json, tokenizer_config.json
    <out>/<arch>/expected.safetensors what transformers computed, all F32
    <out>/<arch>/expected.json        the inputs (token ids, masks, positions) and scalars, and the versions used

The tensors are named in README.md beside the fixtures. The tokenizers are written by hand: a tokenizer
is only carried along here, no expectation depends on what it does.
"""

import argparse
import json
import platform
import shutil
import struct
from pathlib import Path

import numpy
import torch
import transformers
from transformers import (Gemma2Config, Gemma2ForCausalLM, GemmaConfig, GemmaForCausalLM, GPT2Config, GPT2LMHeadModel,
                          GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig, LlamaForCausalLM, MistralConfig,
                          MistralForCausalLM, Phi3Config, Phi3ForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config,
                          Qwen3ForCausalLM)

SOFT_LENGTH = 4
NEW_TOKENS = 16
LEARNING_RATE = 1e-3
SECOND_THETA = 500000.0
IGNORED = -100
WINDOW = 6
CONTEXT = 64
SMALLEST_MARGIN = 1e-3
MOST_ROUNDING = 4e-7
DIFFERENT_TOKENS = 8


# ---------------------------------------------------------------- tokenizers


def byte_characters():
    """GPT-2's printable stand-ins for the 256 bytes, in byte order."""
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    spare = iter(range(256, 512))
    return [chr(b) if b in printable else chr(next(spare)) for b in range(256)]


def added(token, token_id):
    return {"id": token_id, "content": token, "single_word": False, "lstrip": False,
            "rstrip": False, "normalized": False, "special": True}


def merges_of(words):
    """Merges that build each word from its characters, left to right, without repetition."""
    merges, products = [], []
    for word in words:
        left = word[0]
        for symbol in word[1:]:
            if (left, symbol) not in merges:
                merges.append((left, symbol))
                products.append(left + symbol)
            left += symbol
    return [f"{a} {b}" for a, b in merges], list(dict.fromkeys(products))


WORDS = ["the", "ing", "and", "you", "are", "what"]


def llama_tokenizer():
    """SentencePiece-like BPE with byte fallback, a BOS in front: the layout of Llama 2."""
    vocab = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    vocab += ["\u2581"] + [chr(c) for c in range(33, 127)]
    merges, products = merges_of(["\u2581" + w for w in WORDS])
    vocab += products
    ids = {token: i for i, token in enumerate(vocab)}
    return len(vocab), {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [added(t, ids[t]) for t in ("<unk>", "<s>", "</s>")],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "\u2581"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
        "pre_tokenizer": None,
        "post_processor": {"type": "TemplateProcessing",
                           "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                           "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                                    {"SpecialToken": {"id": "<s>", "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}],
                           "special_tokens": {"<s>": {"id": "<s>", "ids": [ids["<s>"]], "tokens": ["<s>"]}}},
        "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"},
            {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True,
                  "ignore_merges": False, "vocab": ids, "merges": merges},
    }, {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


def qwen2_tokenizer():
    """Byte-level BPE without any BOS: the layout of Qwen2."""
    space = byte_characters()[ord(" ")]
    merges, products = merges_of([space + w for w in WORDS])
    vocab = byte_characters() + products
    ids = {token: i for i, token in enumerate(vocab)}
    specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    size = len(vocab) + len(specials)
    return size, {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [added(t, len(vocab) + i) for i, t in enumerate(specials)],
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True},
        "post_processor": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True},
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                  "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False,
                  "ignore_merges": False, "vocab": ids, "merges": merges},
    }, {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}


def tiny_tokenizer():
    """61 characters, three special tokens: for the architectures whose tokenizers are not the point."""
    vocab = ["<unk>", "<s>", "</s>", " "] + [chr(c) for c in range(ord("a"), ord("z") + 1)]
    vocab += [chr(c) for c in range(ord("A"), ord("Z") + 1)] + list(".,:?!-\n'")
    ids = {token: i for i, token in enumerate(vocab)}
    return len(vocab), {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [added(t, ids[t]) for t in ("<unk>", "<s>", "</s>")],
        "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": {"type": "Fuse"},
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": False, "ignore_merges": False,
                  "vocab": ids, "merges": []},
    }, {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


# ---------------------------------------------------------------- models


def shape(vocab_size, **other):
    # A wide initialisation: with 0.02 a tiny model's logits are nearly flat and greedy choices are ties.
    return {**dict(vocab_size=vocab_size, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                   num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128,
                   rms_norm_eps=1e-6, initializer_range=0.15, attn_implementation="eager",
                   bos_token_id=1, eos_token_id=2), **other}


def small(vocab_size, **other):
    return shape(vocab_size, **{**dict(intermediate_size=24, max_position_embeddings=CONTEXT, tie_word_embeddings=False), **other})


def llama(vocab_size):
    return LlamaForCausalLM(LlamaConfig(**shape(vocab_size), rope_theta=10000.0, tie_word_embeddings=False))


def qwen2(vocab_size):
    return Qwen2ForCausalLM(Qwen2Config(**shape(vocab_size, bos_token_id=None, eos_token_id=vocab_size - 3),
                                        rope_theta=1000000.0, tie_word_embeddings=True))


def llama3(vocab_size):
    """Scaled rotary positions, biases everywhere, a tied head."""
    return LlamaForCausalLM(LlamaConfig(
        **small(vocab_size, tie_word_embeddings=True), attention_bias=True, mlp_bias=True, rope_theta=500.0,
        rope_scaling={"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                      "original_max_position_embeddings": 16}))


def mistral(vocab_size):
    return MistralForCausalLM(MistralConfig(**small(vocab_size), sliding_window=WINDOW))


def qwen3(vocab_size):
    return Qwen3ForCausalLM(Qwen3Config(**small(vocab_size, num_key_value_heads=1), head_dim=10, rope_theta=1000000.0))


def gemma(vocab_size):
    return GemmaForCausalLM(GemmaConfig(**small(vocab_size, num_key_value_heads=1, tie_word_embeddings=True, initializer_range=0.2), head_dim=12))


def gemma2(vocab_size):
    return Gemma2ForCausalLM(Gemma2Config(
        **small(vocab_size, num_hidden_layers=4, intermediate_size=13, num_attention_heads=2,
                num_key_value_heads=1, tie_word_embeddings=True, initializer_range=0.15),
        head_dim=12, query_pre_attn_scalar=20, sliding_window=WINDOW, attn_logit_softcapping=2.0, final_logit_softcapping=3.0))


def phi3(vocab_size):
    return Phi3ForCausalLM(Phi3Config(**small(vocab_size, rms_norm_eps=1e-5), original_max_position_embeddings=CONTEXT,
                                      pad_token_id=0))


def gpt2(vocab_size):
    return GPT2LMHeadModel(GPT2Config(
        vocab_size=vocab_size, n_positions=CONTEXT, n_embd=32, n_layer=2, n_head=4, n_inner=32, initializer_range=0.15,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=1, eos_token_id=2, attn_implementation="eager"))


def gpt_neox(vocab_size):
    return GPTNeoXForCausalLM(GPTNeoXConfig(
        vocab_size=vocab_size, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=32,
        rotary_pct=0.5, max_position_embeddings=CONTEXT, initializer_range=0.15, bos_token_id=1, eos_token_id=2,
        attn_implementation="eager"))


# Other configurations over the same weights: keys of config.json to change, logits to compare.
VARIANTS = {
    "llama": {"theta": {"rope_theta": SECOND_THETA}},
    "qwen2": {
        "theta": {"rope_theta": SECOND_THETA},
        "window": {"use_sliding_window": True, "sliding_window": WINDOW, "max_window_layers": 0},
    },
    "llama3": {
        "linear": {"rope_scaling": {"rope_type": "linear", "factor": 4.0}},
        "linear-old-spelling": {"rope_scaling": {"type": "linear", "factor": 2.0}},
        "dynamic": {"rope_scaling": {"rope_type": "dynamic", "factor": 4.0}},
        "yarn": {"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}},
        "yarn-tuned": {"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "beta_fast": 4.0, "beta_slow": 0.5,
                                        "attention_factor": 1.3}, "rope_theta": 100.0},
    },
    "mistral": {"whole": {"sliding_window": None}},
    "qwen3": {
        "window-above": {"use_sliding_window": True, "sliding_window": WINDOW, "max_window_layers": 1},
        "window-off": {"use_sliding_window": False, "sliding_window": WINDOW, "max_window_layers": 0},
    },
    "gemma": {"exact-gelu": {"hidden_act": "gelu"}},
    "gemma2": {"no-caps": {"attn_logit_softcapping": None, "final_logit_softcapping": None}},
    "phi3": {
        "window": {"sliding_window": WINDOW},
        "partial": {"partial_rotary_factor": 0.5},
        "longrope": {"original_max_position_embeddings": 32,
                     "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.5, 2.0, 4.0],
                                      "long_factor": [1.0, 3.0, 9.0, 27.0]}},
    },
    "gpt2": {"relu": {"activation_function": "relu"}},
    "gpt_neox": {
        "sequential": {"use_parallel_residual": False},
        "whole-rotation": {"rotary_pct": 1.0, "rotary_emb_base": 500},
    },
}


def roughen_biases(model):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0.0, 0.3)


def roughen_norms(model):
    """Norm weights are ones after initialisation, which would hide a forgotten multiplication.

    Gemma multiplies by one plus the weight. Norms behind a tiny Gemma 2's layers blow up its gradients, and rounding
    with them, unless they are small.
    """
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ("norm" in name or "ln_" in name) and name.endswith("weight"):
                parameter.add_(torch.randn_like(parameter) * 0.1)
                if model.config.model_type.startswith("gemma"):
                    parameter.sub_(1.7 if model.config.model_type == "gemma2" and ".post_" in name else 1.0)


# ---------------------------------------------------------------- what is measured


def left_padded(rows, pad):
    width = max(len(row) for row in rows)
    ids = torch.tensor([[pad] * (width - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    return ids, mask, positions


def labels_for(rows, spans, width):
    """labels[b, t] = ids[b, t] where t is supervised, else -100; spans are [from, to) of the unpadded row."""
    labels = torch.full((len(rows), width), IGNORED)
    for b, (row, (start, stop)) in enumerate(zip(rows, spans)):
        offset = width - len(row)
        for t in range(start, stop):
            labels[b, offset + t] = row[t]
    return labels


def pooled_loss(logits, labels):
    """Mean cross-entropy (nats) over all supervised tokens of the batch; a token is predicted one step before."""
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, logits.shape[-1]).float(), labels[:, 1:].reshape(-1), ignore_index=IGNORED)


def gradients(model):
    return {name: parameter.grad.clone() for name, parameter in model.named_parameters()}


def measure(model, rng):
    vocab = model.config.vocab_size
    pad = 0
    tensors, facts = {}, {}

    # 1. one rectangular batch: logits, attention maps and all hidden states (embeddings, each block, the last one after
    #    the final norm)
    rows = [[rng.randrange(3, vocab) for _ in range(16)] for _ in range(2)]
    with torch.no_grad():
        out = model(torch.tensor(rows), output_hidden_states=True, output_attentions=True, use_cache=False)
    facts["ids"] = rows
    tensors["logits"] = out.logits
    for i, hidden in enumerate(out.hidden_states):
        tensors[f"hidden.{i}"] = hidden
    for i, attention in enumerate(out.attentions):
        tensors[f"attention.{i}"] = attention

    # 2. an unequal batch, left-padded
    rows = [[rng.randrange(3, vocab) for _ in range(n)] for n in (5, 9, 13)]
    ids, mask, positions = left_padded(rows, pad)
    with torch.no_grad():
        out = model(ids, attention_mask=mask, position_ids=positions, use_cache=False)
    facts["padded"] = {"rows": rows, "ids": ids.tolist(), "mask": mask.tolist(), "positions": positions.tolist()}
    tensors["padded.logits"] = out.logits * mask[:, :, None]

    # 3. loss on chosen positions and the gradient of every weight
    spans = [[3, 5], [2, 9], [8, 12]]
    labels = labels_for(rows, spans, ids.shape[1])

    def loss_of():
        return pooled_loss(model(ids, attention_mask=mask, position_ids=positions, use_cache=False).logits, labels)

    model.zero_grad()
    loss = loss_of()
    loss.backward()
    facts["loss"] = {"rows": rows, "spans": spans, "value": loss.item()}
    for name, gradient in gradients(model).items():
        tensors[f"grad.{name}"] = gradient
    facts["loss"]["library_value"] = model(ids, attention_mask=mask, position_ids=positions, labels=labels, use_cache=False).loss.item()

    #    ... and of the input embeddings
    embeds = model.get_input_embeddings()(ids).detach().requires_grad_()
    pooled_loss(model(inputs_embeds=embeds, attention_mask=mask, position_ids=positions, use_cache=False).logits, labels).backward()
    tensors["embeds.grad"] = embeds.grad * mask[:, :, None]

    # 4. a soft prompt of k vectors spliced in at a position of its own in each row; weights frozen
    soft = (torch.randn(SOFT_LENGTH, model.config.hidden_size, generator=torch.Generator().manual_seed(11)) * 0.5).requires_grad_()
    at = [1, 4, 0]
    virtual = list(range(vocab, vocab + SOFT_LENGTH))
    soft_rows = [row[:p] + virtual + row[p:] for row, p in zip(rows, at)]
    soft_spans = [[a + SOFT_LENGTH, b + SOFT_LENGTH] for a, b in spans]
    soft_ids, soft_mask, soft_positions = left_padded(soft_rows, pad)
    model.requires_grad_(False)
    table = torch.cat([model.get_input_embeddings().weight, soft])
    out = model(inputs_embeds=table[soft_ids], attention_mask=soft_mask, position_ids=soft_positions, use_cache=False)
    soft_labels = labels_for([[t if t < vocab else IGNORED for t in row] for row in soft_rows], soft_spans, soft_ids.shape[1])
    soft_loss = pooled_loss(out.logits, soft_labels)
    soft_loss.backward()
    model.requires_grad_(True)
    facts["soft"] = {"rows": soft_rows, "spans": soft_spans, "at": at, "value": soft_loss.item()}
    tensors["soft.prompt"] = soft
    tensors["soft.grad"] = soft.grad
    tensors["soft.logits"] = out.logits * soft_mask[:, :, None]

    # 5. greedy decoding of three unequal prompts, left-padded, with cache; without and with a stop token
    prompts = [[rng.randrange(3, vocab) for _ in range(n)] for n in (3, 7, 12)]
    ids5, mask5, _ = left_padded(prompts, pad)

    def greedy(stop):
        model.generation_config.eos_token_id = stop
        made = model.generate(input_ids=ids5, attention_mask=mask5, do_sample=False, num_beams=1,
                              max_new_tokens=NEW_TOKENS, pad_token_id=pad)
        return made[:, ids5.shape[1]:].tolist()

    kept = model.generation_config.eos_token_id
    free = greedy(None)
    stop = free[1][NEW_TOKENS // 2]
    stopped = [row[:row.index(stop)] if stop in row else row for row in greedy(stop)]
    model.generation_config.eos_token_id = kept
    facts["greedy"] = {"prompts": prompts, "newTokens": NEW_TOKENS, "tokens": free, "stop": stop, "stopped": stopped,
                       "smallestMargin": smallest_margin(model, prompts, free)}

    # 6. two AdamW steps on the loss of 3.
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0)
    losses, norms = [], []
    for _ in range(2):
        optimiser.zero_grad()
        loss = loss_of()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        losses.append(loss.item())
        optimiser.step()
    facts["adamw"] = {"learningRate": LEARNING_RATE, "betas": [0.9, 0.95], "eps": 1e-8, "weightDecay": 0.0, "clipNorm": 1.0,
                      "losses": losses, "normsBeforeClip": norms, "lossAfter": loss_of().item()}
    for name, parameter in model.named_parameters():
        tensors[f"adamw.{name}"] = parameter.detach().clone()
    return tensors, facts


def rounding(model, facts, tensors):
    """Largest difference of a weight's gradient from the one in double precision: what no engine can be held to."""
    model = model.double()
    spans = facts["loss"]["spans"]
    for row, span in zip(facts["loss"]["rows"], spans):
        labels = labels_for([row], [span], len(row))
        logits = model(torch.tensor([row]), use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits[0, :-1], labels[0, 1:], ignore_index=IGNORED, reduction="sum")
        (loss / sum(stop - start for start, stop in spans)).backward()
    return max((parameter.grad - tensors[f"grad.{name}"]).abs().max().item() for name, parameter in model.named_parameters())


def smallest_margin(model, prompts, continuations):
    """The smallest gap between the best and the second logit on the greedy paths: how far from a tie they are."""
    margins = []
    with torch.no_grad():
        for prompt, made in zip(prompts, continuations):
            logits = model(torch.tensor([prompt + made]), use_cache=False).logits[0, len(prompt) - 1:-1]
            top = logits.topk(2).values
            margins.append((top[:, 0] - top[:, 1]).min().item())
    return min(margins)


def variant_logits(model, overrides, rows):
    """The same weights under a changed configuration."""
    config = type(model.config).from_dict({**model.config.to_dict(), **overrides})
    config._attn_implementation = "eager"
    other = type(model)(config).eval()
    other.load_state_dict(model.state_dict())
    see_everything(other, overrides.get("max_window_layers", 0))
    with torch.no_grad():
        return other(torch.tensor(rows), use_cache=False).logits


def see_everything(model, layers):
    """Lifts the window of the first layers: eager attention of transformers < 4.53 puts it on every layer."""
    def lift(_, args, kwargs):
        mask = kwargs["attention_mask"]
        hidden = torch.ones(mask.shape[-2:], dtype=torch.bool).triu(1)
        kwargs["attention_mask"] = torch.zeros_like(mask).masked_fill(hidden, torch.finfo(mask.dtype).min)
        return args, kwargs

    for layer in model.get_decoder().layers[:layers] if layers else []:
        layer.register_forward_pre_hook(lift, with_kwargs=True)


# ---------------------------------------------------------------- output


def write_safetensors(path, tensors):
    header, blobs, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(tensors):
        blob = numpy.ascontiguousarray(tensors[name].detach().to(torch.float32).numpy(), dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensors[name].shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    path.write_bytes(struct.pack("<Q", len(head)) + head + b"".join(blobs))


def weaken_embedding(model):
    """A tied head makes a tiny Gemma repeat its last token for ever unless its layers outweigh its scaled embedding."""
    with torch.no_grad():
        if model.config.model_type.startswith("gemma"):
            model.get_input_embeddings().weight.mul_(0.3)


def build(make, vocab_size, seed):
    torch.manual_seed(seed)
    model = make(vocab_size).eval()
    weaken_embedding(model)
    roughen_biases(model)
    roughen_norms(model)
    return model


def write(out, make, seed, tokenizer):
    import random

    shutil.rmtree(out, ignore_errors=True)
    (out / "model").mkdir(parents=True)
    vocab_size, tokenizer_json, tokenizer_config = tokenizer
    for attempt in range(200):
        model = build(make, vocab_size, seed + attempt)
        tensors, facts = measure(model, random.Random(7))
        facts["rounding"] = rounding(build(make, vocab_size, seed + attempt), facts, tensors)
        clear = facts["greedy"]["smallestMargin"] > SMALLEST_MARGIN and facts["rounding"] < MOST_ROUNDING
        clear = clear and sum(len(set(row)) for row in facts["greedy"]["tokens"]) >= DIFFERENT_TOKENS
        if clear:
            break
    model = build(make, vocab_size, seed + attempt)
    model.save_pretrained(out / "model")
    (out / "model" / "tokenizer.json").write_text(json.dumps(tokenizer_json, ensure_ascii=False, indent=1) + "\n")
    (out / "model" / "tokenizer_config.json").write_text(json.dumps(tokenizer_config, indent=2) + "\n")
    facts["seed"] = seed + attempt
    facts["variants"] = VARIANTS.get(out.name, {})
    for name, overrides in facts["variants"].items():
        tensors[f"variant.{name}.logits"] = variant_logits(model, overrides, facts["ids"])
    facts["softLength"] = SOFT_LENGTH
    facts["versions"] = {"transformers": transformers.__version__, "torch": torch.__version__,
                         "python": platform.python_version(), "numpy": numpy.__version__}
    facts["parameters"] = sum(p.numel() for p in model.parameters())
    assert clear, "greedy choices are nearly ties or all alike, or gradients nearly rounding noise: take another seed"
    assert abs(facts["loss"]["value"] - facts["loss"].pop("library_value")) < 1e-6
    write_safetensors(out / "expected.safetensors", tensors)
    (out / "expected.json").write_text(json.dumps(facts, indent=1) + "\n")
    size = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
    print(f"{out}: {facts['parameters']} parameters, {size / 1024:.0f} KiB, loss {facts['loss']['value']:.4f}, "
          f"norms {facts['adamw']['normsBeforeClip']}, "
          f"margin {facts['greedy']['smallestMargin']:.4f}, seed {facts['seed']}, rounding {facts['rounding']:.1e}")
    assert size <= 2 << 20


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--out", type=Path, default=root / "libs/llm/src/test/resources/parity")
    parser.add_argument("--only")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    makers = [(llama, llama_tokenizer), (qwen2, qwen2_tokenizer)]
    makers += [(make, tiny_tokenizer) for make in (llama3, mistral, qwen3, gemma, gemma2, phi3, gpt2, gpt_neox)]
    for number, (make, tokenizer) in enumerate(makers):
        if arguments.only in (None, make.__name__):
            write(arguments.out / make.__name__, make, 20240501 + 1000 * number, tokenizer())


if __name__ == "__main__":
    main()
