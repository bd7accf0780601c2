"""The servers under the benchmark: started by tools/services, asked for their CPU by /proc."""
import json
import os
import pathlib
import shlex
import socket
import subprocess
import sys
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ROOT / "tools" / "services" / "services"
TICKS = os.sysconf("SC_CLK_TCK")


def stop(text):
    sys.exit(f"bench: {text}")


class Redis:
    """A connection that sends a command and reads one reply; enough for a benchmark."""

    def __init__(self, port):
        self.peer = socket.create_connection(("127.0.0.1", port))
        self.file = self.peer.makefile("rb")

    def __call__(self, *words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            data = str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        self.peer.sendall(b"".join(parts))
        return self._reply()

    def _reply(self):
        line = self.file.readline().rstrip(b"\r\n")
        kind, rest = line[:1], line[1:]
        if kind == b"-":
            stop(f"Redis answered {rest.decode()}")
        if kind == b"$":
            return self.file.read(int(rest) + 2)[:-2].decode() if int(rest) >= 0 else None
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest.decode()

    def commands(self):
        """Command -> (calls, seconds in it), scripts' own commands included."""
        lines = self("INFO", "commandstats").splitlines()
        def number(line, name):
            return int(line.split(name + "=")[1].split(",")[0])
        return {line[8:].split(":")[0]: (number(line, "calls"), number(line, "usec") / 1e6)
                for line in lines if line.startswith("cmdstat_")}


class Servers:
    """Kafka, Redis, Elasticsearch and ClickHouse of this benchmark alone; left running if they ran before."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        before = json.loads(self._tool("status", "--json", quiet=True) or "[]")
        self.ours = sum(one["state"] == "up" for one in before) < 4
        self._tool("up", "--only", "kafka,redis,elasticsearch,clickhouse")
        found = json.loads(self._tool("status", "--json", quiet=True))
        self.ports = {one["name"]: one["port"] for one in found}
        self.pids = {one["name"]: one["pid"] for one in found}
        self.environment = dict(self._environment())
        self.brokers = f"127.0.0.1:{self.ports['kafka']}"
        self.elasticsearch_url = f"http://127.0.0.1:{self.ports['elasticsearch']}"
        self.redis = Redis(self.ports["redis"])
        # the rewriting of Redis' log and its snapshots would take a core away at random
        self.redis("CONFIG", "SET", "appendonly", "no")
        self.redis("CONFIG", "SET", "save", "")
        made = subprocess.run([ROOT / "build" / "bin" / "reviewctl", "topics", "create",
                               "--output", "review-sentiments", "--output", "review-tags"],
                              env={**os.environ, **self.environment}, capture_output=True, text=True)
        if made.returncode != 0:
            stop(f"reviewctl topics create failed: {made.stderr.strip()}")
        return self

    def __exit__(self, *_):
        if self.ours:
            self._tool("down")

    def _tool(self, *arguments, quiet=False):
        done = subprocess.run([SERVICES, arguments[0], "--dir", self.folder, *arguments[1:]],
                              stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            stop(f"tools/services/services {arguments[0]} failed; see above")
        if not quiet and done.stdout:
            print(done.stdout, end="", file=sys.stderr)
        return done.stdout

    def _environment(self):
        for line in self._tool("env", quiet=True).splitlines():
            yield shlex.split(line.removeprefix("export "))[0].split("=", 1)

    def cpu_seconds(self):
        """User and system time of each server so far, all threads."""
        return {name: process_cpu(pid) for name, pid in self.pids.items()}

    def http(self, method, path, body=None):
        """(status, parsed answer) of Elasticsearch."""
        request = urllib.request.Request(self.elasticsearch_url + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def empty_redis(self):
        self.redis("FLUSHALL", "SYNC")
        self.redis("SCRIPT", "FLUSH", "SYNC")
        self.redis("CONFIG", "RESETSTAT")

    def empty_elasticsearch(self):
        _, found = self.http("GET", "/_cat/indices?format=json&expand_wildcards=all")
        for index in found:
            self.http("DELETE", "/" + index["index"])

    def sql(self, statement):
        """Lines of ClickHouse's answer."""
        url = f"http://127.0.0.1:{self.ports['clickhouse']}/"
        with urllib.request.urlopen(urllib.request.Request(url, statement.encode()), timeout=60) as answer:
            return answer.read().decode().splitlines()

    def empty_clickhouse(self):
        for name in self.sql("SELECT name FROM system.databases WHERE name LIKE 'reviews%'"):
            self.sql(f"DROP DATABASE `{name}`")

    def index_like(self, name):
        """The body that makes an index like an existing one again."""
        _, found = self.http("GET", "/" + name)
        made = found[name]
        for own in ("uuid", "creation_date", "version", "provided_name"):
            made["settings"]["index"].pop(own, None)
        return made

    def make_index(self, name, like, aliases=True):
        body = like if aliases else {**like, "aliases": {}}
        status, answer = self.http("PUT", "/" + name, body)
        if status != 200:
            stop(f"Elasticsearch did not make index {name}: {answer}")


def process_cpu(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
