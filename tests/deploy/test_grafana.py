"""The dashboard: what can be told without a Prometheus. tests/e2e/test_dashboard.py asks every query of one."""
import json
import re

import pytest
import yaml


@pytest.fixture(scope="module")
def dashboard(root):
    return json.loads((root / "deploy/grafana/dashboards/reviewstream.json").read_text())


def test_the_processor_is_a_variable_of_every_query(dashboard):
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    assert {"datasource", "processor", "generation"} <= set(variables)
    assert variables["processor"]["query"]["query"] == "label_values(reviews_build_info, processor)"
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            assert 'processor=~"$processor"' in target["expr"], panel["title"]


def test_panels_do_not_lie_over_each_other(dashboard):
    taken = {}
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert x < 24 and (x, y) not in taken, (panel["title"], taken.get((x, y)))
                taken[x, y] = panel["title"]
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_recording_rules_that_panels_use_are_there(root, dashboard):
    rules = yaml.safe_load((root / "deploy/prometheus/rules/recording.yml").read_text())["groups"][0]["rules"]
    recorded = {rule["record"] for rule in rules}
    used = {name for panel in dashboard["panels"] for target in panel["targets"]
            for name in re.findall(r"\b[a-z_]+:[a-z_]+:[a-z0-9]+", target["expr"])}
    assert used and used <= recorded


def test_it_is_provisioned_where_compose_mounts_it(root, dashboard):
    compose = yaml.safe_load((root / "docker-compose.yml").read_text())["services"]["grafana"]
    provider = yaml.safe_load((root / "deploy/grafana/provisioning/dashboards/reviewstream.yml").read_text())["providers"][0]
    folder = provider["options"]["path"]
    assert f"./deploy/grafana/dashboards:{folder}:ro" in compose["volumes"]
    assert compose["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == folder + "/reviewstream.json"
    source = yaml.safe_load((root / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"][0]
    chosen = next(variable for variable in dashboard["templating"]["list"] if variable["name"] == "datasource")
    assert chosen["query"] == source["type"] and chosen["current"]["value"] == source["uid"]
