"""The processors, from the beginning of the topic to its end, measured or recorded."""
import contextlib
import itertools
import shutil
import subprocess
import time
import urllib.request

from .measure import PROGRAMS, Run, measure
from .servers import ROOT, free_port, stop

GROUPS = itertools.count(1)
STORES = {"cache": "redis", "aggregation": "redis", "search": "elasticsearch", "sentiment": "redis",
          "tags": "redis", "analytics": "clickhouse"}


def counters(port):
    """(consumed, settled) of a processor, summed over partitions; None while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            text = answer.read().decode()
    except OSError:
        return None
    def total(name):
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines()
                   if line.startswith((name + "{", name + " ")))
    return total("reviews_events_consumed_total"), total("reviews_events_total")


class Processor:
    def __init__(self, servers, topic, events, out, lanes=None):
        self.servers, self.topic, self.events, self.out, self.lanes = servers, topic, events, out, lanes

    def empty(self, name):
        if STORES[name] == "redis":
            self.servers.empty_redis()
        elif STORES[name] == "clickhouse":
            self.servers.empty_clickhouse()
        else:
            self.servers.empty_elasticsearch()

    def start(self, name, through=None, settings=()):
        """Start it in a group of its own; `through`: a port that stands before its store. Search
        and analytics run without language unless `settings` say otherwise: their bars are about
        documents and rows."""
        port = free_port()
        environment = {**self.servers.environment, "REVIEWS_KAFKA_TOPIC": self.topic,
                       "REVIEWS_KAFKA_GROUP": f"bench-{time.time_ns()}-{next(GROUPS)}",
                       "REVIEWS_HTTP_LISTEN": f"127.0.0.1:{port}"}
        if self.lanes:
            environment["REVIEWS_LANES"] = str(self.lanes)
        if through and STORES[name] == "redis":
            environment["REVIEWS_REDIS_URL"] = f"redis://127.0.0.1:{through}"
        elif through:
            environment[f"REVIEWS_{STORES[name].upper()}_URL"] = f"http://127.0.0.1:{through}"
        program = ROOT / "build" / "bin" / f"reviews-{name}"
        if not program.exists():
            stop(f"{program} is missing; run `make build` first")
        if name in ("search", "analytics") and not settings:
            settings = (name + ".language=false",)
        command = [program, "--until-end"]
        for setting in settings:
            command += ["--set", setting]
        run = Run(self.servers, command, environment, self.out / f"{name}.log")
        return run, port

    def run(self, name, label=None, settings=()):
        """Its rate is that between the first event consumed and the last settled: joining a group
        and leaving it belong to a start, not to an event. CPU and memory are the whole life's."""
        self.empty(name)
        run, port = self.start(name, settings=settings)
        first = last = None
        while run.running():
            seen = counters(port)
            now = time.monotonic()
            if seen and seen[0] > 0 and first is None:
                first, settled_at_first = now, seen[1]
            if seen and seen[1] >= self.events:
                last = now
                break
            # to 0.3 % of the run; a look costs the processor 0.1 ms
            time.sleep(0.25 if first and seen and seen[1] < 0.9 * self.events
                       else max(0.01, 0.003 * (now - (first or now))))
        last = last or time.monotonic()  # it ended between two looks
        result, _ = run.finish(label or name)
        if first is None:
            stop(f"{name} ended before it was seen at work; use more events")
        result.events = self.events
        result.seconds = (last - first) * self.events / (self.events - settled_at_first)
        if STORES[name] == "redis":
            seen = self.servers.redis.commands()
            result.more["calls"] = {command: calls for command, (calls, _) in seen.items()}
            result.more["reading"] = seen.get("hgetall", (0, 0))[1]  # of summaries; no script calls it
        return result

    def start_alone(self, name, label):
        """On an empty topic: a start and an end, without an event."""
        self.empty(name)
        run, _ = self.start(name)
        return run.finish(label)[0]

    def record(self, name, settings=()):
        """Run it once through bench-record; the folder with what it sent."""
        folder = self.out / "-".join(("recorded", name, *settings))
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.empty(name)
        through, store = free_port(), self.servers.ports[STORES[name]]
        relay = subprocess.Popen([PROGRAMS / "bench-record", "--listen", str(through), "--forward",
                                  f"127.0.0.1:{store}", "--folder", folder])
        with contextlib.ExitStack() as stack:
            stack.callback(relay.wait)
            stack.callback(relay.terminate)
            run, _ = self.start(name, through, settings)
            run.finish(name)
        if relay.returncode != 0:
            stop(f"the recording of {name} is not whole")
        return folder

    def replay(self, name, folder, label, *arguments):
        address = f"127.0.0.1:{self.servers.ports[STORES[name]]}"
        address = address if STORES[name] == "redis" else "http://" + address
        result = measure(self.servers, label, "bench-replay", "--to", STORES[name], "--address",
                         address, "--folder", folder, *arguments)
        result.more["requests"], result.events = result.events, self.events
        return result
