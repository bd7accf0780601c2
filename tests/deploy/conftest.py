"""Tests of the files in deploy/ and of docker-compose.yml: read, rendered and held against the programs."""
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("REVIEWS_TEST_BIN") or ROOT / "build" / "bin")


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def targets():
    """The images of the Dockerfile: name -> port, None for reviewctl."""
    text = (ROOT / "Dockerfile").read_text()
    found = re.findall(r"^FROM runtime AS (\S+)$", text, re.M)
    ports = dict(re.findall(r"^FROM runtime AS (\S+)$(?:(?!^FROM)[\s\S])*?^EXPOSE (\d+)$", text, re.M))
    return {name: int(ports[name]) if name in ports else None for name in found}


@pytest.fixture(scope="session")
def processors(targets):
    return {name: port for name, port in targets.items() if port}


@pytest.fixture
def accepts():
    """Whether a program takes settings from this environment: what --print-config says, secrets masked."""
    def ask(name, environment, *arguments):
        done = subprocess.run([BIN / ("reviews-" + name), *arguments, "--print-config"], env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, f"reviews-{name}: {done.stderr}"
        return done.stdout
    return ask
