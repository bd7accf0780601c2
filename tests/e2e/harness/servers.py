"""Servers of a session: one Kafka, Elasticsearch and OpenSearch for all tests; Redis for each test alone."""
import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import redis

from harness.wait import until

ROOT = Path(__file__).resolve().parents[3]
SERVICES = str(ROOT / "tools" / "services" / "services")


class Servers:
    """Private instances by tools/services, each started when the first test asks for it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.running = set()

    def call(self, command, *names, timeout=None):
        more = ["--only", ",".join(names)] if names else []
        more += ["--timeout", str(timeout)] if timeout else []
        done = subprocess.run([SERVICES, command, "--dir", str(self.folder), *more], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, f"services {command} {' '.join(names)}:\n{done.stdout}"
        return done.stdout

    def need(self, *names):
        missing = [name for name in names if name not in self.running]
        if missing:
            self.running.update(missing)
            self.call("up", *missing)

    def heal(self):
        """Whatever a test stopped or paused runs again."""
        if self.running:
            for name in self.running:
                if self.state(name) == "paused":
                    self.call("resume", name)
            self.call("up", *self.running)

    def rows(self):
        done = subprocess.run([SERVICES, "status", "--dir", str(self.folder), "--json"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True)
        return {row["name"]: row for row in json.loads(done.stdout)}

    def state(self, name):
        return self.rows()[name]["state"]

    def port(self, name):
        self.need(name)
        return json.loads((self.folder / "state.json").read_text())["ports"][name]

    @property
    def brokers(self):
        return "127.0.0.1:%d" % self.port("kafka")

    def store_url(self, store):
        return "http://127.0.0.1:%d" % self.port(store)

    def down(self, keep=False):
        if self.folder.exists():
            self.call("down")
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


class PrivateRedis:
    """A redis-server that dies with us; its data survive stop() and start()."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = None
        self.start()

    @property
    def url(self):
        return "redis://127.0.0.1:%d" % self.port

    @property
    def address(self):
        return "127.0.0.1:%d" % self.port

    def client(self):
        return redis.Redis(port=self.port, socket_timeout=20)

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
                 "--dir", str(self.folder), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction",
                 "--enable-debug-command", "local"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self.answers, "redis answers", 20)

    def answers(self):
        try:
            return self.client().ping()
        except redis.RedisError:
            assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(20)

    def kill(self):
        self.process.kill()
        self.process.wait(20)

    def pause(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self):
        os.kill(self.process.pid, signal.SIGCONT)
