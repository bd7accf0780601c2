"""Fixtures of the end-to-end tests. `tools/test/run e2e` calls them as the project does; by hand:

    .deps/venv/bin/python -m pytest -c tests/e2e/pytest.ini tests/e2e --level faults -k outage
"""
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness.containers import TOOL  # noqa: E402
from harness.judge import Logs  # noqa: E402
from harness.servers import ROOT, Servers  # noqa: E402
from harness.world import World  # noqa: E402

LEVELS = ("test", "faults", "long", "containers")
LONG_SECONDS = 4 * 3600
NAMES = itertools.count(1)


def pytest_addoption(parser):
    parser.addoption("--level", choices=LEVELS, default="test", help="how much: test, faults (what is marked fault), "
                     "long (everything, with the long counts), containers (the images)")
    parser.addoption("--seed", type=int, default=None, help="of what is drawn at random (printed)")
    parser.addoption("--keep", action="store_true", help="leave the session's folder with all logs")


def pytest_configure(config):
    def leave(*_):
        pytest.exit("SIGTERM", returncode=143)
    signal.signal(signal.SIGTERM, leave)  # so that fixtures stop what they started
    if config.getoption("--seed") is None:
        config.option.seed = int.from_bytes(os.urandom(2), "big")


def pytest_report_header(config):
    return "level %s, seed %d, programs in %s" % (
        config.getoption("--level"), config.getoption("--seed"), os.environ.get("REVIEWS_TEST_BIN", "build/bin"))


def pytest_collection_modifyitems(config, items):
    level = config.getoption("--level")
    def wanted(item):
        if level == "containers" or item.get_closest_marker("containers"):
            return level == "containers" and item.get_closest_marker("containers") is not None
        marked = item.get_closest_marker("fault") is not None
        return level == "long" or item.get_closest_marker("every_level") or marked == (level == "faults")

    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]
    if level == "long":  # outages of minutes and hundreds of kills take longer than pytest.ini allows
        for item in items:
            item.add_marker(pytest.mark.timeout(LONG_SECONDS))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call":
        item.failed = report.failed


@pytest.fixture(scope="session")
def level(request):
    return request.config.getoption("--level")


@pytest.fixture(scope="session")
def seed(request):
    return request.config.getoption("--seed")


@pytest.fixture(scope="session")
def session_folder(request):
    folder = Path(os.environ.get("REVIEWS_TEST_DIR") or ROOT / "build" / ("e2e-%d" % os.getpid()))
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    if not request.config.getoption("--keep") and not request.session.testsfailed:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def servers(session_folder, request):
    made = Servers(session_folder / "services")
    yield made
    made.down(keep=bool(request.session.testsfailed))


@pytest.fixture(scope="session")
def logs(session_folder):
    return Logs(session_folder / "event-logs")


@pytest.fixture(scope="session")
def images():
    """All images, built from what is here now."""
    done = subprocess.run([TOOL, "build"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.fixture
def make_world(servers, logs, session_folder, request):
    """Worlds for a test that needs several."""
    worlds = []

    def make():
        name = "g%d" % next(NAMES)
        folder = session_folder / ("%s-%s" % (re.sub(r"[^A-Za-z0-9.\[-]+", "_", request.node.name)[:80], name))
        folder.mkdir(parents=True)
        worlds.append(World(servers, logs, folder, name))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()
    findings = [text for world in worlds for text in world.findings()]
    if not findings and not getattr(request.node, "failed", True) and not request.config.getoption("--keep"):
        for world in worlds:
            shutil.rmtree(world.folder, ignore_errors=True)
    assert not findings, "\n".join(findings)


@pytest.fixture
def world(make_world):
    return make_world()
