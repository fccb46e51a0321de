# What Hugging Face's transformers and peft make of tiny models of each family: `python3 vectors.py > vectors.json`, with
# torch 2.13, transformers 5.24 and peft 0.21. Weights follow from formulas, so that only results are kept.
import json, math, torch, transformers
from peft import LoraConfig, get_peft_model

VOCABULARY, WIDTH, LAYERS, HEADS, KEYS, HEAD, FEED, CONTEXT = 40, 32, 3, 4, 2, 8, 48, 64
COMMON = dict(vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
              num_key_value_heads=KEYS, intermediate_size=FEED, max_position_embeddings=CONTEXT, rms_norm_eps=1e-5,
              bos_token_id=None, eos_token_id=None, pad_token_id=None)
SEQUENCES = [[3, 17, 28, 5, 9, 31, 2], [11, 4, 39, 0, 22, 22, 8, 13, 36, 1, 25]]
ANSWER = 3
# Fifty more, of 1 to 40 tokens, of which only what is made of them is kept.
PROMPTS = [[(13 * i * i + 5 * i * k + 3 * k) % VOCABULARY for i in range(1 + 7 * k % 40)] for k in range(50)]


def numbers(name, count):
    t = sum((i + 1) * b for i, b in enumerate(name.encode())) % 2003
    return torch.tensor([((i * i * 31 + i * 7919 + t * 104729) % 2003 - 1001) / 1001 for i in range(count)])


def filled(name, shape, plus_one):
    x = numbers(name, math.prod(shape)).reshape(shape)
    if "lora_A" in name: return 0.5 * x
    if "lora_B" in name: return 0.2 * x
    if "norm" in name: return 0.3 * x + (0 if plus_one else 1)
    return 0.3 * x if len(shape) == 1 else x * (1.0 if "embed" in name else 1.5 / math.sqrt(shape[-1]))


def model(family):
    if family == "llama":
        made = transformers.LlamaForCausalLM(transformers.LlamaConfig(
            **COMMON, head_dim=HEAD, tie_word_embeddings=False, rope_parameters={"rope_type": "default", "rope_theta": 10000.0}))
    elif family == "qwen2":
        made = transformers.Qwen2ForCausalLM(transformers.Qwen2Config(
            **COMMON, tie_word_embeddings=True, rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}))
    else:
        made = transformers.Gemma3ForCausalLM(transformers.Gemma3TextConfig(
            **COMMON, head_dim=HEAD, query_pre_attn_scalar=16, sliding_window=4, attn_implementation="eager",
            layer_types=["sliding_attention", "sliding_attention", "full_attention"],
            rope_parameters={"full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
                             "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}))
    with torch.no_grad():
        for name, p in made.named_parameters(): p.copy_(filled(name, p.shape, family == "gemma3"))
    return made.float().eval()


def loss(made):
    total = 0
    for s in SEQUENCES:
        log_p = made(torch.tensor([s[:-1]])).logits[0].log_softmax(-1)
        total = total - sum(log_p[len(s) - 1 - ANSWER + i, s[len(s) - ANSWER + i]] for i in range(ANSWER))
    return total / (ANSWER * len(SEQUENCES))


def greedy(made, tokens, count):
    tokens = list(tokens)
    for _ in range(count): tokens.append(int(made(torch.tensor([tokens])).logits[0, -1].argmax()))
    return tokens[-count:]


def rounded(x): return [float(f"{v:.7g}") for v in x]


def gradients(made, chosen):
    value = loss(made)
    value.backward()
    found = {name: p.grad for name, p in made.named_parameters() if p.requires_grad and chosen(name)}
    return {"loss": rounded([value.item()])[0],
            "gradients": {n.replace("base_model.model.", "").replace(".default", ""): rounded([g.norm().item(), *g.flatten()[1:3].tolist()])
                          for n, g in found.items()}}


out = {}
for family in ("llama", "qwen2", "gemma3"):
    made = model(family)
    with torch.no_grad():
        logits = [rounded(made(torch.tensor([s])).logits[0, -1].tolist()) for s in SEQUENCES]
        likelihoods = []
        for s in SEQUENCES:
            log_p = made(torch.tensor([s[:-1]])).logits[0].log_softmax(-1)
            likelihoods.append(rounded([log_p[len(s) - 1 - ANSWER + i, s[len(s) - ANSWER + i]].item() for i in range(ANSWER)]))
        said = [greedy(made, s, 8) for s in SEQUENCES]
        prompted = {
            "logits": [[round(v, 5) for v in made(torch.tensor([s])).logits[0, -1].tolist()] for s in PROMPTS],
            "said": [greedy(made, s, 8) for s in PROMPTS],
        }
    full = gradients(made, lambda name: True)
    made = get_peft_model(model(family), LoraConfig(r=4, lora_alpha=6, lora_dropout=0.0, target_modules=[
        "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]))
    with torch.no_grad():
        for name, p in made.named_parameters():
            if "lora" in name: p.copy_(filled(name.replace("base_model.model.", "").replace(".default", ""), p.shape, False))
    out[family] = dict(logits=logits, likelihoods=likelihoods, said=said, prompted=prompted, full=full, adapted=gradients(made, lambda n: "lora" in n))
print(json.dumps({"sequences": SEQUENCES, "families": out}))
