"""Start servers that outlive the caller; find, signal and stop them again.

A server is the leader of its own session. Its record (run/<name>.json) holds the pid together
with the kernel's start time of that pid and the boot id: a pid that was given to another
process since never matches, so nothing foreign is ever signalled.
"""
import collections
import json
import os
import signal
import subprocess
import time

PROC = "/proc"
Stat = collections.namedtuple("Stat", "state group session threads start")  # start: ticks since boot


def boot_id():
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def stat(pid):
    """What the kernel says of a process, or None."""
    try:
        with open(f"{PROC}/{pid}/stat") as file:
            text = file.read()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2:].split()
    return Stat(fields[0], int(fields[2]), int(fields[3]), int(fields[17]), int(fields[19]))


def is_over(seen):
    """Has all of it ended? The leader of a killed process is a zombie at once, but memory, ports and
    files are given back by its last thread, which for a large server takes a while longer."""
    return seen is None or (seen.state in "ZX" and seen.threads <= 1)


def executable(pid):
    try:
        return os.path.basename(os.readlink(f"{PROC}/{pid}/exe")).removesuffix(" (deleted)")
    except OSError:
        return None


def command_line(pid):
    try:
        with open(f"{PROC}/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""


def pids():
    return [int(name) for name in os.listdir(PROC) if name.isdigit()]


def write_atomically(path, text, mode=0o600):
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    os.replace(temporary, path)


class Process:
    """The one process group of a service, by its record in the set's folder."""

    def __init__(self, record_path):
        self.path = record_path
        self.child = None

    def start(self, command, cwd, log_path, environment):
        with open(log_path, "ab") as log:
            self.child = subprocess.Popen(command, cwd=cwd, env=environment,
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          start_new_session=True)
        pid = self.child.pid
        seen = stat(pid)
        record = {"pid": pid, "start": seen.start if seen else -1, "boot": boot_id(),
                  "exe": os.path.basename(os.path.realpath(command[0])),
                  "command": " ".join(command)}
        write_atomically(self.path, json.dumps(record) + "\n")

    def record(self):
        try:
            with open(self.path) as file:
                record = json.load(file)
        except (OSError, ValueError):
            return None
        return record if record.get("boot") == boot_id() else None

    def pid(self):
        """The leader's pid while it lives, else None."""
        if self.child is not None:
            self.child.poll()  # reaps it, or it would seem to live as a zombie
        record = self.record()
        seen = stat(record["pid"]) if record else None
        if is_over(seen) or seen.start != record["start"]:
            return None
        return record["pid"]

    def is_paused(self):
        pid = self.pid()
        seen = stat(pid) if pid else None
        return bool(seen and seen.state in "Tt")

    def members(self):
        """All living processes of the session that we started, the leader included."""
        record = self.record()
        if not record:
            return []
        leader, found = self.pid(), []
        if not leader and not is_over(stat(record["pid"])):
            return []  # the pid leads something foreign now, so nothing of ours is left
        for pid in pids():
            seen = stat(pid)
            if is_over(seen) or seen.session != record["pid"]:
                continue
            if pid == leader or (seen.start >= record["start"] and executable(pid) == record["exe"]):
                found.append(pid)
        return found

    def signal(self, number):
        for pid in self.members():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def wait_gone(self, seconds):
        end = time.monotonic() + seconds
        while self.members():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def stop(self, seconds):
        """Ask, then force. True if it went by itself or was not there."""
        leader, gently = self.pid(), True
        if leader:
            os.kill(leader, signal.SIGTERM)
            self.signal(signal.SIGCONT)
            gently = self.wait_gone(seconds)
        self.kill()
        return gently

    def kill(self):
        self.signal(signal.SIGKILL)
        if not self.wait_gone(10):
            raise RuntimeError(f"process {self.members()} does not end, even after SIGKILL")
        if os.path.exists(self.path):
            os.unlink(self.path)
