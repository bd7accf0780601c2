"""Tokens and hashes, as common/language/tokens.c and hash.c make them.

`python tokens.py` reads JSON strings, one a line, and prints what the C test compares:
tests/data/language/tokens.ndjson is made this way.
"""

import json
import sys
import unicodedata

WORD, NUMBER, PUNCTUATION, EMOTICON, EMOJI, SYMBOL, RUN = range(7)
LOWER, CAPITAL, UPPER, MIXED = range(4)
TOKENS_MAX, SENTENCE_MAX = 65536, 250

BLOCKS = [(0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007),
          (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
          (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, 0x3FFFF)]
PLAIN = {0x02BC: "'", 0x2018: "'", 0x2019: "'", 0x2010: "-", 0x2011: "-", 0x2012: "-",
         0x2013: "-", 0x2014: "-", 0x2026: ".", 0x3001: ",", 0x3002: ".", 0xFF01: "!",
         0xFF0C: ",", 0xFF1A: ":", 0xFF1B: ";", 0xFF1F: "?"}
CLAUSES = {"and", "but", "however", "although", "though", "while", "except"}
MASK = 0xFFFFFFFF


def mix(h):
    h ^= h >> 16
    h = h * 0x85EBCA6B & MASK
    h ^= h >> 13
    h = h * 0xC2B2AE35 & MASK
    return h ^ h >> 16


def hash_text(text):
    h = 0x811C9DC5
    for byte in text.encode():
        h = (h ^ byte) * 0x01000193 & MASK
    return mix(h)


def hash_join(space, a, b=0):
    h = (space * 0x9E3779B1 & MASK ^ a) * 0x85EBCA6B & MASK
    h = ((h ^ h >> 15) ^ b) * 0xC2B2AE35 & MASK
    return mix(h)


class Token:
    __slots__ = ("text", "start", "end", "kind", "shape", "sentence", "clause", "space", "hash")

    def __init__(self, **values):
        for name, value in values.items():
            setattr(self, name, value)


def character(c):
    """(class, folded form) of a character."""
    code = ord(c)
    if code == 0xFFFD:
        return "bad", c
    if c == "_":
        return "skip", c
    if code in PLAIN:
        return "punctuation", PLAIN[code]
    if c in "\n\r\x85":
        return "line", c
    if c in "\t\v\f":
        return "space", c
    folded = c.lower()[0]
    category = unicodedata.category(c)
    run = any(a <= code <= b for a, b in BLOCKS)
    if 0x1F000 <= code <= 0x1FAFF or (category == "So" and code >= 0x2190):
        return "emoji", folded
    if category[0] in "LM":
        kind = "run" if run else "letter" if category[0] == "L" else "mark"
    else:
        kind = {"Nd": "digit", "Zs": "space", "Zl": "line", "Zp": "line", "Nl": "symbol",
                "No": "symbol"}.get(category)
        kind = kind or {"P": "punctuation", "S": "symbol"}.get(category[0], "skip")
    return kind, folded


def word_end(chars, i):
    """Where the word ends, its folded form and its shape."""
    out, letters, capitals, first = [], 0, 0, False
    while i < len(chars):
        c, kind, folded = chars[i]
        if kind in ("letter", "mark"):
            capital = c != folded
            first |= capital and letters == 0
            capitals += capital
            letters += kind == "letter"
            out.append(folded)
        else:
            joins = folded == "'" or (kind == "skip" and ord(c) > 0x7F)
            if not joins or i + 1 >= len(chars) or chars[i + 1][1] != "letter":
                break
            if folded == "'":
                out.append("'")
        i += 1
    shape = (LOWER if capitals == 0 else UPPER if capitals == letters and letters >= 2
             else CAPITAL if capitals == 1 and first else MIXED)
    return i, "".join(out), shape


def number_end(chars, i):
    out = []
    while i < len(chars):
        _, kind, folded = chars[i]
        if kind != "digit" and not (folded in ".,:" and i + 1 < len(chars)
                                    and chars[i + 1][1] == "digit"):
            break
        out.append(folded)
        i += 1
    return i, "".join(out)


def emoji_end(chars, i):
    joined = False
    while True:
        i += 1
        if i >= len(chars):
            return i
        c, kind, _ = chars[i]
        modifier = kind == "mark" or 0x1F3FB <= ord(c) <= 0x1F3FF
        joiner = c == "\u200d"
        if not modifier and not joiner and not (joined and kind == "emoji"):
            return i
        joined = joiner


def emoticon_end(chars, i):
    s = "".join(c for c, _, _ in chars[i:i + 3])
    n = 0
    if s.startswith("<3"):
        n = 2
    elif len(s) >= 2 and s[0] in ":;=":
        n = 2 if len(s) >= 3 and s[1] in "-'" else 1
        n = n + 1 if s[n] in "()DPp/\\|" else 0
    j = i + n
    if n and j < len(chars) and (chars[j][1] in ("letter", "digit") or chars[j][0] == "/"):
        return i
    return j


def sign_end(chars, i):
    """Where the sign ends, its folded form, and whether it is an emoticon."""
    j = emoticon_end(chars, i)
    if j > i:
        return j, "".join(c for c, _, _ in chars[i:j]), True
    folded = chars[i][2]
    j = i + 1
    if folded in "!?":
        while j < len(chars) and chars[j][2] in ("!", "?"):
            j += 1
    return j, "".join(f for _, _, f in chars[i:min(j, i + 2)]), False


def read_token(chars, i):
    c, kind, folded = chars[i]
    shape = LOWER
    if kind == "letter":
        j, text, shape = word_end(chars, i)
        kind = WORD
    elif kind == "run":
        j = i
        while j < len(chars) and chars[j][1] == "run":
            j += 1
        text, kind = "".join(f for _, _, f in chars[i:j]), RUN
    elif kind == "digit":
        j, text = number_end(chars, i)
        kind = NUMBER
    elif kind == "emoji":
        j, text, kind = emoji_end(chars, i), folded, EMOJI
    else:
        j, text, emoticon = sign_end(chars, i)
        kind = EMOTICON if emoticon else SYMBOL if kind == "symbol" else PUNCTUATION
    return j, text, kind, shape


def tokens(text):
    """The tokens of a text; offsets are bytes of its UTF-8."""
    chars = [(c,) + character(c) for c in text]
    at = [0]
    for c in text:
        at.append(at[-1] + len(c.encode()))
    out = []
    sentence = clause = inside = i = 0
    space = stopped = line = False
    while i < len(chars) and len(out) < TOKENS_MAX:
        c, kind, _ = chars[i]
        if kind in ("skip", "bad", "space", "line", "mark"):
            space |= kind in ("space", "line")
            line |= kind == "line"
            i += 1
            continue
        new = bool(out) and (line or (stopped and space) or inside >= SENTENCE_MAX)
        j, folded, kind, shape = read_token(chars, i)
        opens = (folded[0] in ".;:!?(),-" if kind == PUNCTUATION
                 else kind == WORD and folded in CLAUSES)
        sentence += new
        clause += new or opens
        inside = 1 if new else inside + 1
        out.append(Token(text=folded, start=at[i], end=at[j], kind=kind, shape=shape,
                         sentence=sentence, clause=clause, space=space, hash=hash_text(folded)))
        stopped = kind in (PUNCTUATION, SYMBOL) and folded[0] in ".!?"
        line = stopped and ord(c) >= 0x3000
        space = False
        i = j
    return out


def main():
    for line in sys.stdin:
        text = json.loads(line)
        rows = [[t.text, t.start, t.end, t.kind, t.shape, t.sentence, t.clause, int(t.space),
                 t.hash, hash_join(t.sentence + 1, t.hash, t.clause)] for t in tokens(text)]
        print(json.dumps({"text": text, "tokens": rows}, ensure_ascii=False,
                         separators=(",", ":")))


if __name__ == "__main__":
    main()
