"""The tagger: an averaged perceptron over the features of common/language/tagger.c.

The features come from the program tagger_features, so that training and use cannot differ.
Everything is deterministic: sums of integers, a fixed seed, one thread, sorted input.
"""

import struct
import subprocess

import numpy

FEATURES = 23                 # RS_TAGGER_FEATURES
LABELS = 3                    # O B I
HEADS = 2                     # RS_TAGGER_HEADS: B and I against O
ALL = (1 << FEATURES) - 1
WORDS = 0b1111                # the features that hold the word itself
NEVER = -(1 << 20)            # RS_TAGGER_MARGIN_MAX: I does not follow O
OUTLIERS = 2000               # one weight in so many may be cut to the range of int8


class Sentence:
    """Where its tokens lie in the text (bytes), and their features (tokens x FEATURES)."""

    def __init__(self, starts, ends, hashes):
        self.starts, self.ends, self.hashes = starts, ends, hashes


def read_features(texts, program, model):
    """The sentences of each text. `program`: tagger_features; `model`: a file with the words."""
    blobs = [text.encode("utf-8", "replace") for text in texts]
    given = b"".join(b"%d:%s" % (len(blob), blob) for blob in blobs)
    made = subprocess.run([program, model], input=given, stdout=subprocess.PIPE, check=True)
    numbers = numpy.frombuffer(made.stdout, numpy.uint32)
    at, out = 0, []
    for _ in blobs:
        sentences = []
        count, at = int(numbers[at]), at + 1
        for _ in range(count):
            tokens, at = int(numbers[at]), at + 1
            rows = numbers[at:at + tokens * (FEATURES + 2)].reshape(tokens, FEATURES + 2)
            at += rows.size
            sentences.append(Sentence(rows[:, 0], rows[:, 1], rows[:, 2:]))
        out.append(sentences)
    return out


def gold_spans(text, aspects, polarities=None):
    """Byte ranges of the annotated terms; of those with one of the polarities, if given."""
    lower, spans = text.lower(), []
    for aspect in aspects:
        term = aspect.get("term")
        if not term or (polarities and aspect.get("polarity") not in polarities):
            continue
        start, end = aspect.get("from"), aspect.get("to")
        if start is None or lower[start:end].strip() != term.lower().strip():
            start = lower.find(term.lower())
            end = start + len(term)
        if start >= 0:
            spans.append((len(text[:start].encode()), len(text[:end].encode())))
    return spans


def gold_labels(sentence, spans):
    labels = [0] * len(sentence.starts)
    for start, end in spans:
        inside = [i for i in range(len(labels))
                  if sentence.starts[i] >= start and sentence.ends[i] <= end]
        for i in inside:
            labels[i] = 1 if i == inside[0] else 2
    return labels


def best_labels(sums, moves):
    """Viterbi; of equals the first."""
    totals = [moves[LABELS][label] + sums[0][label] for label in range(LABELS)]
    back = []
    for row in sums[1:]:
        came, after = [], []
        for label in range(LABELS):
            scores = [totals[k] + moves[k][label] for k in range(LABELS)]
            best = scores.index(max(scores))
            came.append(best)
            after.append(scores[best] + row[label])
        back.append(came)
        totals = after
    labels = [totals.index(max(totals))]
    for came in reversed(back):
        labels.append(came[labels[-1]])
    return labels[::-1]


class Tagger:
    """What a model holds: int8 weights, moves in their units, and which features are used."""

    def __init__(self, bits, used, weights, moves):
        self.bits, self.used, self.weights, self.moves = bits, used, weights, moves

    def section(self):
        """Section tagger.en: a table of two heads (linear.h)."""
        head = struct.pack("<II4d", self.bits, HEADS, 1, 1, 0, 0)
        return head + self.weights.tobytes()

    def settings(self):
        out = {"tagger.features": self.used}
        for start, row in enumerate(self.moves):
            for end, move in enumerate(row):
                out[f"tagger.move.{start}.{end}"] = move
        return out


def columns(sentence, bits, used):
    """The rows of the table that each token's features point to."""
    kept = [i for i in range(FEATURES) if used >> i & 1]
    return (sentence.hashes[:, kept] & numpy.uint32((1 << bits) - 1)).astype(numpy.int64)


class Sums:
    """Weights and their sums over time (Collins 2002; the average by Daume's two vectors)."""

    def __init__(self, rows):
        self.weights, self.later = (numpy.zeros((rows, LABELS)) for _ in range(2))
        self.moves, self.moves_later = (numpy.zeros((LABELS + 1, LABELS)) for _ in range(2))
        self.moves[0, 2] = self.moves[LABELS, 2] = NEVER
        self.time = 1

    def change(self, rows, label, by):
        numpy.add.at(self.weights, (rows, label), by)
        numpy.add.at(self.later, (rows, label), by * self.time)

    def move(self, start, end, by):
        self.moves[start, end] += by
        self.moves_later[start, end] += by * self.time

    def learn(self, rows, gold):
        found = best_labels(self.weights[rows].sum(axis=1).tolist(), self.moves.tolist())
        for i, (right, wrong) in enumerate(zip(gold, found)):
            before = (gold[i - 1], found[i - 1]) if i else (LABELS, LABELS)
            if right != wrong:
                self.change(rows[i], right, 1)
                self.change(rows[i], wrong, -1)
            if (before[0], right) != (before[1], wrong):
                self.move(before[0], right, 1)
                self.move(before[1], wrong, -1)
        self.time += 1

    def average(self):
        return (self.weights - self.later / self.time,
                self.moves - self.moves_later / self.time)


def quantise(weights, moves):
    """int8 weights of B and I against O, and moves in the same units."""
    weights = weights[:, 1:] - weights[:, :1]
    sizes = numpy.sort(numpy.abs(weights[weights != 0]))
    unit = sizes[len(sizes) - 1 - len(sizes) // OUTLIERS] / 127 if len(sizes) else 1.0
    table = numpy.clip(numpy.round(weights / unit), -127, 127).astype(numpy.int8)
    steps = [[int(round(move / unit)) for move in row] for row in moves.tolist()]
    steps[0][2] = steps[LABELS][2] = NEVER
    return table, steps


def train(sentences, bits=16, used=ALL, epochs=5, seed=1):
    """`sentences`: (Sentence, gold labels), in an order that does not change."""
    data = [(columns(sentence, bits, used), gold) for sentence, gold in sentences if gold]
    sums, random = Sums(1 << bits), numpy.random.RandomState(seed)
    for _ in range(epochs):
        for i in random.permutation(len(data)):
            sums.learn(*data[i])
    return Tagger(bits, used, *quantise(*sums.average()))
