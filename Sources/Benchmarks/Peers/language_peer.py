"""A language model of given sizes in transformers and peft: what `grove bench language` measures Grove against.

For each line on standard input, `generate BATCH REPEATS` or `step REPEATS`, prints the median of its seconds.
"""

import argparse
import statistics
import sys
import time

import torch
import transformers
from peft import LoraConfig, get_peft_model

parser = argparse.ArgumentParser()
parser.add_argument("--sizes", required=True)
parser.add_argument("--type", default="float32")
parser.add_argument("--device", default="cpu")
for name in ("question", "answer", "rank", "batch", "rows"): parser.add_argument(f"--{name}", type=int, required=True)
asked = parser.parse_args()

torch.set_num_threads(1)
layers, width, heads, keys, head, feed, vocabulary = map(int, asked.sizes.split(","))
model = transformers.LlamaForCausalLM(transformers.LlamaConfig(
    vocab_size=vocabulary, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, head_dim=head,
    num_key_value_heads=keys, intermediate_size=feed, tie_word_embeddings=True)).to(asked.device, getattr(torch, asked.type))
adapted = None


def tokens(batch, count): return torch.randint(100, 1000, (batch, count), device=asked.device)


@torch.no_grad()
def generate(batch):
    ids, cache = tokens(batch, asked.question), None
    for _ in range(asked.answer):
        out = model(ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        ids, cache = out.logits[:, -1:].argmax(-1), out.past_key_values
    return ids.sum().item()


def step():
    ids = tokens(asked.batch, 17)
    kept = adapted(ids[:, :-1], use_cache=False, logits_to_keep=asked.rows).logits.float()
    torch.nn.functional.cross_entropy(kept.flatten(0, 1), ids[:, -asked.rows:].flatten()).backward()
    gradient = sum(p.grad.sum() for p in adapted.parameters() if p.grad is not None).item()
    adapted.zero_grad()
    return gradient


def median(body, repeats):
    times = []
    for index in range(repeats + 1):
        start = time.perf_counter()
        body()
        if index: times.append(time.perf_counter() - start)
    return statistics.median(times)


print(f"transformers {transformers.__version__}, torch {torch.__version__}", flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "generate":
        print(median(lambda: generate(int(words[1])), int(words[2])), flush=True)
    else:
        if adapted is None:
            adapted = get_peft_model(model, LoraConfig(
                r=asked.rank, lora_alpha=2 * asked.rank, lora_dropout=0.0, target_modules=[
                    "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]))
        print(median(step, int(words[1])), flush=True)
