#!/usr/bin/env python3
"""train - make a model's file from data.

    train.py --data FOLDER --out FILE [--recipe shipped|trained] [--fold 0..4]

`shipped` takes only sets whose licence lets their weights be given away; `trained` takes every
set of hotels and other languages in the folder, leaving out a fold to judge the recipe by.
Deterministic: the same data give the same bytes. Features come from build/release/language_features.
"""

import argparse
import os
import sys
import tempfile

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy

import data
import linear
import model
import train_tags
import words

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LANGUAGES = ["zh", "es", "it", "ar", "ca", "tr"]
ASPECT_IDS = {name: i + 1 for i, name in enumerate(words.ASPECTS)}


class Trainer:
    """Sections of a model, as they come to be."""

    def __init__(self, folder, program, fold=None):
        self.folder, self.program, self.fold = folder, program, fold
        self.tagger_program = os.path.join(os.path.dirname(program), "tagger_features")
        self.sections, self.settings = model.empty(), {}
        self.scratch = tempfile.mkdtemp(prefix="language-")

    def keep(self, rows):
        """Without the fold that the model is judged on."""
        return [row for row in rows if self.fold is None or data.fold_of(row.group) != self.fold]

    def file(self):
        path = os.path.join(self.scratch, "model")
        sections = dict(self.sections, settings=model.settings_text(self.settings))
        with open(path, "wb") as file:
            file.write(model.pack(sections))
        return path

    def features(self, mode, inputs, bits):
        return linear.features(self.program, self.file(), mode, inputs, bits)

    def two_heads(self, matrix, labels, weights, decay, rounds):
        """Positive against negative, each kind of the same weight; and neutral."""
        labels, weights = numpy.array(labels), numpy.array(weights, float)
        two = numpy.flatnonzero(labels != "neu")
        positive, scaled = labels[two] == "pos", weights[two].copy()
        for kind in (positive, ~positive):
            scaled[kind] *= scaled.sum() / (2 * weights[two][kind].sum())
        heads = [linear.fit(matrix.take(two), positive, scaled, decay, rounds)]
        if len(two) < len(labels):
            heads.append(linear.fit(matrix, labels == "neu", weights, decay, rounds))
        else:
            heads.append((numpy.zeros(matrix.width), -9.0))
        return model.Table([w for w, _ in heads], [b for _, b in heads])

    def polarity(self, language, rows, bits, decay, rounds=60, width=2):
        rows = self.keep(rows)
        inputs = [linear.blob(row.title) + linear.blob(row.text) for row in rows]
        matrix = self.features(["polarity", language], inputs, bits)
        table = self.two_heads(matrix, [r.label for r in rows], [r.weight for r in rows], decay,
                               rounds)
        self.sections["polarity." + language] = table.section()
        self.settings[f"polarity.{language}.score_width"] = round(1000 * width)

    def neutral(self, language, weight, factor, opinion, limit):
        for name, value in (("weight", weight), ("factor", factor), ("opinion", opinion),
                            ("limit", limit)):
            self.settings[f"polarity.{language}.neutral_{name}"] = round(1000 * value)

    def opinion(self, cases, bits, decay, labels, limit, kept):
        cases = self.keep(cases)
        inputs = [b"%d:%d:%d:" % (c.aspect, c.wanted, c.place) + linear.blob(c.text)
                  for c in cases]
        matrix = self.features(["opinion"], inputs, bits)
        table = self.two_heads(matrix, [c.label for c in cases], [c.weight for c in cases], decay,
                               60)
        self.sections["opinion.en"] = table.section()
        self.settings.update({"opinion.labels": int(labels), "opinion.neutral_kept": int(kept),
                              "opinion.neutral_limit": round(1000 * limit)})

    def tags(self, made):
        sections, settings = made
        self.sections.update(sections)
        self.settings.update(settings)

    # ---- which aspects: learnt heads, for the recipe only ----

    def aspect_heads(self, matrix, gold, decay):
        heads = [linear.fit(matrix, numpy.array([name in g for g in gold]),
                            numpy.ones(len(gold)), decay, 40) for name in words.ASPECTS]
        return model.Table([w for w, _ in heads], [b for _, b in heads])

    def aspects(self, rows, bits, decay):
        rows = [r for r in rows if self.fold is None or data.fold_of(r[2]) != self.fold]
        matrix = self.features(["detect"], [linear.blob(text) for text, _, _ in rows], bits)
        gold = [set(g) for _, g, _ in rows]
        inner = numpy.array([int(data.fold_of("inner " + group)) for _, _, group in rows])
        margins = numpy.zeros((len(rows), len(words.ASPECTS)))
        for k in range(data.FOLDS):
            out = numpy.flatnonzero(inner == k)
            rest = numpy.flatnonzero(inner != k)
            table = self.aspect_heads(matrix.take(rest), [gold[i] for i in rest], decay)
            margins[out] = table.margins(matrix.take(out))
        for i, limit in enumerate(limits(margins, gold)):
            self.settings[f"aspects.limit.{i + 1}"] = round(1000 * limit)
        self.settings["aspects.slack"] = 500
        self.sections["aspects.en"] = self.aspect_heads(matrix, gold, decay).section()


