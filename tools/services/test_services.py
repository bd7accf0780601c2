#!/usr/bin/python3
"""Tests of tools/services with real Redis servers: a few seconds. Run: tools/services/test_services.py"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SERVICES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "services")


def services(command, folder, *more):
    return subprocess.run([SERVICES, command, "--dir", folder, *more], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def redis(port, line):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
        peer.sendall(line.encode() + b"\r\n")
        return peer.recv(4096).decode()


class ASet(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="services-test-")
        self.folder = os.path.join(self.temporary.name, "a")

    def tearDown(self):
        for name in os.listdir(self.temporary.name):
            services("down", os.path.join(self.temporary.name, name))
        self.temporary.cleanup()

    def up(self, *more, folder=None):
        done = services("up", folder or self.folder, "--only", "redis", *more)
        self.assertEqual(done.returncode, 0, done.stdout)
        return self.row(folder)

    def row(self, folder=None):
        return json.loads(services("status", folder or self.folder, "--json").stdout)[0]

    def test_answers_after_up_and_is_gone_after_down(self):
        row = self.up()
        self.assertEqual(row["state"], "up")
        self.assertTrue(redis(row["port"], "PING").startswith("+PONG"))
        self.assertEqual(services("env", self.folder).stdout,
                         f"export REVIEWS_REDIS_URL=redis://127.0.0.1:{row['port']}\n")
        self.assertEqual(services("down", self.folder).returncode, 0)
        self.assertEqual(self.row()["state"], "down")
        with self.assertRaises(OSError):
            redis(row["port"], "PING")

    def test_keeps_port_and_data_over_down_and_loses_data_by_reset(self):
        first = self.up()
        redis(first["port"], "SET a 1")
        services("down", self.folder)
        self.assertEqual(self.up()["port"], first["port"])
        self.assertEqual(redis(first["port"], "GET a"), "$1\r\n1\r\n")
        services("reset", self.folder)
        self.assertEqual(redis(first["port"], "GET a"), "$-1\r\n")

    def test_a_second_up_starts_nothing(self):
        self.assertEqual(self.up()["pid"], self.up()["pid"])

    def test_sets_that_start_at_once_get_ports_of_their_own(self):
        folders = [os.path.join(self.temporary.name, name) for name in "bcde"]
        starts = [subprocess.Popen([SERVICES, "up", "-q", "--only", "redis", "--dir", folder])
                  for folder in folders]
        self.assertEqual([start.wait() for start in starts], [0] * 4)
        self.assertEqual(len({self.row(folder)["port"] for folder in folders}), 4)

    def test_two_ups_of_one_set_start_it_once(self):
        starts = [subprocess.Popen([SERVICES, "up", "-q", "--only", "redis", "--dir", self.folder])
                  for _ in range(3)]
        self.assertEqual([start.wait() for start in starts], [0] * 3)
        found = subprocess.run(["pgrep", "-f", f"redis-server 127.0.0.1:{self.row()['port']}"],
                               stdout=subprocess.PIPE, text=True)
        self.assertEqual(len(found.stdout.split()), 1)

    def test_kill_pause_and_resume(self):
        row = self.up()
        services("pause", self.folder, "--only", "redis")
        self.assertEqual(self.row()["state"], "paused")
        with self.assertRaises(TimeoutError):
            with socket.create_connection(("127.0.0.1", row["port"]), timeout=0.3) as peer:
                peer.sendall(b"PING\r\n")
                peer.recv(10)
        services("resume", self.folder, "--only", "redis")
        self.assertTrue(redis(row["port"], "PING").startswith("+PONG"))
        services("pause", self.folder, "--only", "redis")
        services("kill", self.folder, "--only", "redis")
        self.assertEqual(self.row()["state"], "down")
        again = services("kill", self.folder, "--only", "redis")
        self.assertEqual(again.returncode, 1)
        self.assertIn("does not run", again.stdout)
        done = services("start", self.folder, "--only", "redis")
        self.assertEqual((done.returncode, self.row()["port"]), (0, row["port"]))

    def test_down_ends_a_paused_service(self):
        self.up()
        services("pause", self.folder, "--only", "redis")
        began = time.monotonic()
        self.assertEqual(services("down", self.folder).returncode, 0)
        self.assertLess(time.monotonic() - began, 5)

    def test_a_taken_port_is_named_with_its_holder_and_the_remedy(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            done = services("up", self.folder, "--only", "redis", "--port-base", str(port - 2))
        self.assertEqual(done.returncode, 1)
        for text in (f"port {port} for redis is taken", str(os.getpid()), "--port-base"):
            self.assertIn(text, done.stdout)

    def test_the_port_base_decides_the_port(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.assertEqual(self.up("--port-base", str(port - 2))["port"], port)

    def test_a_pid_that_is_someone_elses_now_is_not_signalled(self):
        self.up()
        path = f"{self.folder}/run/redis.json"
        with open(path) as file:
            mine = json.load(file)
        with subprocess.Popen(["sleep", "60"]) as bystander:
            with open(path, "w") as file:
                json.dump({**mine, "pid": bystander.pid}, file)
            self.assertEqual(self.row()["state"], "down")
            services("down", self.folder)
            self.assertIsNone(bystander.poll())
            bystander.kill()
        with open(path, "w") as file:
            json.dump(mine, file)

    def test_a_server_that_ends_at_once_shows_its_log(self):
        row = self.up()
        services("down", self.folder)
        manifest = f"{self.folder}/redis/data/appendonlydir/appendonly.aof.manifest"
        with open(manifest, "w") as file:
            file.write("nonsense\n")
        done = services("up", self.folder, "--only", "redis")
        self.assertEqual(done.returncode, 1)
        for text in ("ended by itself", "manifest", "remedy"):
            self.assertIn(text, done.stdout)
        self.assertEqual(self.row()["port"], row["port"])


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=1).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad - len(result.skipped)} passed, {bad} failed")
    sys.exit(bad != 0)
