"""The images: what is in them, and that processors in containers end in the state that the oracle names."""
import os
import re
import socket

import pytest

from harness import analytics
from harness.containers import IMAGE, Container, image, podman, targets
from harness.servers import ROOT
from harness.wait import until
from harness.world import EVERY, LANGUAGE

pytestmark = [pytest.mark.containers, pytest.mark.usefixtures("images")]
PORTS = {name: 9401 + at for at, name in enumerate(("cache", "search", "aggregation", "sentiment", "tags", "analytics"))}
MOST_MIB = 64


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(world):
    made = []

    def run(target, *arguments, **environment):
        made.append(Container(target, world.environment(**environment), arguments, free_port()))
        return made[-1]

    yield run
    for container in made:
        container.kill()


def files_of(target):
    """path -> (mode, size), of the whole image."""
    root = podman("image", "mount", IMAGE % target).stdout.strip()
    try:
        found = {}
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                found[path[len(root):]] = (os.lstat(path).st_mode, os.lstat(path).st_size)
        return found
    finally:
        podman("image", "unmount", IMAGE % target)


# -- what is in them --

def test_every_processor_has_an_image():
    assert set(targets()) == {path.stem for path in (ROOT / "processors").glob("*.c")} | {"reviewctl"} == {*PORTS, "reviewctl"}


@pytest.mark.parametrize("target", targets())
def test_an_image_holds_one_program_its_libraries_and_nothing_to_run_besides(target):
    files = files_of(target)
    program = "/usr/bin/" + (target if target == "reviewctl" else "reviews-" + target)
    programs = {path for path, (mode, _) in files.items()
                if mode & 0o111 and not re.search(r"\.so(\.[0-9.]+)?$", path)}
    assert programs == {program}
    assert not [path for path, (mode, _) in files.items() if mode & 0o6000], "set-uid files"
    assert "/etc/ssl/certs/ca-certificates.crt" in files and "/usr/share/reviewstream/packages" in files
    assert sum(size for _, size in files.values()) < MOST_MIB << 20


@pytest.mark.parametrize("target", targets())
def test_an_image_says_what_it_is_and_runs_as_nobody(target):
    says = image(target)
    labels = says["Labels"]
    for name in ("title", "description", "licenses", "version", "revision"):
        assert labels.get("org.opencontainers.image." + name), name
    assert says["Config"]["User"] == "65532:65532"
    if target == "reviewctl":
        return
    assert says["HealthCheck" if "HealthCheck" in says else "Healthcheck"]["Test"] == [
        "CMD", "/usr/bin/reviews-" + target, "--health"]
    port = PORTS[target]
    assert list(says["Config"]["ExposedPorts"]) == ["%d/tcp" % port]
    assert "REVIEWS_HTTP_LISTEN=0.0.0.0:%d" % port in says["Config"]["Env"]


def test_there_is_no_shell():
    done = podman("run", "--rm", "--network", "host", "--entrypoint", "/bin/sh", IMAGE % "cache", "-c", "true", code=None)
    assert done.returncode == 127


# -- that they do what the programs do --

def test_containers_read_to_the_end_and_the_stores_are_the_fold(world, logs, start):
    log = logs.make("mixed", 61, reviews=200, extra=("--no-null-keys", "--large", "0"))
    log = analytics.with_moderation(log, world.folder)
    world.use("elasticsearch").use_clickhouse().make_topics(source=False).load(log)
    made = start("reviewctl", "topics", "create", "--output", world.topic + "-made")
    assert made.wait() == 0, made.log()
    world.topics.made.add(world.topic + "-made")
    assert world.topics.partitions(world.topic + "-made")
    schema = start("analytics", "--migrate")
    assert schema.wait() == 0, schema.log()
    running = [start(name, "--until-end", "--timeout", "120",
                     **({"REVIEWS_MIRROR_TOPIC": world.output(name)} if name in LANGUAGE else {})) for name in PORTS]
    for container in running:
        assert container.wait() == 0, container.log()[-4000:]
    world.check(log, processors=EVERY, extra=["--processor", "analytics"])
    assert analytics.check(world, log) > 500


def test_a_live_container_is_healthy_hardened_and_leaves_with_0_after_sigterm(world, logs, start):
    log = logs.make("mixed", 62, reviews=200, extra=("--no-null-keys",))
    world.make_topics(source=False).load(log, lines=(1, 800))
    container = start("cache")
    until(container.healthy, "the image's HEALTHCHECK is content", 30)
    world.load(log, lines=(801, 1 << 30))
    world.settle("cache")
    process = "/proc/%d/" % container.inspect()["State"]["Pid"]
    status = dict(line.split(":", 1) for line in open(process + "status").read().splitlines())
    assert set(status["Uid"].split()) == {"65532"} and set(status["Gid"].split()) == {"65532"}
    assert int(status["CapEff"], 16) == 0 and status["NoNewPrivs"].strip() == "1"
    assert re.search(r" / \S+ ro,", open(process + "mountinfo").read()), "the root file system is read-only"
    world.conserve_at(container.url(), log=log)
    code, seconds = container.stop()
    assert code == 0 and seconds < 15, container.log()[-4000:]
    assert world.topics.behind(world.group("cache"), world.topic) == 0
    world.check(log, processors=["cache"])


def test_a_container_that_hangs_is_not_healthy(world, start):
    world.make_topics()
    container = start("cache")
    until(container.healthy, "the image's HEALTHCHECK is content", 30)
    podman("kill", "--signal", "STOP", container.id)
    try:
        assert not container.healthy()
    finally:
        podman("kill", "--signal", "CONT", container.id)
    until(container.healthy, "content again", 30)


def test_a_container_outlives_its_store_and_goes_on(world, logs, start):
    """The memory limit of the cgroup holds meanwhile."""
    log = logs.make("mixed", 63, reviews=300, extra=("--no-null-keys",))
    world.make_topics(source=False)
    container = start("cache", REVIEWS_MEMORY_LIMIT="128MiB")
    until(container.healthy, "the image's HEALTHCHECK is content", 30)
    world.redis.stop()
    world.load(log)
    until(lambda: "sink_unreachable" in container.get("/readyz")[1], "the outage is named", 60)
    assert container.healthy(), "an outage of a store is no reason to restart"
    world.redis.start()
    world.settle("cache")
    world.check(log, processors=["cache"])
    assert not container.inspect()["State"]["OOMKilled"] and container.inspect()["RestartCount"] == 0
    assert container.stop()[0] == 0
