"""The dictionary: word lists in words/ as the section that common/language/dictionary.c reads.

A list has lines `[fact ...]`, and below each the entries that the facts hold for, separated by
commas: words or phrases, in which (a|b) stands for one of several endings or words. Facts: value
N (opinion, -3 to 3), phrase N (added to that of its words), boost N (per cent), aspect NAME (none:
hides what lies inside of it), and negator, stem, scope, english, stop, junk, adjective. nouns.txt
has a form of its own (nouns.py).
"""

import glob
import os
import re

import nouns
from tokens import tokens

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "words")
FLAGS = {"negator": 1, "stem": 2, "scope": 4, "english": 8, "stop": 16, "junk": 64,
         "phrase": 256, "adjective": 1024}
ASPECTS = ["overall", "location", "staff", "checkin", "room", "bathroom", "bed", "comfort", "noise",
           "cleanliness", "value", "breakfast", "food", "amenities", "wellness", "wifi",
           "parking", "property"]
HIDES = 1  # bit of RS_ASPECT_NONE
MOST_TOKENS = 8


def spell_out(pattern):
    """Every form of an entry with alternatives."""
    group = re.search(r"\(([^()]*\|[^()]*)\)", pattern)
    if not group:
        return [" ".join(pattern.split())]
    out = []
    for form in group.group(1).split("|"):
        out += spell_out(pattern[:group.start()] + form + pattern[group.end():])
    return out


def split_entries(line):
    """Split at commas that stand outside of brackets; an emoticon may end with one."""
    return [entry.strip() for entry in line.split(", ") if entry.strip(" ,")]


def read_list(path):
    """(facts, entry) for each entry as it is written."""
    facts = None
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if not line or line.startswith("# "):
                continue
            if line.startswith("[") and line.endswith("]"):
                facts = line[1:-1].split()
                continue
            for entry in split_entries(line.rstrip(",")):
                yield facts, entry


class Entry:
    def __init__(self):
        self.value = self.boost = self.flags = self.aspects = 0

    def take(self, facts):
        kind, *rest = facts
        if kind in ("value", "phrase"):
            self.value = int(float(rest[0]) * 100)
            self.flags |= FLAGS["phrase"] if kind == "phrase" else 0
        elif kind == "boost":
            self.boost = int(rest[0])
        elif kind == "aspect":
            self.aspects |= HIDES if rest[0] == "none" else 2 << ASPECTS.index(rest[0])
        else:
            self.flags |= FLAGS[kind]


def dictionary(folder=HERE):
    """{folded tokens: Entry}"""
    out = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.txt"))):
        if os.path.basename(path) == "nouns.txt":
            continue
        for facts, pattern in read_list(path):
            forms = [pattern] if "|" not in pattern or len(pattern) < 4 else spell_out(pattern)
            for form in forms:
                words = [token.text for token in tokens(form)]
                if 0 < len(words) <= MOST_TOKENS:
                    out.setdefault(" ".join(words), Entry()).take(facts)
    for phrase, (flag, _) in nouns.nouns().items():
        out.setdefault(phrase, Entry()).flags |= flag
    return out


def section(folder=HERE):
    rows = [f"{phrase}\t{e.value}\t{e.boost}\t{e.flags:x}\t{e.aspects:x}\n"
            for phrase, e in sorted(dictionary(folder).items())]
    return "".join(rows).encode()


if __name__ == "__main__":
    import sys
    sys.stdout.buffer.write(section())
