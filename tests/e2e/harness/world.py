"""All that one test has to itself: topics, a generation, a Redis, an index, and the processes that it starts."""
import contextlib
import json
import urllib.error
import urllib.request

from harness import judge, language
from harness.observer import Observer
from harness.processes import EXIT_OK, Member, run, settings
from harness.servers import PrivateRedis
from harness.topics import DEAD, KEPT, OUTPUT, Topics
from harness.wait import until

PROCESSORS = ("cache", "search", "aggregation")
LANGUAGE = ("sentiment", "tags")  # these have another judge: harness/language.py
EVERY = PROCESSORS + LANGUAGE
VIEWS = {"cache": ["cache"], "search": ["search"], "aggregation": ["aggregation", "product-summaries"]}


class World:
    def __init__(self, servers, logs, folder, name):
        self.servers, self.logs, self.folder = servers, logs, folder
        self.generation, self.alias = name, name + "-alias"
        self.topic, self.dead, self.summaries = name + "-reviews", name + "-dead", name + "-summaries"
        self.outputs = {"aggregation": self.summaries, **{view: f"{name}-review-{view}" for view in LANGUAGE}}
        self.topics = Topics(servers.brokers)
        self.redis = PrivateRedis(folder / "redis")
        self.store = None
        self.store_address = None  # of a proxy before the store, if there is one
        self.database = None  # of ClickHouse
        self.clickhouse_url = None
        self.redis_url = self.redis.url
        self.members = []
        self.observer = Observer()

    # -- names and addresses --

    def use(self, store):
        """"elasticsearch" or "opensearch"; nothing is started before a test asks for it."""
        self.servers.need(store)
        self.store = store
        return self

    def use_clickhouse(self):
        self.clickhouse_url = self.servers.store_url("clickhouse")
        self.database = "reviews_of_" + self.generation
        return self

    @property
    def store_url(self):
        return self.servers.store_url(self.store)

    @property
    def index(self):
        return "reviews-" + self.generation

    def group(self, processor):
        return f"reviews-{processor}-{self.generation}"

    def environment(self, **more):
        made = {"REVIEWS_KAFKA_BROKERS": self.servers.brokers, "REVIEWS_KAFKA_TOPIC": self.topic,
                "REVIEWS_REDIS_URL": self.redis_url, "REVIEWS_GENERATION": self.generation,
                "REVIEWS_DEAD_LETTERS_TOPIC": self.dead, "REVIEWS_MIRROR_TOPIC": self.summaries,
                "REVIEWS_ELASTICSEARCH_ALIAS": self.alias}
        if self.store:
            made["REVIEWS_ELASTICSEARCH_URL"] = self.store_address or self.store_url
        if self.clickhouse_url:
            made["REVIEWS_CLICKHOUSE_URL"] = self.clickhouse_url
            made["REVIEWS_CLICKHOUSE_DATABASE"] = self.database
        made.update(more)
        return made

    # -- topics and events --

    def make_topics(self, partitions=4, source=True):
        if source:
            self.topics.create(self.topic, partitions, KEPT)
        self.topics.create(self.dead, 1, DEAD)
        self.topics.create(self.summaries, 4, OUTPUT)
        return self

    def load(self, log, order="forward", create=None, partitions=4, lines=None, rate=None):
        """Produce a log, all or its lines (first, last). `create`: the topic too, by default if it is not there."""
        arguments = ["--log", log, "--brokers", self.servers.brokers, "--topic", self.topic, *judge.ORDERS[order]]
        if create or (create is None and not self.topics.partitions(self.topic)):
            arguments += ["--create", "--partitions", partitions]
            self.topics.made.add(self.topic)
        arguments += ["--lines", "%d-%d" % lines] if lines else []
        arguments += ["--rate", rate] if rate else []
        judge.call("load", *arguments)
        return self

    def output(self, view):
        """The output topic of a view, made when it is first asked for."""
        if self.outputs[view] not in self.topics.made:
            self.topics.create(self.outputs[view], 4, OUTPUT)
        return self.outputs[view]

    # -- processes --

    def start(self, processor, members=1, environment=None, arguments=(), **options):
        """Start members of a processor; options are --set, with __ for a dot. One member, or a list of them."""
        made, environment = [], dict(environment or {})
        if processor in LANGUAGE:
            environment.setdefault("REVIEWS_MIRROR_TOPIC", self.output(processor))
        for _ in range(members):
            member = Member(processor, self.environment(**environment),
                            self.folder / ("%s-%d.log" % (processor, len(self.members) + 1)),
                            [*settings(options), *arguments], self.observer)
            self.members.append(member)
            made.append(member)
        return made[0] if members == 1 else made

    def to_the_end(self, processors=PROCESSORS, members=1, seconds=120, **options):
        """Run processors with --until-end, all at once; each must end with 0."""
        started = [self.start(processor, arguments=["--until-end", "--timeout", str(seconds)], **options)
                   for processor in processors for _ in range(members)]
        for member in started:
            code = member.wait(seconds + 30)
            assert code == EXIT_OK, f"{member.processor} ended with {code}:\n{member.tail()}"
        return started

    def ctl(self, *arguments, code=EXIT_OK, timeout=90, environment=None, **more):
        """reviewctl; what it printed. `code`: the expected exit code, None for any."""
        done = run("reviewctl", arguments, self.environment(**(environment or {})), timeout=timeout, check=code, **more)
        return done if code is None else done.stdout

    def rewind(self, processor, code=EXIT_OK):
        return self.ctl("rewind", processor, "--generation", self.generation, "--to", "beginning", code=code)

    def settle(self, *processors, seconds=120):
        """Wait until the groups have committed all that the topic holds now."""
        for processor in processors:
            running = self.living(processor)

            def done(processor=processor, running=running):
                for member in running:
                    assert member.process.poll() in (None, 0, -9), (
                        f"{processor} ended with {member.process.returncode}:\n{member.tail()}")
                return self.topics.behind(self.group(processor), self.topic) == 0
            until(done, f"{processor} has settled and committed everything", seconds, every=0.1)
        return self

    def living(self, processor=None):
        return [member for member in self.members if member.alive() and processor in (None, member.processor)]

    def stop(self, *processors):
        """SIGTERM to all; each must leave with 0."""
        stopping = [member for member in self.living() if not processors or member.processor in processors]
        for member in stopping:
            member.process.terminate()
        for member in stopping:
            code = member.wait(45)
            assert code == EXIT_OK, f"{member.processor} ended with {code} after SIGTERM:\n{member.tail()}"

    # -- verdicts --

    def check(self, *logs, processors=PROCESSORS, dead_twice=False, extra=()):
        """The stores against the fold of the logs."""
        arguments = ["--redis", self.redis.address, "--brokers", self.servers.brokers, "--generation", self.generation,
                     "--topic", self.topic, "--summaries-topic", self.summaries, "--dead-topic", self.dead, *extra]
        for log in logs:
            arguments += ["--log", log]
        for view in [view for processor in processors for view in VIEWS.get(processor, ())] + ["dead-letters"]:
            arguments += ["--view", view]
        if "search" in processors:
            arguments += ["--es", self.store_url, "--alias", self.alias]
        for processor in processors:
            arguments += ["--processor", processor]
        arguments += ["--dead-twice-ok"] if dead_twice else []
        said = judge.call("check", *arguments)
        views = [processor for processor in processors if processor in LANGUAGE]
        expected = language.Expected(*logs) if views else None
        for view in views:
            said += "%s: %d reviews are as the library says\n" % (view, language.check(self, view, expected))
        return said

    def conserve(self, *members, log=None, deliveries=1):
        """The law at this moment, nothing in flight; with `log` its totals too (no crash, no rebalance)."""
        return self.conserve_at(*[member.url() for member in members or self.living()], log=log, deliveries=deliveries)

    def conserve_at(self, *urls, log=None, deliveries=1):
        more = ["--log", log, "--deliveries", deliveries] if log else []
        return judge.call("conserve", *urls, "--settled", *more)

    def watch(self, log, **more):
        return judge.Watch(self, log, **more)

    def elastic(self, method, path, body=None):
        """(status, text) straight from the store."""
        request = urllib.request.Request(self.store_url + path, method=method,
                                         data=None if body is None else body.encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def clickhouse(self, sql, settings="?output_format_json_quote_64bit_integers=0"):
        """Rows of a statement as dicts, straight from the server."""
        url = self.servers.store_url("clickhouse") + "/" + settings
        select = sql.lstrip().upper().startswith(("SELECT", "SHOW"))
        request = urllib.request.Request(url, data=(sql + (" FORMAT JSONEachRow" if select else "")).encode())
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return [json.loads(line) for line in answer.read().decode().split("\n") if line]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{sql}: {error.code} {error.read().decode()[:500]}") from None

    def dead_letters(self):
        return self.topics.read(self.dead)

    # -- the end --

    def findings(self):
        """What no test may leave behind."""
        made = [f"law: {text}" for text in self.observer.broken]
        for member in self.members:
            made += [f"{member.log_path.name}: {line}" for line in member.reports()[:5]]
            if member.process.returncode in (-6, -11, -4, -7, -8):
                made.append(f"{member.processor} died of signal {-member.process.returncode}:\n{member.tail()}")
        return made

    def close(self):
        for member in self.living():
            member.kill()
        self.observer.stop()
        self.redis.kill()
        with contextlib.suppress(Exception):
            self.topics.close()
        if self.store:
            with contextlib.suppress(Exception):
                self.elastic("DELETE", "/%s*" % self.index)
        if self.database:
            with contextlib.suppress(Exception):
                for row in self.clickhouse("SELECT name FROM system.databases"):
                    if row["name"] == self.database or row["name"].startswith(self.database + "_"):
                        self.clickhouse("DROP DATABASE `%s`" % row["name"])
