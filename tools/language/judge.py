"""Figures of polarity and aspects from the answers of `reviewctl analyse --ndjson`."""

import collections
import json
import subprocess

import numpy

import words

LABELS = ("pos", "neg", "neu")
SHORT = {"positive": "pos", "negative": "neg", "neutral": "neu", "mixed": "neu"}


def analyse(program, model, rows):
    """The answers to rows: dicts without an id."""
    given = "".join(json.dumps(dict(row, id=str(i))) + "\n" for i, row in enumerate(rows))
    command = [program, "analyse", "--ndjson"] + (["--model", model] if model else [])
    made = subprocess.run(command, input=given.encode("utf-8", "surrogatepass"),
                          stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in made.decode().splitlines()]


def score(answer):
    return answer["sentiment"]["score"] or 0.0


def f1(gold, found, label):
    hits = sum(g == label and f == label for g, f in zip(gold, found))
    return 2 * hits / max(1, sum(g == label for g in gold) + sum(f == label for f in found))


def two_classes(labels, answers):
    """Right signs among pos and neg; no score counts half."""
    right = [0.5 if score(a) == 0 else float((score(a) > 0) == (label == "pos"))
             for label, a in zip(labels, answers) if label != "neu"]
    return float(numpy.mean(right))


def three_classes(labels, answers):
    found = [SHORT.get(a["sentiment"]["polarity"], "none") for a in answers]
    return sum(f1(labels, found, label) for label in LABELS) / 3


def stars(ratings, scores):
    """Pearson's correlation; the mean of the rates for good (>= 4) and bad (<= 2) ones."""
    ratings, scores = numpy.array(ratings), numpy.array(scores)
    good, bad = scores[ratings >= 4] > 0, scores[ratings <= 2] < 0
    return float(numpy.corrcoef(ratings, scores)[0, 1]), float((good.mean() + bad.mean()) / 2)


def balanced(labels, answers):
    rates = [numpy.mean([(score(a) > 0) == (label == "pos") and score(a) != 0
                         for label, a in zip(labels, answers) if label == kind])
             for kind in ("pos", "neg")]
    return float(numpy.mean(rates))


def micro(gold, found):
    hits = sum(len(g & f) for g, f in zip(gold, found))
    return 2 * hits / max(1, sum(map(len, gold)) + sum(map(len, found)))


def aspects(golds, answers):
    """Figures of A1 to A4; `golds`: {aspect: polarities} of each sentence."""
    found = [{a["aspect"]: a for a in answer["aspects"]} for answer in answers]
    want, have = [set(g) for g in golds], [set(f) for f in found]
    each = []
    for name in words.ASPECTS:
        if sum(name in g for g in want) >= 10:
            each.append(f1([name in g for g in want], [name in h for h in have], True))
    rows = [(next(iter(kinds)), f[name]) for g, f in zip(golds, found)
            for name, kinds in g.items()
            if name in f and len(kinds) == 1 and "conflict" not in kinds]
    gold = [label for label, _ in rows]
    said = [SHORT[a["polarity"]] if a["polarity"] != "mixed"
            else "pos" if a["score"] > 0 else "neg" for _, a in rows]
    right = [g == s for g, s in zip(gold, said) if g != "neu"]
    pairs = [{(name, kind) for name, kinds in g.items() for kind in kinds} for g in golds]
    told = [{(name, SHORT[a["polarity"]]) for name, a in f.items()} for f in found]
    return {"detection": micro(want, have), "macro": sum(each) / len(each),
            "polarity": sum(right) / len(right), "negative": f1(gold, said, "neg"),
            "joint": micro(pairs, told),
            "each": {name: (f1([name in g for g in want], [name in h for h in have], True),
                            sum(name in g for g in want), sum(name in h for h in have))
                     for name in words.ASPECTS}}


def carried(answer):
    """What the evidence carries of the absolute score; 1 where there is no score."""
    if answer["sentiment"]["score"] is None:
        return 1.0
    return sum(e["weight"] for e in answer["sentiment"]["evidence"])


def languages(answers):
    return collections.Counter(a["language"] for a in answers)
