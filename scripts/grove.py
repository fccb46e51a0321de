"""Runs of Grove in Python: one file, on numpy alone, and with PyTorch where it is installed.

    import grove
    run = grove.load("runs/first")
    run.result["accuracy"]["student"], run.config["task.size"]
    run.metrics["steps"], run.metrics["accuracy.student"]      # columns; pandas.DataFrame(run.metrics) is a table
    for judgment in run.transcripts(): ...                     # who decided what, with its tree
    for lesson in run.dataset(): ...                           # what X learns from, with its tokens
    x = run.network()                                          # the student, of the newest checkpoint
    x.log_probabilities(facts, questions)                      # of tokens, as in lesson["tokens"]

Transcripts and the dataset are what `grove export` writes: the program is asked for them, or a file that it wrote is given.
`run.network("teacher")` and `run.network("overseer")` are the others; `grove.Weights("x.safetensors").network()` is that of a
file of exported weights that says of which configuration it is. With PyTorch the weights are its tensors, that learn
if asked to: `torch.optim.Adam(run.network().parameters())`; `library=numpy` does without.
"""

import json
import math
import os
import shutil
import struct
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy


def load(folder):
    """The run in a folder, finished or not."""
    return Run(folder)


class Run:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.name = self.folder.resolve().name
        if not (self.folder / "config.yaml").is_file():
            raise FileNotFoundError(f"{folder} is no folder of a run: it has no config.yaml")
        self.config = settings((self.folder / "config.yaml").read_text())

    @property
    def result(self):
        """What the run came to; None if it is not finished."""
        path = self.folder / "result.json"
        return json.loads(path.read_text()) if path.is_file() else None

    @property
    def measurements(self):
        """What was measured, oldest first, a dictionary each."""
        path = self.folder / "metrics.jsonl"
        lines = path.read_text().split("\n") if path.is_file() else []
        if lines and lines[-1]:
            warnings.warn(f"{path}, line {len(lines)}, has no end: it was cut off, or is being written")
            lines.pop()
        if self.result and not any(lines):
            warnings.warn(f"{path} is gone or empty: only what result.json says is known")
        return _json_lines(lines, path)

    @property
    def metrics(self):
        """The same as columns, arrays of one length, by name; NaN is what was not measured."""
        rows = [dict(_flat(line)) for line in self.measurements]
        names = dict.fromkeys(name for row in rows for name in row)
        return {name: numpy.array([_number(row.get(name)) for row in rows]) for name in names}

    def transcripts(self, file=None):
        """The judgments that the run rests on: who decided, the verdict, and the tree that was decided on.

        file: what `grove export --what transcripts` wrote; else the program is asked.
        """
        return self._exported("transcripts", file)

    def dataset(self, file=None):
        """The questions that X learns from, with `tokens`: facts, question and answer as the networks read them.

        file: what `grove export --what dataset` wrote of the newest checkpoint; else the program is asked.
        """
        lessons = self._exported("dataset", file)
        arrays, metadata = read_safetensors(self._newest_checkpoint())
        tokens = list(self._lesson_tokens(arrays))
        if len(tokens) != len(lessons):
            raise ValueError(f"the dataset has {len(lessons)} questions and the newest checkpoint {len(tokens)}: export anew")
        rounds = json.loads(metadata.get("grove", "{}")).get("replayRounds")
        if rounds is not None and not {lesson.get("round") for lesson in lessons} <= {*rounds, None}:
            raise ValueError("the dataset is of another checkpoint than the newest: export anew")
        if rounds and lessons and max(lesson.get("round") or 0 for lesson in lessons) < max(rounds):
            raise ValueError("the dataset is of an older checkpoint than the newest: export anew")
        return [dict(lesson, tokens=row) for lesson, row in zip(lessons, tokens)]

    def weights(self, file=None):
        """The arrays of the newest checkpoint, or of a file that `grove export --what weights` wrote."""
        return Weights(file or self._newest_checkpoint(), self.config)

    def network(self, which="student", file=None, library=None):
        """The network with its weights: `student` and `teacher` are an Answerer, `overseer` (H') an Overseer."""
        return self.weights(file).network(which, library)

    def _newest_checkpoint(self):
        files = sorted((self.folder / "checkpoints").glob("round-*.safetensors"))
        if not files:
            raise FileNotFoundError(f"the run {self.name} has no checkpoint yet")
        return files[-1]

    def _exported(self, what, file):
        if file:
            return _json_lines(Path(file).read_text().split("\n"), file)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / what
            command = [_program(), "export", self.name, "--what", what, "--out", path]
            done = subprocess.run(
                command + ["--folder", self.folder.resolve().parent], capture_output=True, text=True)
            if done.returncode != 0:
                raise RuntimeError(done.stderr.strip())
            return _json_lines(path.read_text().split("\n"), what)

    @staticmethod
    def _lesson_tokens(arrays):
        facts, questions, answers = (arrays[f"replay/{name}"] for name in ("facts", "questions", "answers"))
        of_facts, of_questions = arrays["replay/fact_counts"], arrays["replay/question_counts"]
        if not of_questions.sum():
            return
        facts = facts.reshape(of_facts.sum(), -1)
        questions, answers = (column.reshape(of_questions.sum(), -1) for column in (questions, answers))
        fact = question = 0
        for fact_count, question_count in zip(of_facts, of_questions):
            for place in range(question, question + question_count):
                yield {"facts": facts[fact : fact + fact_count], "question": questions[place], "answer": answers[place]}
            fact, question = fact + fact_count, question + question_count


