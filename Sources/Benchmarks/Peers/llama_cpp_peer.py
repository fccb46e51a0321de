"""The same file in llama.cpp on one thread, by way of cyllama: what `grove bench language` measures Grove's answers against.

For each line on standard input, `generate BATCH REPEATS`, prints the median of its seconds.
"""

import argparse
import random
import statistics
import sys
import time

from cyllama.llama import llama_cpp

parser = argparse.ArgumentParser()
parser.add_argument("weights")
for name in ("question", "answer"): parser.add_argument(f"--{name}", type=int, required=True)
asked = parser.parse_args()

llama_cpp.disable_logging()
llama_cpp.ggml_backend_load_all()
parameters = llama_cpp.LlamaModelParams()
parameters.n_gpu_layers = 0
model = llama_cpp.LlamaModel(asked.weights, parameters)
sampler = llama_cpp.LlamaSampler(llama_cpp.LlamaSamplerChainParams())
sampler.add_greedy()


def context(sequences):
    parameters = llama_cpp.LlamaContextParams()
    parameters.n_ctx = sequences * (asked.question + asked.answer)
    parameters.n_batch = parameters.n_ubatch = 2048
    parameters.n_seq_max = sequences
    parameters.n_threads = parameters.n_threads_batch = 1
    return llama_cpp.LlamaContext(model, parameters)


def seconds(sequences):
    run, last = context(sequences), []
    batch = llama_cpp.LlamaBatch(n_tokens=sequences * asked.question, embd=0, n_seq_max=sequences)
    start = time.perf_counter()
    for sequence in range(sequences):
        for place in range(asked.question):
            batch.add(random.randrange(100, 1000), place, [sequence], place == asked.question - 1)
        last.append((sequence + 1) * asked.question - 1)
    for place in range(asked.question, asked.question + asked.answer):
        run.decode(batch)
        said = [sampler.sample(run, row) for row in last]
        batch.clear()
        for sequence, token in enumerate(said): batch.add(token, place, [sequence], True)
        last = list(range(sequences))
    return time.perf_counter() - start


print(f"llama.cpp, ggml {llama_cpp.ggml_version()}", flush=True)
for line in sys.stdin:
    _, sequences, repeats = line.split()
    print(statistics.median([seconds(int(sequences)) for _ in range(int(repeats) + 1)][1:]), flush=True)
