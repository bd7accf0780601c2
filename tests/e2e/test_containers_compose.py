"""Services of docker-compose.yml, run by podman-compose on the host's network, with private servers in place of images
that cannot be had without a registry. Everything else is as in the file."""
import os
import subprocess
import sys

import pytest
import yaml

from harness.containers import TOOL, podman
from harness.processes import clean_environment
from harness.servers import ROOT
from harness.wait import until

pytestmark = [pytest.mark.containers, pytest.mark.usefixtures("images")]
MEMBERS = 3


class Project:
    def __init__(self, world, services):
        self.file = world.folder / "compose.yml"
        read = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
        chosen = {name: read[name] for name in services}
        for service in chosen.values():
            for key in ("build", "profiles", "logging", "expose"):
                service.pop(key, None)
            service["image"] = "localhost/" + service["image"]
            service["network_mode"] = "host"
            service["environment"] = world.environment(REVIEWS_HTTP_LISTEN="127.0.0.1:0")
            service["depends_on"] = {name: how for name, how in service["depends_on"].items() if name in services}
        chosen["cache"]["scale"] = MEMBERS  # podman-compose forgets --scale when it stops
        self.file.write_text(yaml.safe_dump({"services": chosen}))
        self.name = "reviews-" + world.generation + "-%d" % os.getpid()

    def call(self, *arguments):
        """Under the settings of tools/containers."""
        command = 'eval "$("$0" env)"; exec "$@"'
        done = subprocess.run(["bash", "-ec", command, TOOL, sys.executable,
                               os.path.join(os.path.dirname(sys.executable), "podman-compose"), "-p", self.name,
                               "-f", str(self.file), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, env=clean_environment({}))
        assert done.returncode == 0, done.stdout[-4000:]

    def containers(self, service=""):
        """(name, status) of each, also of those that ended."""
        said = podman("ps", "--all", "--filter", f"name={self.name}_{service}", "--format", "{{.Names}}\t{{.Status}}").stdout
        return [tuple(line.split("\t")) for line in said.splitlines()]


@pytest.fixture
def project(world, request):
    made = Project(world, ["topics", "cache"])
    yield made
    if getattr(request.node, "failed", True):  # a container that cannot do its work says why in its log alone
        for name, status in made.containers():
            said = podman("logs", "--tail", 20, name, code=None)
            print(f"{name} ({status}):\n{said.stdout}{said.stderr}")
    made.call("down", "--timeout", "20")
    left = made.containers()
    for name, _ in left:
        podman("rm", "--force", name)
    assert not left


def test_services_start_in_order_scale_and_stop(world, logs, project):
    log = logs.make("mixed", 64, reviews=200, extra=("--no-null-keys",))
    project.call("up", "--detach", "--scale", f"cache={MEMBERS}")
    # podman starts what a container requires again with each that requires it (podman-compose passes --requires)
    until(lambda: [status for _, status in project.containers("topics") if status.startswith("Exited (0)")],
          "the topics are made", 60)
    assert world.topics.partitions(world.topic) == 12
    world.topics.made.update({world.topic, world.dead, world.summaries, "review-sentiments", "review-tags"})
    until(lambda: world.topics.stable(world.group("cache"), MEMBERS), "all members are in the group", 60)
    world.load(log, create=False)
    world.settle("cache")
    world.check(log, processors=["cache"])
    project.call("stop", "--timeout", "20")
    stopped = project.containers("cache")
    assert len(stopped) == MEMBERS and all(status.startswith("Exited (0)") for _, status in stopped), stopped
