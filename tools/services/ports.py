"""Ports on 127.0.0.1: which are free, who holds one, and who has reserved which.

Sets remember their ports in their own state.json. A register for all sets of this user, under
a lock, keeps two sets that start at once from choosing the same one.
"""
import contextlib
import fcntl
import json
import os
import socket
import stat

import processes

ORDINARY = range(20000, 30000)  # below the kernel's range for outgoing connections
SEARCH = range(9201, 9300)      # what the runners of the search servers accept


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _listening_inodes(port):
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as file:
                rows = file.readlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes


def _holds(pid, inodes):
    folder = f"/proc/{pid}/fd"
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    for name in names:
        with contextlib.suppress(OSError):
            link = os.readlink(f"{folder}/{name}")
            if link.startswith("socket:[") and link[8:-1] in inodes:
                return True
    return False


def is_held_by(port, pid):
    """Does this very process listen on the port?"""
    inodes = _listening_inodes(port)
    return bool(inodes) and _holds(pid, inodes)


def holder(port):
    """Who listens there, in words."""
    inodes = _listening_inodes(port)
    for pid in processes.pids() if inodes else []:
        if _holds(pid, inodes):
            return f"process {pid} ({processes.command_line(pid)[:100]})"
    return "another process" if inodes else "an unknown process"


def _register_path():
    folder = f"/tmp/reviewstream-{os.getuid()}"
    os.makedirs(folder, mode=0o700, exist_ok=True)
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise RuntimeError(f"{folder} belongs to someone else; remove it")
    return f"{folder}/ports.json"


class Register:
    """Use as a context: inside it no other set chooses ports."""

    def __enter__(self):
        path = _register_path()
        self.path = path
        self.lock = open(path + ".lock", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.owners = {}
        with contextlib.suppress(OSError, ValueError), open(path) as file:
            self.owners = {int(port): folder for port, folder in json.load(file).items()}
        self.owners = {port: folder for port, folder in self.owners.items()
                       if self._remembers(folder, port)}
        return self

    def __exit__(self, *_):
        processes.write_atomically(self.path, json.dumps(self.owners, indent=1) + "\n")
        self.lock.close()

    @staticmethod
    def _remembers(folder, port):
        try:
            with open(f"{folder}/state.json") as file:
                return port in json.load(file)["ports"].values()
        except (OSError, ValueError, KeyError):
            return False

    def owner(self, port):
        return self.owners.get(port)

    def choose(self, folder, wanted, taken):
        """A free port of the range `wanted`; one reserved by an idle set only if none is left."""
        first = hash_of(folder) % len(wanted)
        candidates = list(wanted[first:]) + list(wanted[:first])
        for reserved_too in (False, True):
            for port in candidates:
                if port in taken or (not reserved_too and self.owners.get(port, folder) != folder):
                    continue
                if is_free(port):
                    self.owners[port] = folder
                    return port
        return None


def hash_of(text):
    return sum(byte * 31 ** (place % 7) for place, byte in enumerate(text.encode()))
