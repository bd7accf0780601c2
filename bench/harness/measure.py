"""Run a program and measure it: its CPU and peak memory as the kernel counted them at its end, and
what the servers spent meanwhile."""
import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass, field

from .servers import ROOT, stop

PROGRAMS = ROOT / "build" / "bench"


@dataclass
class Result:
    name: str
    events: int
    seconds: float
    cpu: float                 # seconds, user and system, of the program under test
    peak_kb: int
    servers: dict = field(default_factory=dict)   # name -> CPU seconds
    more: dict = field(default_factory=dict)

    @property
    def rate(self):
        return self.events / self.seconds

    @property
    def cpu_per_million(self):
        return self.cpu / self.events * 1e6

    def server_per_million(self, name):
        return self.servers.get(name, 0) / self.events * 1e6

    def as_json(self):
        return asdict(self)


class Run:
    """A child whose resource usage is read when it ends."""

    def __init__(self, servers, command, environment=None, log=None):
        self.servers, self.command = servers, [str(part) for part in command]
        self.before = servers.cpu_seconds()
        self.began = time.monotonic()
        self.log = open(log, "wb") if log else None
        self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE if not log else self.log,
                                      stderr=self.log if log else None,
                                      env={**os.environ, **(environment or {})})

    def running(self):
        return self.child.returncode is None and os.waitid(
            os.P_PID, self.child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def terminate(self):
        self.child.send_signal(signal.SIGTERM)

    def finish(self, name, may_fail=False):
        """A Result without events and seconds, and what the child printed."""
        printed = self.child.stdout.read() if self.child.stdout else b""
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = code = os.waitstatus_to_exitcode(status)
        after = self.servers.cpu_seconds()
        if self.log:
            self.log.close()
        if code != 0 and not may_fail:
            where = f"; its output is in {self.log.name}" if self.log else ""
            stop(f"{name}: {self.command[0]} ended with {code}{where}")
        spent = {one: round(after[one] - self.before[one], 2) for one in after}
        return Result(name, 0, time.monotonic() - self.began, usage.ru_utime + usage.ru_stime,
                      usage.ru_maxrss, spent), printed


def measure(servers, name, program, *arguments):
    """A program of bench/ that prints its own count and seconds."""
    path = PROGRAMS / program
    if not path.exists():
        stop(f"{path} is missing; run `make build` first")
    result, printed = Run(servers, [path, *arguments]).finish(name)
    said = json.loads(printed)
    result.events, result.seconds = said.pop("events"), said.pop("seconds")
    result.more = said
    return result
