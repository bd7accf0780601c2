"""What the dashboard and the alerts ask, asked of a real Prometheus that scrapes the running programs."""
import contextlib
import json
import re
import socket

import pytest
import yaml

from harness.events import broken, reviews
from harness.prometheus import RULES, Prometheus
from harness.servers import ROOT
from harness.wait import TooLate, until

DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboards/reviewstream.json").read_text())
PROCESSORS = ("cache", "aggregation")
WORDS = re.compile(r"\b(?:reviews|process)_[a-z0-9_]+\b")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def prometheus(world):
    """After some events, one of them a dead letter."""
    world.make_topics()
    members = [world.start(processor, check__interval_ms="500") for processor in PROCESSORS]
    for member in members:
        member.url()
    made = Prometheus(world.folder / "prometheus", free_port(), members)
    until(lambda: len(made.query("up == 1")) == len(members), "all members are scraped", 30)
    for turn in range(4):
        world.topics.send(world.topic, [*reviews(300, first=1 + 300 * turn), broken(f"bad-{turn}")])
        world.settle(*PROCESSORS)
        until(lambda: made.query("sum(reviews_committed_offset)"), "scraped", 30)
    yield made
    made.stop()


def filled(expression, processor):
    """As Grafana would put its variables in."""
    for name, value in (("$processor", processor), ("$generation", ".*"), ("$__rate_interval", "1m")):
        expression = expression.replace(name, value)
    return expression


def expressions(name):
    read = yaml.safe_load((RULES / name).read_text())
    return {rule.get("record") or rule["alert"]: rule["expr"] for group in read["groups"] for rule in group["rules"]}


def test_every_panel_and_alert_asks_what_the_programs_export(world, prometheus):
    panels = {(panel["title"], target["refId"]): target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]}
    assert len(panels) >= 18

    def unanswered():
        return [(title, processor) for title, asked in panels.items() for processor in PROCESSORS
                if not prometheus.query(filled(asked, processor))]
    with contextlib.suppress(TooLate):
        until(lambda: not unanswered(), "every panel has an answer", 60)
    assert not unanswered()

    known = set(prometheus.api("label/__name__/values"))
    recorded, alerts = expressions("recording.yml"), expressions("alerts.yml")
    assert set(recorded) <= known, "a rule that records nothing"
    for name, asked in {**recorded, **alerts}.items():
        assert set(WORDS.findall(re.sub(r"[a-z_]+:[a-z_]+:[a-z0-9]+", "", asked))) <= known, name
    # what they say is true
    for processor in PROCESSORS:
        assert prometheus.query(f'processor:reviews_lag:sum{{processor="{processor}"}}')[0][1] == 0
        assert [value for _, value in prometheus.query(f'instance:reviews_law:difference{{processor="{processor}"}}')] == [0]
        (labels, away), = prometheus.query(f'processor:reviews_away:ratio{{processor="{processor}"}}')
        assert 0 <= away < 0.01 and labels["generation"] == world.generation
        (_, memory), = prometheus.query(f'instance:reviews_memory:ratio{{processor="{processor}"}}')
        assert 0.01 < memory < 1
    # dead letters raise their alert, and nothing else does
    until(lambda: firing(prometheus), "an alert fires", 30)
    assert firing(prometheus) == {("ReviewsDeadLetters", processor) for processor in PROCESSORS}


def firing(prometheus):
    return {(alert["labels"]["alertname"], alert["labels"].get("processor")) for alert in prometheus.api("alerts")["alerts"]
            if alert["state"] == "firing"}


def test_an_outage_is_named_where_the_operator_looks(world, prometheus):
    world.redis.stop()
    world.topics.send(world.topic, reviews(50, version=2))
    asked = 'max by (processor, reason) (reviews_blocked{reason="sink_unreachable"}) == 1'
    until(lambda: len(prometheus.query(asked)) == len(PROCESSORS), "both are blocked for that reason", 60)
    until(lambda: ("ReviewsOutage", "cache") in {(alert["labels"]["alertname"], alert["labels"].get("processor"))
                                                 for alert in prometheus.api("alerts")["alerts"]}, "pending", 30)
    world.redis.start()
    until(lambda: not prometheus.query(asked), "the reason is gone", 60)
