"""Looks at every process from outside while a test runs: the law at each scrape."""
import http.client
import threading
import time
import urllib.request

from harness.processes import read_metrics

OUTCOMES = {"applied", "stale", "skipped", "dead", "dropped"}


def law(metrics):
    """(how many partitions were looked at, [how the law is broken])"""
    sides = {}
    for labels, value in metrics.get("reviews_events_consumed_total", ()):
        sides[place(labels)] = [value, 0, {}]
    for labels, value in metrics.get("reviews_events_total", ()):
        if place(labels) not in sides or labels.get("outcome") not in OUTCOMES:
            return 1, [f"unknown outcome or partition {labels}"]
        sides[place(labels)][1] += value
        sides[place(labels)][2][labels["outcome"]] = value
    for labels, value in metrics.get("reviews_events_in_flight", ()):
        sides[place(labels)][1] += value
        sides[place(labels)][2]["in_flight"] = value
    broken = [f"{at}: consumed {left:g}, but {parts} = {right:g}" for at, (left, right, parts) in sides.items()
              if left != right or min(parts.values(), default=0) < 0]
    return len(sides), broken


def place(labels):
    return tuple(labels.get(name) for name in ("processor", "topic", "partition"))


class Observer:
    """A thread that scrapes all members that it was given. A process that is down is not looked at."""

    def __init__(self, every=0.2):
        self.every = every
        self.members = []
        self.scrapes = 0
        self.broken = []
        self.last = {}  # member -> its last metrics
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def add(self, member):
        self.members.append(member)

    def _run(self):
        while not self.ended.wait(self.every):
            for member in list(self.members):
                if member.process.returncode is None and member.where():
                    self._look(member)

    def _look(self, member):
        try:
            with urllib.request.urlopen("http://%s/metrics" % member.address, timeout=5) as answer:
                metrics = read_metrics(answer.read().decode())
        except (OSError, ValueError, http.client.HTTPException):  # it was killed meanwhile
            return
        looked, broken = law(metrics)
        self.scrapes += looked
        self.last[member] = metrics
        if broken and len(self.broken) < 20:
            self.broken += [f"{time.strftime('%H:%M:%S')} pid {member.pid}: {text}" for text in broken]

    def stop(self):
        assert self.thread.is_alive(), "the observer died"
        self.ended.set()
        self.thread.join(20)
