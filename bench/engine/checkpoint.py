"""Peer of `lazaret bench engine`: opens and validates a checkpoint with `safetensors`.

Needs torch, safetensors. `header`: opens the file and lists every tensor's type and shape. `load`:
gets every tensor and checks that all numbers are finite.
"""

import os
import sys

import torch
from safetensors import safe_open

from peer import Workload, serve


def header(path):
    def once():
        elements = 0
        with safe_open(path, framework="pt") as f:
            for name in f.keys():
                part = f.get_slice(name)
                part.get_dtype()
                size = 1
                for extent in part.get_shape():
                    size *= extent
                elements += size
        return elements

    return once


def load(path):
    def once():
        elements = 0
        tensors = {}
        with safe_open(path, framework="pt") as f:
            for name in f.keys():
                tensors[name] = f.get_tensor(name)
        for name, tensor in tensors.items():
            assert torch.isfinite(tensor).all(), name
            elements += tensor.numel()
        return elements

    return once


if __name__ == "__main__":
    workload = Workload(sys.argv[1])
    file = os.path.join(workload.model, "model.safetensors")
    serve({"header": header, "load": load}[workload.task](file))
