#!/usr/bin/env python3
"""quality - every bar of the language part with its figure: shipped model and trained recipe.

    quality.py [--data FOLDER] [--work FOLDER] [--only shipped|trained]

The shipped model is the one inside reviewctl. The recipe is trained five times, each time without
a fifth of the reviews, and each model judges the fifth that it has not seen. Answers are those of
`reviewctl analyse --ndjson`. Exit code 1 when a bar fails; without data nothing is judged.
"""

import argparse
import os
import subprocess
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import bars
import data
import peers

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def train_folds(args):
    """The recipe's five models; one is trained anew when it is missing or older than its tools."""
    sources = [os.path.join(HERE, name) for name in os.listdir(HERE) if name.endswith(".py")]
    sources += [os.path.join(HERE, "words", name)
                for name in os.listdir(os.path.join(HERE, "words"))]
    sources.append(os.path.join(args.build, "language_features"))
    newest = max(os.path.getmtime(path) for path in sources)
    out = []
    for fold in range(data.FOLDS):
        path = os.path.join(args.work, f"fold-{fold}.model")
        if not os.path.exists(path) or os.path.getmtime(path) < newest:
            start = time.time()
            train(args, path, "trained", ["--fold", str(fold)])
            print(f"quality: fold {fold} trained in {time.time() - start:.0f} s", flush=True)
        out.append(path)
    return out


def train(args, path, recipe, more=()):
    subprocess.run([sys.executable, os.path.join(HERE, "train.py"), "--data", args.data, "--out",
                    path, "--recipe", recipe, "--program",
                    os.path.join(args.build, "language_features"), *more], check=True)


def same_bytes(args):
    """Whether training the shipped model again gives the file that is in models/."""
    path = os.path.join(args.work, "again.model")
    train(args, path, "shipped")
    with open(path, "rb") as again, open(os.path.join(ROOT, "models/english.model"), "rb") as kept:
        return again.read() == kept.read()


def print_table(figures):
    """figures: {model: {bar: (figure, limit, at_least)}}; returns whether all hold."""
    rows, good = bars.rows(figures), True
    for row in rows:
        good &= row.holds
        print(f"{row.bar:4} {row.what:46} " + "  ".join(row.cells))
    print("quality: every bar holds" if good else "quality: bars marked FAIL do not hold")
    return good


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", default=os.environ.get(
        "REVIEWS_TEST_DATA", os.path.join(ROOT, "..", "shared", "data")))
    parser.add_argument("--work", default=os.path.join(ROOT, "build", "language"))
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--reviewctl", default=os.path.join(ROOT, "build", "bin", "reviewctl"))
    parser.add_argument("--only", choices=("shipped", "trained"))
    return parser.parse_args(argv)


def main(argv):
    args = parse(argv)
    if not os.path.isdir(os.path.join(args.data, "nlp")):
        print(f"quality: skipped, no data at {args.data} (REVIEWS_TEST_DATA)")
        return 0
    os.makedirs(args.work, exist_ok=True)
    figures = {}
    if args.only != "trained":
        judged = bars.Judged(args, [None])
        figures["B"] = judged.figures() | {"S3": float(same_bytes(args))}
        peers.show(judged)
    if args.only != "shipped":
        figures["T"] = bars.Judged(args, train_folds(args)).figures()
    return 0 if print_table(figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
