"""Debian's rsyslog doing what it can of the same: Kafka to SET, and Kafka to the bulk index.

It runs as a process of ours with a configuration of its own; the system's daemon is not touched.
The key is the review's id: taken out of the JSON by mmjsonparse, as its manual shows; or, in the
lean variant, from the tag, where imkafka happens to leave the record's key."""
import shutil
import time

from .measure import Run
from .servers import stop

COMMON = """\
global(workDirectory="{folder}" maxMessageSize="1m")
module(load="imkafka")
module(load="{module}")
template(name="key" type="string" string="{key}")
template(name="value" type="string" string="%msg%")
main_queue(queue.type="LinkedList" queue.size="20000" queue.dequeueBatchSize="1024"
           queue.workerThreads="{workers}")
input(type="imkafka" topic="{topic}" broker=["{brokers}"] consumergroup="{group}"
      confParam=["auto.offset.reset=earliest"])
"""
PARSE = """\
module(load="mmjsonparse")
action(type="mmjsonparse" cookie="")
"""
SET = """\
action(type="omhiredis" server="127.0.0.1" serverport="{port}" mode="set" key="key" dynakey="on"
       template="value")
"""
BULK = """\
action(type="omelasticsearch" server="127.0.0.1" serverport="{port}" searchIndex="{index}"
       searchType="" bulkmode="on" bulkid="key" dynBulkId="on" template="value" maxbytes="4m"
       errorFile="{folder}/errors")
"""
PATIENCE = 120  # seconds without progress


def find():
    return shutil.which("rsyslogd", path="/usr/sbin:/usr/bin:/sbin:/bin")


class Rsyslog:
    def __init__(self, servers, topic, events, reviews, out):
        self.servers, self.topic, self.events, self.reviews = servers, topic, events, reviews
        self.out = out / "rsyslog"
        self.out.mkdir(parents=True, exist_ok=True)

    def _configure(self, action, module, lean, workers, **values):
        text = COMMON + ("" if lean else PARSE) + action
        path = self.out / "rsyslog.conf"
        path.write_text(text.format(
            folder=self.out, module=module, key="%syslogtag%" if lean else "%$!reviewId%",
            topic=self.topic, brokers=self.servers.brokers, workers=workers,
            group=f"bench-rsyslog-{time.time_ns()}", **values))
        return path

    def _run(self, label, path, done, wanted):
        """From the first effect in the store until the last; it never ends by itself."""
        run = Run(self.servers, [find(), "-n", "-f", path, "-i", self.out / "pid"],
                  log=self.out / "log")
        first, count, moved = None, 0, time.monotonic()
        while count < wanted:
            if not run.running() or time.monotonic() - moved > PATIENCE:
                run.terminate()
                stop(f"{label} stopped at {count} of {wanted}; see {self.out}/log")
            time.sleep(0.02)
            now, seen = time.monotonic(), done()
            if seen > count:
                count, moved = seen, now
                if first is None:
                    first, at_first = now, seen
        seconds = now - first
        run.terminate()
        result, _ = run.finish(label, may_fail=True)
        result.events = self.events
        result.seconds = seconds * wanted / max(wanted - at_first, 1)
        return result

    def set(self, label, lean=False):
        self.servers.empty_redis()
        path = self._configure(SET, "omhiredis", lean, 1, port=self.servers.ports["redis"])
        return self._run(label, path, lambda: self.servers.redis("DBSIZE"), self.reviews)

    def bulk(self, label, like, lean=False):
        self.servers.empty_elasticsearch()
        self.servers.make_index("bench-rsyslog", like, aliases=False)
        path = self._configure(BULK, "omelasticsearch", lean, 2, index="bench-rsyslog",
                               port=self.servers.ports["elasticsearch"])

        def indexed():
            _, found = self.servers.http("GET", "/bench-rsyslog/_stats/indexing")
            return found["_all"]["total"]["indexing"]["index_total"]
        return self._run(label, path, indexed, self.events)