def f1(hits, found, wanted):
    return 2 * hits / max(1, found + wanted)


def limits(margins, gold):
    """A limit for each aspect, drawn to the one that is best for all of them together."""
    truth = numpy.array([[name in g for name in words.ASPECTS] for g in gold])
    steps = numpy.arange(-2.5, 1.01, 0.1)
    common = max((f1((truth & (margins > s)).sum(), (margins > s).sum(), truth.sum()), s)
                 for s in steps)[1]
    out = numpy.full(len(words.ASPECTS), common)
    for i in range(len(words.ASPECTS)):
        wanted = truth[:, i].sum()
        if wanted >= 30:
            own = max((f1((truth[:, i] & (margins[:, i] > s)).sum(), (margins[:, i] > s).sum(),
                          wanted), s) for s in steps)[1]
            out[i] = 0.3 * common + 0.7 * own
    return out


def sentence_cases(rows, weight):
    return [data.Case(r.text, 0, 0, -1, r.label, weight, r.group) for r in rows]


def shipped(trainer):
    rows = data.shipped_polarity(trainer.folder)
    trainer.polarity("en", rows, 19, 0.3)
    trainer.neutral("en", 0, 0.25, 1.5, -0.3)
    cases = data.term_cases(data.load(trainer.folder, "absa_mams_atsa"), 0.8)
    cases += sentence_cases([r for r in rows if r.set in ("vader_amazon", "uci_yelp",
                                                          "uci_amazon_cells")], 1.0)
    trainer.opinion(cases, 18, 0.3, labels=False, limit=1.0, kept=False)
    trainer.tags(train_tags.shipped(trainer.folder, trainer.tagger_program, trainer.file()))


def trained(trainer):
    folder = trainer.folder
    trainer.polarity("en", data.hotel_polarity(folder), 19, 0.3, 120, width=3)
    trainer.neutral("en", 1, 1, 0.25, -2.45)
    rows = data.aspect_sentences(folder)
    trainer.aspects(rows, 15, 0.1)
    cases = [data.Case(text, ASPECT_IDS[name], ASPECT_IDS[name], -1, next(iter(kinds)), 1.0, group)
             for text, gold, group in rows for name, kinds in gold.items()
             if len(kinds) == 1 and "conflict" not in kinds]
    cases += data.term_cases(data.load(folder, "absa_opener_en"), 0.7)
    gold = data.gold_polarity(folder)
    cases += sentence_cases([r for r in gold if r.set == "hotel_sentences_japan"], 0.5)
    cases += sentence_cases([r for r in gold if r.set == "booking_proscons_weak"
                             and 2 <= len(r.text.split()) <= 25], 0.15)
    trainer.opinion(cases, 16, 0.3, labels=True, limit=0.5, kept=True)
    taught = train_tags.hotel_examples(folder, trainer.tagger_program, trainer.file())
    trainer.tags(train_tags.recipe(trainer.keep(taught)))
    for language in LANGUAGES:
        trainer.polarity(language, data.other_polarity(folder, language), 18, 0.3, 120)


def manifest(recipe):
    """What a model was made from, for whoever opens the file."""
    if recipe == "shipped":
        return {"name": "builtin", "licence": "Apache-2.0", "languages": ["en"],
                "trained on": data.LICENCES, "card": "models/english.md"}
    return {"name": "trained", "languages": ["en"] + LANGUAGES,
            "trained on": "every set of the folder; not to be given away with their texts' "
                          "licences unknown"}


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", default=os.environ.get(
        "REVIEWS_TEST_DATA", os.path.join(ROOT, "..", "shared", "data")))
    parser.add_argument("--out", required=True)
    parser.add_argument("--recipe", choices=("shipped", "trained"), default="trained")
    parser.add_argument("--fold", type=int, choices=range(data.FOLDS))
    parser.add_argument("--program", default=os.path.join(ROOT, "build/release/language_features"))
    return parser.parse_args(argv)


def main(argv):
    args = parse(argv)
    trainer = Trainer(args.data, args.program, args.fold)
    {"shipped": shipped, "trained": trained}[args.recipe](trainer)
    trainer.settings["name"] = {"shipped": "builtin", "trained": "trained"}[args.recipe]
    trainer.sections["manifest"] = model.manifest_text(manifest(args.recipe))
    trainer.sections["settings"] = model.settings_text(trainer.settings)
    with open(args.out, "wb") as file:
        file.write(model.pack(trainer.sections))


if __name__ == "__main__":
    main(sys.argv[1:])
