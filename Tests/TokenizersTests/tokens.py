"""Trains small tokenizers of every kind, and writes what the tokenizers and sentencepiece packages make of thousands of strings.

Arguments: a folder, and SmolLM2's GGUF file.
"""

import io
import json
import os
import pydoc_data.topics
import random
import sys
import unicodedata

import gguf
import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

folder, smol = sys.argv[1:]
drawn = random.Random(7)

QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3 = QWEN.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
MARKS = ["<|im_start|>", "<|im_end|>"]
SENTENCES = [
    "The quick brown fox doesn't jump over 1234567 lazy dogs; they're asleep.",
    "Größe, Straße, Übung, naïve façade, Ærøskøbing.",
    "東京は日本の首都です。人口は約1400万人です。",
    "Быстрая коричневая лиса перепрыгивает через ленивую собаку.",
    "الثعلب البني السريع يقفز فوق الكلب الكسول ١٢٣",
    "हिन्दी में एक वाक्य और कुछ अंक १२३।",
    "한국어 문장과 이모지 🙂👩‍👩‍👧‍👦🇩🇪",
    "def f(x):\n\treturn x ** 2  # comment\n\n\nclass A:\r\n    pass\n",
]
CORPUS = [line for text in pydoc_data.topics.topics.values() for line in text.split("\n\n")][:1500] + SENTENCES * 20


def strings():
    """What may come: ordinary text, pieces of it, and what nobody expects."""
    alphabet = (
        list("abc XYZ019 \t\n\r'.,-_\u00e9\u0301\u00df\u0130\u017f\u4e2d\u3042\u0430\u05d0\u0e01\u2028\u00a0\u200b\u3000\ufeff\ufffd")
        + ["\0", "\x7f", "\u0085", "\U0001f600", "\U0001f1e9", "\u200d", "\u2167", "\u00b2", "\u0660", "\uac00", "\u1100", "\u1161"]
        + ["▁", "<", "|", ">", "<|im_end|>", "<0x41>", "'s", "'LL", "  ", "\n\n", "\r\n", "<s>", "\u212b", "\ufb01"]
    )
    found = ["", " ", "  ", "a", "\n", " \n", "a  3", "a\n\n3", "x   42 y", "▁", "'", "'l", "a'", "1234567890", "\u0301", "\0"]
    found += ["a" * 3000, " " * 3000, "ab" * 1500, "\u0301" * 1000, "9" * 1000, "\n" * 1000, "🙂" * 500, "'" * 500, "Ω" * 500]
    found += SENTENCES + ["".join(MARKS) + s + MARKS[1] for s in SENTENCES]
    while len(found) < 900:
        kind = drawn.randrange(4)
        if kind == 0:
            text = drawn.choice(CORPUS)
            start = drawn.randrange(len(text) + 1)
            found.append(text[start : start + drawn.randrange(200)])
        elif kind == 1:
            found.append("".join(drawn.choice(alphabet) for _ in range(drawn.randrange(1, 30))))
        elif kind == 2:
            # Of all writings that were there in Unicode 3.2: tables of later ones differ from library to library.
            points = [drawn.choice([drawn.randrange(0x20, 0x3000), drawn.randrange(0x4E00, 0xD800)]) for _ in range(12)]
            found.append("".join(chr(p) for p in points if unicodedata.ucd_3_2_0.category(chr(p)) != "Cn"))
        else:
            found.append(f"{drawn.randrange(10**6)}+{drawn.randrange(10**6)}={drawn.choice(['', ' '])}{drawn.randrange(10**7)}\n")
    return found


STRINGS = strings()


def write(name, encode, decode, count):
    """One line a string: its tokens with marks as text and as marks, and what they decode to; then tokens by chance."""
    with open(f"{folder}/{name}.cases", "w") as file:
        for text in STRINGS:
            plain, marked = encode(text, False), encode(text, True)
            file.write(json.dumps({"text": text, "plain": plain, "marked": marked, "decoded": decode(marked)}) + "\n")
        for _ in range(200):
            tokens = [drawn.randrange(count) for _ in range(drawn.randrange(1, 12))]
            file.write(json.dumps({"marked": tokens, "decoded": decode(tokens)}) + "\n")


def keep(name, tokenizer):
    def encode(text, marks):
        tokenizer.encode_special_tokens = not marks
        return tokenizer.encode(text, add_special_tokens=False).ids

    write(name, encode, lambda ids: tokenizer.decode(ids, skip_special_tokens=False), tokenizer.get_vocab_size())


def train(name, model, trainer, normalizer=None, pre=None, decoder=None, post=None, added=()):
    tokenizer = Tokenizer(model)
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre:
        tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoder
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens(MARKS)
    tokenizer.add_tokens(list(added))
    if post:
        tokenizer.post_processor = post(tokenizer)
    tokenizer.save(f"{folder}/{name}.json")
    keep(name, tokenizer)
    return tokenizer


def split(pattern):
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )


def pieces(*rest, strip=True):
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    return decoders.Sequence(steps + ([decoders.Strip(" ", 1, 0)] if strip else []))


