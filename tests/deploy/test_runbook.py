"""Commands that the manuals for operators show are commands that reviewctl takes."""
import re
import subprocess

import pytest

from conftest import BIN

LEAST = {"docs/runbook.md": 12, "docs/operating.md": 3}  # how many are found at least: the search may not go blind


def said(*arguments):
    done = subprocess.run([BIN / "reviewctl", *arguments, "--help"], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=30)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


@pytest.mark.parametrize("manual", LEAST)
def test_every_reviewctl_command_is_there_with_its_options(root, manual):
    known = sorted(re.findall(r"^  ([a-z-]+(?: [a-z]+)?)  ", said(), re.M), key=len, reverse=True)
    text = re.sub(r"\s+", " ", (root / manual).read_text())
    shown = re.findall(r"reviewctl ([a-z-]+[^`|;&#]*)", text)
    checked = 0
    for words in shown:
        command = next((name for name in known if (words + " ").startswith(name + " ")), None)
        if command is None:
            # prose: "`reviewctl` may …", or "dead-letters list and show"
            assert not re.match(r"(%s)\b" % "|".join({name.split()[0] for name in known}), words), words
            continue
        usage = said(*command.split())
        for option in re.findall(r"--[a-z-]+", words):
            assert option in usage, f"reviewctl {command} has no {option}"
        checked += 1
    assert checked > LEAST[manual]
