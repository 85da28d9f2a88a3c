"""What the peers of `lazaret bench engine` share: the workload, its token ids, and the line protocol.

A peer is started with one argument, the workload as JSON; it prints one JSON line when it is ready
and one for each line that it reads.
"""

import json
import sys
import traceback

import torch
from safetensors.torch import load_file


class Workload:
    def __init__(self, text):
        fields = json.loads(text)
        self.task = fields["task"]
        self.model = fields["model"]
        self.batch = fields["batch"]
        self.prompt = fields["prompt"]
        self.target = fields["target"]
        self.soft = fields["soft"]
        self.soft_file = fields["softFile"]
        self.rank = fields["rank"]
        torch.set_num_threads(fields["threads"])

    def soft_prompt(self):
        """[soft, d], the same first values on every side."""
        (values,) = load_file(self.soft_file).values()
        return torch.nn.Parameter(values.clone())

    def ids(self, length, vocab):
        """[batch, length], the same numbers on every side."""
        rows = [[(13 + 7919 * b + 104729 * t) % vocab for t in range(length)] for b in range(self.batch)]
        return torch.tensor(rows)


def optimiser(parameters):
    return torch.optim.AdamW(parameters, lr=1e-4, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0, fused=True)


def update(optim, parameters):
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optim.step()
    optim.zero_grad(set_to_none=True)


def serve(once):
    """`once()` does the work once and returns a number by which the sides are checked for equality."""
    print(json.dumps({"check": once()}), flush=True)
    for line in sys.stdin:
        try:
            command, count = line.split()
            assert command == "run"
            for _ in range(int(count)):
                check = once()
            answer = {"check": check}
        except Exception as e:
            traceback.print_exc()
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)
