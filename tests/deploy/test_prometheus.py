"""Rules and alerts, by promtool; that each alert has its section in the runbook."""
import re
import subprocess

import pytest
import yaml


def promtool(root, *arguments):
    done = subprocess.run(["promtool", *map(str, arguments)], cwd=root, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def rules(root, name):
    read = yaml.safe_load((root / "deploy/prometheus/rules" / name).read_text())
    return [rule for group in read["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("name", ["prometheus.yml", "kubernetes.yml"])
def test_the_configuration_is_valid(root, name):
    code, said = promtool(root, "check", "config", root / "deploy/prometheus" / name)
    assert code == 0, said


def test_alerts_fire_when_they_must_and_not_otherwise(root):
    code, said = promtool(root, "test", "rules", root / "deploy/prometheus/tests/alerts.yml")
    assert code == 0, said


def test_a_test_of_rules_can_fail(root, tmp_path):
    """An alert that never fires must not pass."""
    folder = root / "deploy/prometheus"
    text = (folder / "tests/alerts.yml").read_text().replace("../rules/alerts.yml", str(tmp_path / "alerts.yml"))
    (tmp_path / "test.yml").write_text(text.replace("../rules/recording.yml", str(folder / "rules/recording.yml")))
    alerts = (folder / "rules/alerts.yml").read_text()
    for broken in ("reviews_needs_verify) > 0", "instance:reviews_memory:ratio > 0.9"):
        assert broken in alerts
        (tmp_path / "alerts.yml").write_text(alerts.replace(broken, broken.split(" > ")[0] + " > 9"))
        assert promtool(root, "test", "rules", tmp_path / "test.yml")[0] != 0, broken


def test_every_alert_is_tested_and_has_a_runbook_section(root):
    text = (root / "docs/runbook.md").read_text()
    sections = dict(re.findall(r"^## (Reviews\w+)\n([\s\S]*?)(?=^## |\Z)", text, re.M))
    tests = yaml.safe_load((root / "deploy/prometheus/tests/alerts.yml").read_text())["tests"]
    fires = {check["alertname"] for test in tests for check in test["alert_rule_test"] if check["exp_alerts"]}
    alerts = {rule["alert"]: rule for rule in rules(root, "alerts.yml")}
    assert fires == set(alerts)
    assert set(sections) == set(alerts), "sections of docs/runbook.md and alerts differ"
    for name, rule in alerts.items():
        assert rule["annotations"]["runbook"] == "docs/runbook.md#" + name.lower()
        for part in ("**Means**", "**Look**", "**Do**"):
            assert part in sections[name], f"{name} has no {part}"


def test_every_processor_is_scraped_at_its_port(root, processors):
    for name, pattern in (("prometheus.yml", "%s"), ("kubernetes.yml", "reviews-%s.reviewstream.svc")):
        jobs = yaml.safe_load((root / "deploy/prometheus" / name).read_text())["scrape_configs"]
        found = {row["names"][0]: row["port"] for job in jobs for row in job["dns_sd_configs"]}
        assert {pattern % processor: port for processor, port in processors.items()}.items() <= found.items()


def test_each_blocked_reason_of_the_manual_is_in_the_runbook(root):
    manual = (root / "docs/operating.md").read_text()
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", manual[manual.index("## Blocked"):], re.M)
    reasons = {reason for row in rows for reason in re.findall(r"`([a-z_]+)`", row)}
    assert len(reasons) > 10
    runbook = (root / "docs/runbook.md").read_text()
    assert not [reason for reason in sorted(reasons) if "`%s`" % reason not in runbook]