class Weights:
    """The arrays of a checkpoint or of exported weights, by name, with what the file says of them."""

    # What a checkpoint calls the weights that decide and answer.
    PREFIXES = {"overseer": ("overseer.average/", "overseer/")}

    def __init__(self, file, config=None):
        self.arrays, self.metadata = read_safetensors(file)
        text = self.metadata.get("grove.configuration")
        self.config = settings(text) if text else config
        # For each token, what it is called.
        self.vocabulary = json.loads(self.metadata.get("grove.vocabulary", "null"))

    def network(self, which="student", library=None):
        if self.config is None:
            raise ValueError("the file does not say with which configuration its models were made: give its settings")
        for prefix in self.PREFIXES.get(which, (which + "/",)):
            found = {name[len(prefix) :]: array for name, array in self.arrays.items() if name.startswith(prefix)}
            if found:
                break
        else:
            raise KeyError(f"there are no weights of “{which}”; there are student, teacher and overseer")
        numbers = json.loads(self.metadata.get("grove.numbers", "null"))
        kind = Overseer if which == "overseer" else Answerer
        return kind(found, self.config, numbers, library or _library())


class Network:
    """What both networks are made of. Each line runs on numpy and on PyTorch alike."""

    PERIODS, LARGEST = (2, 5, 10), 4

    def __init__(self, weights, config, numbers, library):
        self.library, self.config, self.numbers = library, config, numbers
        self.weights = {name: self._tensor(array.copy()) for name, array in weights.items()}

    def parameters(self):
        """With PyTorch: what an optimiser takes."""
        return [weight.requires_grad_() for weight in self.weights.values()]

    def _tensor(self, array):
        return array if self.library is numpy else self.library.from_numpy(array)

    def _tokens(self, tokens):
        try:
            tokens = numpy.asarray(tokens, dtype=numpy.int64)
        except ValueError as error:
            raise ValueError(f'facts and questions are tokens of one length here, as in lesson["tokens"]: {error}') from None
        return tokens if self.library is numpy else self.library.from_numpy(tokens)

    def _linear(self, name, x):
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def _norm(self, name, x):
        x = x - x.mean(-1)[..., None]
        x = x / self.library.sqrt((x * x).mean(-1)[..., None] + 1e-5)
        return x * self.weights[name + ".scale"] + self.weights[name + ".shift"]

    def _softmax(self, x, hidden=None):
        if hidden is not None:
            x = x + self._tensor(numpy.where(hidden, -numpy.inf, 0).astype(numpy.float32))
        x = self.library.exp(x - self.library.amax(x, -1)[..., None])
        return x / x.sum(-1)[..., None]

    def _vectors(self, name, count):
        """A vector for each token: of its own for a name, made from the number for one that stands for a number."""
        names = self.weights[name]
        if name + ".numbers.weight" not in self.weights:
            return names
        if self.numbers is None:
            raise ValueError("the file does not say which tokens are numbers: an older Grove wrote it; export its weights anew")
        values = (self.numbers + [None] * count)[:count]
        known = [value for value in values if value is not None]
        unit = max([1] + [abs(value) for value in known]) / self.LARGEST
        features = [
            [value / unit, (value / unit) ** 2]
            + [wave(2 * math.pi * value / period) for period in self.PERIODS for wave in (math.sin, math.cos)]
            for value in known
        ]
        made = self._linear(name + ".numbers", self._tensor(numpy.array(features, dtype=numpy.float32)))
        next_name, next_number, rows = 0, len(names), []
        for value in values:
            rows.append(next_name if value is None else next_number)
            next_name, next_number = next_name + (value is None), next_number + (value is not None)
        return self.library.concatenate([names, made])[self._tokens(rows)]

    def _scores(self, name, x):
        bias = self.weights[name + ".bias"]
        return x @ self._vectors(name + ".weight", len(bias)).T + bias

    def _block(self, name, x, seen=None, extra=None, hidden=None):
        """A transformer block over `seen`, or over itself. extra: is added to the scores, [B, heads, n, m]."""
        y = self._norm(name + ".norm", x)
        seen = y if seen is None else self._norm(name + ".norm_memory", seen)
        query, both = self._linear(name + ".query", y), self._linear(name + ".keys_and_values", seen)
        heads, width = self.config["model.heads"], x.shape[-1]

        def split(t):
            return t.reshape(t.shape[0], t.shape[1], heads, width // heads).swapaxes(1, 2)

        keys, values = split(both[..., :width]), split(both[..., width:])
        scores = split(query) @ keys.swapaxes(2, 3) / math.sqrt(width // heads)
        if extra is not None:
            scores = scores + extra
        attended = (self._softmax(scores, hidden) @ values).swapaxes(1, 2).reshape(x.shape)
        x = x + self._linear(name + ".output", attended)
        wide = self._linear(name + ".up", self._norm(name + ".norm_feed_forward", x))
        return x + self._linear(name + ".down", wide * (wide > 0))

    def _mixed(self, name, x, memory, candidates, hidden=None):
        """log p of each token, generated or copied from what is pointed at. candidates: [B, m, c]."""
        pointed = self._linear(name + "pointer", x) @ self._linear(name + "key", memory).swapaxes(1, 2)
        shares = self._softmax(pointed / math.sqrt(x.shape[-1]), hidden)
        mix = self._softmax(self._linear(name + "mix", x))
        generated = self._softmax(self._scores(name + "generate", x))
        p = mix[..., :1] * generated
        one_hot = self._tensor(numpy.eye(generated.shape[-1], dtype=numpy.float32))
        for place in range(candidates.shape[-1]):
            p = p + mix[..., 1 + place : 2 + place] * (shares @ one_hot[candidates[..., place]])
        return self.library.log(p + 1e-30)


class Answerer(Network):
    """X: facts are encoded as a set, questions attend to them, and the answer is generated, or copied from a fact."""

    def log_probabilities(self, facts, questions):
        """log p of each token at each place of the answers, [contexts, questions, places, vocabulary].

        facts: tokens [contexts, facts, tokens of a fact]; questions: [contexts, questions, tokens of a question].
        """
        facts, questions = self._tokens(facts), self._tokens(questions)
        embedding = self._vectors("embedding", len(self.weights["answer.0.generate.bias"]))

        def embedded(tokens):
            return embedding[tokens].reshape(tokens.shape[0], tokens.shape[1], -1)

        memory = self._linear("fact", embedded(facts))
        memory = self._stack("facts", self.config["model.fact_layers"], memory, None, facts, facts)
        contexts, count, length = questions.shape
        reading_layers = self.config.get("model.reading_layers", 0)
        if reading_layers:
            # Every question becomes a row of its own, with its own copy of the facts, which it has read.
            rows = self._tokens([row // count for row in range(contexts * count)])
            facts, memory, questions = facts[rows], memory[rows], questions.reshape(-1, 1, length)
            asked = self._linear("reading.tokens", embedded(questions)).reshape(len(rows), length, -1)
            memory = self._stack("reading.ask", 1, memory, asked, facts, questions.reshape(-1, length, 1))
            memory = self._stack("reading.facts", reading_layers, memory, None, facts, facts)
        x = self._linear("question", embedded(questions))
        x = self._norm("norm", self._stack("questions", self.config["model.question_layers"], x, memory, questions, facts))
        places = sum(name.endswith(".mix.bias") for name in self.weights)
        log_p = self.library.stack([self._mixed(f"answer.{place}.", x, memory, facts) for place in range(places)], 2)
        return log_p.reshape(contexts, count, places, -1)

    def answer(self, facts, questions):
        """The likeliest answer to each question, [contexts, questions, places]."""
        return self.log_probabilities(facts, questions).argmax(-1)

    def _stack(self, name, depth, x, seen, tokens, others):
        blocks = sum(key.startswith(name + ".") and key.endswith(".query.bias") for key in self.weights)
        for level in range(depth):
            block = f"{name}.{level % blocks}"
            extra = self._matches(block + ".matches", tokens, others)
            x = self._block(block, x, seen, extra)
        return x

    def _matches(self, name, tokens, others):
        """What tokens that are the same add to the scores of attention: a weight for each head and pair of places."""
        if name not in self.weights:
            return None
        left, right = tokens[:, :, None, :, None], others[:, None, :, None, :]
        same = (left == right) & (left != 0)
        same = same.reshape(same.shape[0], same.shape[1], same.shape[2], -1)
        weights = self.weights[name]
        return (same[:, None] * weights[None, :, None, None, :]).sum(-1)


class Overseer(Network):
    """H′: a causal transformer over transcripts, whose next token is generated, or copied from those before.

    A transcript is the question, then for each step the mark `ask`, the sub-question and its answer, then the mark `decide`
    and the answer; the marks are the two tokens behind the vocabulary, in this order.
    """

    QUESTION, MARK, SUB_QUESTION, SUB_ANSWER, ANSWER = range(5)

    @property
    def ask(self):
        return len(self.weights["generate.bias"]) - 2

    @property
    def decide(self):
        return len(self.weights["generate.bias"]) - 1

    def log_probabilities(self, tokens, types):
        """log p of the token after each, [transcripts, length, vocabulary and marks], of tokens and what each is part of."""
        tokens, types = self._tokens(tokens), self._tokens(types)
        length = tokens.shape[1]
        hidden = ~numpy.tri(length, dtype=bool)
        x = self._vectors("tokens", self.decide + 1)[tokens] + self.weights["types"][types]
        x = x + self.weights["positions"][:length]
        for level in range(self.config["overseer.layers"]):
            x = self._block(f"blocks.{level}", x, hidden=hidden)
        x = self._norm("norm", x)
        return self._mixed("", x, x, tokens[..., None], hidden)


def read_safetensors(path):
    """The arrays of a safetensors file by name, and its metadata."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    kinds = {"F32": "<f4", "I32": "<i4", "U8": "u1"}
    arrays = {}
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        arrays[name] = numpy.frombuffer(data[start:end], kinds[entry["dtype"]]).reshape(entry["shape"])
    return arrays, metadata


def settings(text):
    """A run's config.yaml as `section.key`: value."""
    found, section = {}, ""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key and not key.startswith((" ", "#")):
            section = key
        elif key.strip() and not key.strip().startswith("#"):
            found[f"{section}.{key.strip()}"] = _value(value.strip())
    return found


def _value(text):
    if text.startswith('"'):
        return json.loads(text)
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text, text)


def _flat(value, name=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else key)
    else:
        yield name, value


def _number(value):
    return float("nan") if value is None else value


def _json_lines(lines, path):
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise ValueError(f"{path}, line {number}, can't be read: {error}") from None
    return found


def _library():
    try:
        import torch

        return torch
    except ImportError:
        return numpy


def _program():
    """The program `grove`: $GROVE, on the path, or where this file's own is, installed or built."""
    here = Path(__file__).resolve().parent
    beside = [here / "../../../bin/grove", here / "../.build-release/release/grove"]
    found = [os.environ.get("GROVE") or shutil.which("grove")] + [str(path) for path in beside if path.exists()]
    program = next(filter(None, found), None)
    if not program:
        raise FileNotFoundError("there is no grove on the path: set GROVE to it, or give a file that it exported")
    return program
