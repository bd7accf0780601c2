"""Programs of the suite as processes: started, watched, stopped; what they said and measured."""
import json
import os
import re
import shlex
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections import defaultdict

from harness.servers import ROOT
from harness.wait import TooLate, until

BIN = os.environ.get("REVIEWS_TEST_BIN") or str(ROOT / "build" / "bin")
EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_BLOCKED, EXIT_TIMEOUT = range(5)
SANITIZERS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", "WARNING: ThreadSanitizer")
LISTENS = re.compile(r"at=http .*listen=(\S+:\d+)")
SAMPLE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


def program(name):
    path = os.path.join(BIN, name)
    assert os.access(path, os.X_OK), f"{path} is missing: make build"
    return path


def clean_environment(more):
    """Nothing of the caller's settings reaches a program of the suite."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REVIEWS_")}
    kept.update(more)
    return kept


def settings(options):
    """--set arguments; a keyword's double underscore is a dot: kafka__topic."""
    made = []
    for name, value in options.items():
        made += ["--set", "%s=%s" % (name.replace("__", "."), value)]
    return made


class Member:
    """One process of a processor; it dies with the tests."""

    def __init__(self, processor, environment, log_path, arguments=(), observer=None):
        self.processor = processor
        self.log_path = log_path
        self.command = [program("reviews-" + processor), "--set", "http.listen=127.0.0.1:0", *arguments]
        self.began = time.monotonic()
        with open(log_path, "ab") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *self.command],
                                            env=clean_environment(environment), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        self.address = None
        if observer:
            observer.add(self)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    # -- what it says --

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def says(self, pattern, seconds=None, **more):
        """Wait until a line of its log matches; the match."""
        def look():
            found = re.search(pattern, self.log(), re.M)
            assert found or self.alive(), f"ended with {self.process.returncode} before it said {pattern!r}:\n{self.tail()}"
            return found
        more.update({"seconds": seconds} if seconds else {})
        try:
            return until(look, f"{self.processor} says {pattern!r}", **more)
        except TooLate as late:
            raise TooLate(f"{late}\n{self.tail()}") from None

    def tail(self, lines=25):
        return "\n".join(["$ " + shlex.join(self.command)] + self.log().splitlines()[-lines:])

    # -- its port --

    def where(self):
        """Its HTTP address; None before it listens."""
        if self.address is None:
            found = LISTENS.search(self.log())
            self.address = found and found.group(1)
        return self.address

    def url(self, path="/metrics"):
        until(lambda: self.where() or not self.alive(), f"{self.processor} listens", 30)
        assert self.address, f"ended before it listened:\n{self.tail()}"
        return "http://%s%s" % (self.address, path)

    def get(self, path, timeout=10):
        """(status, body)"""
        return get(self.url(path), timeout)

    def ready(self):
        return self.get("/readyz")[0] == 200

    def healthy(self):
        return self.get("/healthz")[0] == 200

    def status(self):
        return json.loads(self.get("/status")[1])

    def metrics(self):
        return read_metrics(self.get("/metrics")[1])

    def total(self, name, **labels):
        """Sum of a metric over the samples that have these labels."""
        return sum(value for found, value in self.metrics().get(name, ())
                   if all(found.get(key) == want for key, want in labels.items()))

    def resident_mib(self):
        with open(f"/proc/{self.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read()).group(1)) / 1024

    # -- its end --

    def wait(self, seconds=90):
        """Its exit code, by itself."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TooLate(f"{self.processor} did not end within {seconds} s:\n{self.tail()}") from None

    def signal(self, number):
        if self.alive():
            os.kill(self.pid, number)

    def kill(self):
        """kill -9, and gone."""
        self.signal(signal.SIGKILL)
        self.process.wait(20)

    def catches(self, number):
        """Whether it has a handler for the signal; none can be there before main() has begun."""
        with open(f"/proc/{self.pid}/status") as file:
            return bool(int(re.search(r"SigCgt:\s+(\w+)", file.read()).group(1), 16) >> (number - 1) & 1)

    def stop(self, seconds=30):
        """SIGTERM; its exit code."""
        until(lambda: not self.alive() or self.catches(signal.SIGTERM), f"{self.processor} has begun")
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def reports(self):
        """Lines of sanitizers in its log."""
        return [line for line in self.log().splitlines() if any(word in line for word in SANITIZERS)]


def get(url, timeout=10):
    """(status, body)"""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def read_metrics(text):
    """name -> [(labels, value)]"""
    made = defaultdict(list)
    for line in text.splitlines():
        match = SAMPLE.match(line)
        if match:
            name, labels, value = match.groups()
            made[name].append((dict(LABEL.findall(labels or "")), float(value)))
    return made


def run(name, arguments, environment, timeout=90, check=None, **more):
    """A program that ends by itself: subprocess.CompletedProcess with text; `check` is the expected exit code."""
    command = [program(name), *arguments]
    done = subprocess.run(command, env=clean_environment(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=timeout, **({} if "input" in more else {"stdin": subprocess.DEVNULL}), **more)
    if check is not None:
        assert done.returncode == check, f"$ {shlex.join(command)}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done
