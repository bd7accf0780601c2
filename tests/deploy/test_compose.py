"""docker-compose.yml, as podman-compose reads it."""
import os
import subprocess
import sys

import pytest
import yaml

COMPOSE = os.path.join(os.path.dirname(sys.executable), "podman-compose")
CORE = {"kafka", "redis", "elasticsearch", "topics", "cache", "search", "aggregation"}
SEEING = {"prometheus", "grafana"}


def compose(root, *arguments, profiles):
    done = subprocess.run([sys.executable, COMPOSE, *arguments], cwd=root, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, env={**os.environ, "COMPOSE_PROFILES": profiles})
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def services(root):
    return yaml.safe_load(compose(root, "config", profiles="all"))["services"]


@pytest.fixture
def ours(services, targets):
    return {name: service for name, service in services.items() if service["image"].startswith("reviewstream/")}


def test_each_profile_starts_what_it_names(root, services):
    def started(profiles):
        return set(compose(root, "config", "--services", profiles=profiles).split())
    assert started("core") == CORE
    assert started("observability") == SEEING
    assert started("core,observability") == CORE | SEEING
    assert started("all") == set(services) and CORE | SEEING < set(services)


def test_core_is_what_starts_unless_told_otherwise(root):
    assert "COMPOSE_PROFILES=core" in (root / ".env").read_text().splitlines()


def test_every_processor_is_a_service_of_its_own_image(services, processors):
    for name, port in processors.items():
        service = services[name]
        assert service["build"]["target"] == name and service["image"] == "reviewstream/" + name
        assert str(port) in [str(word) for word in service["expose"]]
        assert "ports" not in service and "container_name" not in service, f"{name} cannot be scaled"


def test_everything_has_limits_and_a_way_to_tell_its_health(services, ours, processors):
    for name, service in services.items():
        limits = service["deploy"]["resources"]["limits"]
        assert limits["memory"] and limits["cpus"], name
        # the images of processors have their own HEALTHCHECK; the others run once
        assert name in ours or service["healthcheck"]["test"], name


def test_processors_are_hardened(ours):
    for name, service in ours.items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_a_processor_starts_when_topics_are_made_and_its_store_is_healthy(services, processors):
    wanted = {"search": "elasticsearch", "analytics": "schema"}
    for name in processors:
        before = services[name]["depends_on"]
        store = wanted.get(name, "redis")
        if store == "schema":
            assert before["schema"]["condition"] == "service_completed_successfully"
            before = services["schema"]["depends_on"]
            store = "clickhouse"
        assert before["topics"]["condition"] == "service_completed_successfully", name
        assert before[store]["condition"] == "service_healthy", name
    assert services["topics"]["depends_on"]["kafka"]["condition"] == "service_healthy"


def test_nothing_is_published_beyond_this_machine(services):
    for name, service in services.items():
        for port in service.get("ports", ()):
            assert str(port).startswith("127.0.0.1:"), name


def test_what_a_server_keeps_is_in_a_named_volume(root, services):
    kept = yaml.safe_load((root / "docker-compose.yml").read_text())["volumes"]
    mounted = {str(volume).split(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert set(kept) <= mounted
    for path in mounted - set(kept):
        assert (root / path).exists(), path


def test_every_program_takes_the_environment(services, processors, accepts):
    for name in processors:
        environment = {key: str(value) for key, value in services[name]["environment"].items()}
        said = accepts(name, environment)
        assert "kafka:19092" in said and "only-on-this-machine" not in said, name
