"""The images of the project and containers of them: as processes of the suite, but with a wall around."""
import json
import re
import subprocess
import time

from harness.processes import clean_environment, get
from harness.servers import ROOT
from harness.wait import until

TOOL = str(ROOT / "tools" / "containers" / "containers")
IMAGE = "localhost/reviewstream/%s"
HARDENED = ["--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--network", "host",
            "--pids-limit", "256", "--memory", "384m"]


def podman(*arguments, code=0, environment=None, timeout=120):
    done = subprocess.run([TOOL, "podman", *map(str, arguments)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout,
                          env=clean_environment(environment or {}))
    assert code is None or done.returncode == code, (
        f"podman {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def targets():
    """The images that the Dockerfile promises."""
    return re.findall(r"^FROM runtime AS (\S+)$", (ROOT / "Dockerfile").read_text(), re.M)


def image(target):
    """What the image says of itself."""
    return json.loads(podman("image", "inspect", IMAGE % target).stdout)[0]


class Container:
    """One container of an image, as hardened as a cluster would run it. Settings go by environment, not by argv."""

    def __init__(self, target, environment, arguments=(), port=None):
        self.target = target
        environment = dict(environment)
        if target != "reviewctl":
            environment["REVIEWS_HTTP_LISTEN"] = "127.0.0.1:%d" % port
        self.port = port
        passed = [word for name in environment for word in ("--env", name)]
        self.id = podman("create", *HARDENED, *passed, IMAGE % target, *arguments,
                         environment=environment).stdout.strip()
        podman("start", self.id)

    def inspect(self):
        return json.loads(podman("container", "inspect", self.id).stdout)[0]

    def running(self):
        return self.inspect()["State"]["Running"]

    def log(self):
        done = podman("logs", self.id)
        return done.stdout + done.stderr

    def healthy(self):
        """What the image's own HEALTHCHECK says now."""
        return podman("healthcheck", "run", self.id, code=None, timeout=30).returncode == 0

    def url(self, path="/metrics"):
        return "http://127.0.0.1:%d%s" % (self.port, path)

    def get(self, path):
        return get(self.url(path))

    def wait(self, seconds=120):
        """Its exit code, by itself."""
        until(lambda: not self.running(), f"container of {self.target} ends", seconds, every=0.3)
        return self.inspect()["State"]["ExitCode"]

    def stop(self, seconds=30):
        """SIGTERM: (exit code, how long it took)."""
        began = time.monotonic()
        podman("kill", "--signal", "TERM", self.id)
        return self.wait(seconds), time.monotonic() - began

    def kill(self):
        podman("rm", "--force", self.id, code=None)
