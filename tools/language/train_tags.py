"""Train the tagger: what ships, from MAMS; and the recipe, from hotel reviews with marked terms.

Each function gives sections and settings for a model's file. `folder` is the data's; `program` is
tagger_features, `model` a file with the dictionary in use.
"""

import collections

from data import load
from tagger import ALL, WORDS, gold_labels, gold_spans, read_features, train

SHIPPED = ["absa_mams_atsa"]
HOTELS = ["absa_oats_hotels", "absa_opener_en", "absa_se15_hotels"]
NEVER, ALWAYS = 1 << 20, -(1 << 20)

Example = collections.namedtuple("Example", "group sentence labels")

# Restaurants taught it, so the words themselves are no features, and the dictionary's nouns lead.
SHIPPED_LIMITS = {"tags.nouns": 1, "tags.noun_limit": ALWAYS, "tags.thing_limit": 0,
                  "tags.span_limit": 600, "tags.noun_bonus": 1270, "tags.far_cost": 320,
                  "tags.count_bonus": 320}
# Taught by hotels the tagger needs no help.
HOTEL_LIMITS = {"tags.nouns": 0, "tags.noun_limit": NEVER, "tags.thing_limit": NEVER,
                "tags.span_limit": ALWAYS, "tags.noun_bonus": 0, "tags.far_cost": 0,
                "tags.count_bonus": 60}


def annotated(rows):
    """Without the reviews in which nothing is marked: nobody has looked at them."""
    groups = {row["group"] for row in rows if row["aspects"]}
    return [row for row in rows if row["group"] in groups]


def examples(rows, program, model, polarities=None):
    """In the order of the rows' ids."""
    rows = sorted(rows, key=lambda row: row["id"])
    found = read_features([row["text"] for row in rows], program, model)
    return [Example(row["group"], sentence, gold_labels(
                sentence, gold_spans(row["text"], row["aspects"], polarities)))
            for row, sentences in zip(rows, found) for sentence in sentences]


def result(tagger, limits):
    return {"tagger.en": tagger.section()}, {**tagger.settings(), **limits}


def shipped(folder, program, model):
    """Terms that MAMS calls neutral are mostly mentioned in passing: no tags."""
    rows = [row for name in SHIPPED for row in load(folder, name)]
    taught = examples(rows, program, model, ("pos", "neg"))
    tagger = train([(one.sentence, one.labels) for one in taught], used=ALL & ~WORDS)
    return result(tagger, SHIPPED_LIMITS)


def hotel_examples(folder, program, model):
    """What the recipe learns from; the groups that it is judged on are to be left out."""
    out = []
    for name in HOTELS:
        rows = load(folder, name)
        if name == "absa_oats_hotels":
            rows = annotated(rows)
        out += examples(rows, program, model)
    return out


def recipe(taught):
    """`taught`: Examples."""
    tagger = train([(one.sentence, one.labels) for one in taught], bits=17)
    return result(tagger, HOTEL_LIMITS)
