"""The nouns of words/nouns.txt as entries of the dictionary: folded tokens, kind and aspect."""

import os

from tokens import tokens

NOUN, THING = 32, 512  # RS_ENTRY_NOUN, RS_ENTRY_THING of common/language/dictionary.h
LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "words", "nouns.txt")
# No plural by rule, or one that is another word.
ALONE = ("s", "ing", "staff", "food", "wifi", "furniture", "everything", "b & b", "b&b", "ac",
         "men", "proof", "luggage", "people", "inclusive", "hospitality", "cleanliness",
         "management", "housekeeping", "personnel")


def plural(phrase):
    if phrase.endswith(ALONE):
        return None
    if phrase.endswith("y") and phrase[-2] not in "aeiou":
        return phrase[:-1] + "ies"
    if phrase.endswith(("sh", "ch", "x")):
        return phrase + "es"
    return phrase + "s"


def fold(phrase):
    """The tokens with one space between two, as the dictionary spells them."""
    return " ".join(token.text for token in tokens(phrase))


def nouns(path=LIST):
    """{folded phrase: (flag, aspect name)}; the first line that has a phrase decides."""
    out = {}
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    for line in lines:
        head, phrases = line.split(":", 1)
        aspect, kind = head.split()
        flag = {"core": NOUN, "thing": THING}[kind]
        for phrase in phrases.split(","):
            for form in (phrase.strip(), plural(phrase.strip())):
                if form:
                    out.setdefault(fold(form), (flag, aspect))
    return out


if __name__ == "__main__":
    for phrase, (flag, aspect) in sorted(nouns().items()):
        print(f"{phrase}\t{'core' if flag == NOUN else 'thing'}\t{aspect}")