level = dict(initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
BYTES = [f"<0x{b:02X}>" for b in range(256)]
digits = pre_tokenizers.Sequence(
    [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
)
train("smollm", models.BPE(), trainers.BpeTrainer(vocab_size=2000, **level), pre=digits, decoder=decoders.ByteLevel())
qwen = train(
    "qwen2",
    models.BPE(),
    trainers.BpeTrainer(vocab_size=2000, **level),
    normalizers.NFC(),
    split(QWEN),
    decoders.ByteLevel(),
    lambda _: processors.ByteLevel(trim_offsets=False),
    [AddedToken("<tool_call>", normalized=False)],
)
train(
    "llama3",
    models.BPE(ignore_merges=True),
    trainers.BpeTrainer(vocab_size=2000, special_tokens=["<|begin|>"], **level),
    pre=split(LLAMA3),
    decoder=decoders.ByteLevel(),
    post=lambda t: processors.TemplateProcessing("<|begin|> $A", special_tokens=[("<|begin|>", t.token_to_id("<|begin|>"))]),
)
train(
    "gpt2",
    models.BPE(),
    trainers.BpeTrainer(vocab_size=1000, **level),
    pre=pre_tokenizers.ByteLevel(add_prefix_space=True),
    decoder=decoders.ByteLevel(),
    added=[AddedToken("Größe", normalized=True)],
)
fallback = dict(byte_fallback=True, fuse_unk=True, unk_token="<unk>")
piecewise = dict(special_tokens=["<unk>", "<s>", "</s>"] + BYTES, show_progress=False)
train(
    "llama2",
    models.BPE(**fallback),
    trainers.BpeTrainer(vocab_size=2000, **piecewise),
    normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]),
    decoder=pieces(),
    pre=pre_tokenizers.Split("▁", "merged_with_next"),
)
train(
    "gemma3",
    models.BPE(**fallback),
    trainers.BpeTrainer(vocab_size=2000, limit_alphabet=300, **piecewise),
    normalizers.Replace(" ", "▁"),
    pre_tokenizers.Split(" ", "merged_with_previous"),
    pieces(strip=False),
    added=[AddedToken("\n\n", normalized=False), AddedToken("▁▁", normalized=False), AddedToken("<unused1>", normalized=False)],
)
train(
    "metaspace",
    models.BPE(**fallback),
    trainers.BpeTrainer(vocab_size=1500, **piecewise),
    pre=pre_tokenizers.Metaspace(prepend_scheme="first", split=True),
    decoder=pieces(),
)
train(
    "unknown",
    models.BPE(unk_token="<unk>", fuse_unk=True),
    trainers.BpeTrainer(vocab_size=1000, special_tokens=["<unk>"], limit_alphabet=60, show_progress=False),
    normalizers.NFKC(),
    pre_tokenizers.Metaspace(),
    decoders.Metaspace(),
)
train(
    "unigram",
    models.Unigram(),
    trainers.UnigramTrainer(vocab_size=1200, special_tokens=["<unk>"] + BYTES, unk_token="<unk>", show_progress=False),
    pre=pre_tokenizers.Metaspace(),
    decoder=decoders.Metaspace(),
)
# The trainer makes none with bytes for what it has not met. Of longer numbers the package reads another last bit than is
# written, and by it decides between sequences that are equally likely.
with open(f"{folder}/unigram.json") as file:
    text = json.load(file)
text["model"]["byte_fallback"] = True
text["model"]["vocab"] = [[token, round(score, 6)] for token, score in text["model"]["vocab"]]
text["added_tokens"] = [token for token in text["added_tokens"] if token["content"] not in BYTES]
text["decoder"] = json.loads(pieces().__getstate__())
with open(f"{folder}/unigram-bytes.json", "w") as file:
    json.dump(text, file)
keep("unigram-bytes", Tokenizer.from_file(f"{folder}/unigram-bytes.json"))


def gguf_keys(name, model, tokens, kinds, **more):
    writer = gguf.GGUFWriter(f"{folder}/{name}.gguf", "llama")
    writer.add_tokenizer_model(model)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    for key, value in more.items():
        getattr(writer, f"add_{key}")(value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


described = json.loads(qwen.to_str())
tokens = sorted(qwen.get_vocab(), key=qwen.get_vocab().get)
kinds = [3 if t in MARKS else 4 if t == "<tool_call>" else 1 for t in tokens]
merges = [" ".join(m) for m in described["model"]["merges"]]
gguf_keys("qwen2-gguf", "gpt2", tokens, kinds, tokenizer_pre="qwen2", token_merges=merges, add_bos_token=False)
keep("qwen2-gguf", qwen)

# SentencePiece itself, as GGUF files keep it.
trained = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(CORPUS), model_writer=trained, model_type="bpe", vocab_size=2000, byte_fallback=True,
    normalization_rule_name="identity", remove_extra_whitespaces=False, character_coverage=0.99, minloglevel=2,
)
sp = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
count = sp.get_piece_size()
kinds = [2 if sp.is_unknown(i) else 3 if sp.is_control(i) else 6 if sp.is_byte(i) else 1 for i in range(count)]
gguf_keys(
    "sentencepiece-gguf", "llama", [sp.id_to_piece(i) for i in range(count)], kinds,
    token_scores=[sp.get_score(i) for i in range(count)], bos_token_id=1, eos_token_id=2,
)
STRINGS = [s for s in STRINGS if "<s>" not in s and "\0" not in s]
with open(f"{folder}/sentencepiece-gguf.cases", "w") as file:
    for text in STRINGS:
        ids = sp.encode(text)
        file.write(json.dumps({"text": text, "plain": ids, "marked": ids, "decoded": sp.decode(ids)}) + "\n")

# The real thing: 49,152 tokens, put together from the file's keys.
STRINGS = strings()
reader = gguf.GGUFReader(smol)
field = lambda key: reader.fields[f"tokenizer.ggml.{key}"].contents()
tokens, kinds = field("tokens"), field("token_type")
real = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, [tuple(m.split(" ")) for m in field("merges")]))
real.pre_tokenizer, real.decoder = digits, decoders.ByteLevel()
real.add_special_tokens([t for t, kind in zip(tokens, kinds) if kind == 3])
keep("smollm2", real)
os.symlink(os.path.abspath(smol), f"{folder}/smollm2.gguf")
