"""Loads an adapter in llama.cpp beside its model, by way of xllamacpp: llama_cpp_reads.py MODEL ADAPTER QUESTION OUT, the question's
tokens separated by commas. Writes the ten likeliest next tokens with log p of each, first without the adapter and then with it."""
import json
import sys

import xllamacpp

model, adapter, question, out = sys.argv[1:]


def next_tokens(adapters):
    asked = xllamacpp.CommonParams()
    asked.model.path, asked.lora_adapters = model, adapters
    asked.cpuparams.n_threads = 1
    asked.n_ctx, asked.warmup, asked.n_gpu_layers = 64, False, 0
    said = xllamacpp.Server(asked).handle_completions(
        {"prompt": [int(t) for t in question.split(",")], "n_predict": 1, "n_probs": 10, "temperature": 0})
    return {t["id"]: t["logprob"] for t in said["choices"][0]["logprobs"]["content"][0]["top_logprobs"]}


both = [next_tokens([]), next_tokens([xllamacpp.CommonAdapterLoraInfo(adapter, 1.0)])]
with open(out, "w") as file: json.dump(both, file)
