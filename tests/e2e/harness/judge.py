"""Programs that make logs of events and judge from outside what became of them.

The acceptance tools lie outside of the project; they are called and never copied. Without them (a fresh clone alone)
tests/e2e/judge does the same for fewer cases; tests that need the others are skipped. REVIEWS_TEST_JUDGE names a folder.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.servers import ROOT

ACCEPTANCE = ROOT.parent / "shared" / "tools"
OWN = ROOT / "tests" / "e2e" / "judge"
FOLDER = Path(os.environ.get("REVIEWS_TEST_JUDGE") or (ACCEPTANCE if (ACCEPTANCE / "check.py").exists() else OWN)).resolve()
ONLY_ACCEPTANCE = ("--edge", "--scatter", "--conflicts")
PROFILES = ("clean", "edits", "shuffled", "duplicates", "withdrawals", "erasures", "moves", "poison", "mixed", "hot")
ORDERS = {"forward": [], "reversed": ["--reverse"], "shuffled": ["--shuffle", "7"], "twice": ["--repeat"]}


def need(arguments):
    missing = [word for word in arguments if word in ONLY_ACCEPTANCE]
    if missing and FOLDER == OWN:
        pytest.skip(f"{' '.join(missing)} needs the acceptance tools, which are not in {ACCEPTANCE}")


def command(tool, *arguments):
    return [sys.executable, "-B", str(FOLDER / (tool + ".py")), *map(str, arguments)]


def call(tool, *arguments, timeout=300):
    """Run a tool; its output. An exit code other than 0 fails the test with the output."""
    done = subprocess.run(command(tool, *arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=timeout)
    assert done.returncode == 0, f"{tool}.py ended with {done.returncode}:\n{done.stdout[-6000:]}"
    return done.stdout


# In an interpreter of its own: both judges have a module `fold`.
FOLD = """
import json, sys
sys.path.insert(0, sys.argv[1])
import fold
records = [record for log in sys.argv[2:] for record in fold.read_log(log)]
made = fold.fold(records) if hasattr(fold, "fold") else fold.Fold(records)
ambiguous = getattr(made, "ambiguous", ())
print(json.dumps({"ambiguous": sorted(ambiguous), "unsure": sorted(made.unsure_products() if ambiguous else ())}))
for event in made.reviews.values():
    body = event.body.decode() if event.state == "p" else None
    print(json.dumps({"review": event.review, "version": event.version, "state": event.state, "product": event.product,
                      "body": body}))
"""


def fold(*logs):
    """What the judge makes of logs: (reviews and products that two events of one version leave open, [winning events])."""
    done = subprocess.run([sys.executable, "-B", "-c", FOLD, str(FOLDER), *map(str, logs)], stdout=subprocess.PIPE,
                          check=True, text=True, timeout=300)
    doubts, *events = map(json.loads, done.stdout.splitlines())
    return doubts, events


class Logs:
    """Event logs by what they hold; each is made once a session."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def make(self, profile="mixed", seed=1, reviews=150, events=None, extra=()):
        need(extra)
        events = events or (reviews if profile == "clean" else reviews * 8)
        words = [profile, seed, reviews, events, *extra]
        path = self.folder / ("-".join(str(word).strip("-").replace("/", "_") for word in words) + ".ndjson.gz")
        if not path.exists():
            call("eventlog", "--profile", profile, "--seed", seed, "--reviews", reviews, "--events", events,
                 "--out", path, *extra)
        return path


class Watch:
    """watch.py beside a run: no version that a reader saw goes back."""

    def __init__(self, world, log, seconds=3600, aliased=True):
        arguments = ["--log", log, "--redis", world.redis.address, "--generation", world.generation,
                     "--seconds", seconds]
        if world.store:
            arguments += ["--es", world.store_url, "--alias", world.alias if aliased else ""]
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command("watch", *arguments)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True)
        assert self.process.stdout.readline() == "watching\n"

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.terminate()
        said = self.process.communicate(timeout=60)[0]
        if kind is None:
            assert self.process.returncode == 0, f"watch.py:\n{said[-4000:]}"
