"""Loads an adapter with peft beside its model in transformers: peft_reads.py MODEL ADAPTER QUESTION ANSWER OUT, tokens separated by
commas. Writes log p of each token of the answer, first without the adapter and then with it."""
import json
import sys

import torch
from peft import PeftModel
from transformers import LlamaForCausalLM

model, adapter, question, answer, out = sys.argv[1:]
question, answer = ([int(t) for t in text.split(",")] for text in (question, answer))


@torch.no_grad()
def said(by):
    log_p = by(torch.tensor([question + answer[:-1]])).logits[0].float().log_softmax(-1)
    return [log_p[len(question) - 1 + i, t].item() for i, t in enumerate(answer)]


base = LlamaForCausalLM.from_pretrained(model).eval()
plain = said(base)
with open(out, "w") as file: json.dump([plain, said(PeftModel.from_pretrained(base, adapter).eval())], file)
