"""The answerer X in PyTorch, one training step after the other: what `grove bench distil` measures Grove against.

    python3 Sources/Benchmarks/Peers/pytorch_peer.py --width 64 --fact-layers 2 --question-layers 3 --steps 40

Prints the median time of a step in milliseconds for every line on standard input, until that ends.
With --model FILE the class `Answerer(vocabulary, bits, width, fact_layers, question_layers)` of that file is measured
instead of the one here.
"""

import argparse
import importlib.util
import math
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

ELEMENTS, CONTEXTS, QUESTIONS = 8, 50, 16

if not hasattr(F, "scaled_dot_product_attention"):  # before PyTorch 2
    F.scaled_dot_product_attention = lambda q, k, v: torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), -1) @ v


class Layer(nn.Module):
    def __init__(self, width, heads=4):
        super().__init__()
        self.heads = heads
        self.query, self.memory = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.wide = nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))

    def forward(self, x, seen=None):
        batch, length, width = x.shape
        y = self.norms[0](x)
        seen = y if seen is None else self.norms[1](seen)
        q = self.query(y).view(batch, length, self.heads, -1).transpose(1, 2)
        k, v = self.memory(seen).view(batch, seen.shape[1], 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        x = x + self.output(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, length, width))
        return x + self.wide(self.norms[2](x))


class Answerer(nn.Module):
    def __init__(self, vocabulary, bits, width, fact_layers, question_layers):
        super().__init__()
        self.vocabulary = vocabulary
        self.embedding = nn.Embedding(vocabulary, width // 2)
        self.fact, self.question = nn.Linear(width, width), nn.Linear((1 + bits) * (width // 2), width)
        self.facts = nn.ModuleList(Layer(width) for _ in range(fact_layers))
        self.questions = nn.ModuleList(Layer(width) for _ in range(question_layers))
        self.norm, self.generate, self.mix = nn.LayerNorm(width), nn.Linear(width, vocabulary), nn.Linear(width, 3)
        self.pointer, self.key = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, facts, questions):
        memory = self.fact(self.embedding(facts).flatten(2))
        for layer in self.facts:
            memory = layer(memory)
        x = self.question(self.embedding(questions).flatten(2))
        for layer in self.questions:
            x = layer(x, memory)
        x = self.norm(x)
        pointed = torch.softmax(self.pointer(x) @ self.key(memory).transpose(1, 2) / math.sqrt(x.shape[-1]), -1)
        mix = torch.softmax(self.mix(x), -1)
        p = mix[..., :1] * torch.softmax(self.generate(x), -1)
        for place in (0, 1):
            p = p + mix[..., 1 + place : 2 + place] * (pointed @ F.one_hot(facts[:, :, place], self.vocabulary).float())
        return torch.log(p + 1e-9)


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in [("width", 64), ("fact-layers", 2), ("question-layers", 3), ("bits", 3), ("steps", 40)]:
        parse.add_argument("--" + name, type=int, default=default)
    parse.add_argument("--model")
    a = parse.parse_args()
    kind = Answerer
    if a.model:
        spec = importlib.util.spec_from_file_location("model", a.model)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        kind = module.Answerer
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = kind(ELEMENTS + 3, a.bits, a.width, a.fact_layers, a.question_layers)
    optimiser = torch.optim.Adam(model.parameters(), 1e-3, betas=(0.9, 0.98))
    facts = torch.randint(1, ELEMENTS + 1, (CONTEXTS, ELEMENTS, 2))
    questions = torch.randint(1, ELEMENTS + 3, (CONTEXTS, QUESTIONS, 1 + a.bits))
    answers = torch.randint(1, ELEMENTS + 1, (CONTEXTS, QUESTIONS)).flatten()
    print(f"PyTorch {torch.__version__}", flush=True)
    for _ in sys.stdin:
        times = []
        for _ in range(a.steps):
            start = time.perf_counter()
            loss = F.nll_loss(model(facts, questions).flatten(0, 1), answers)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            times.append(1000 * (time.perf_counter() - start))
        print(statistics.median(times), flush=True)


if __name__ == "__main__":
    main()
