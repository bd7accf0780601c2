"""kill -9 at random moments while events flow, restarted each time: the same end state, nothing goes back."""
import random
import subprocess
import time

import pytest

from harness import judge
from harness.wait import moment
from harness.world import EVERY

pytestmark = pytest.mark.fault
KILLS = {"faults": 30, "long": 300}
ALL = EVERY


class Feed:
    """load.py in the background, slowly."""

    def __init__(self, world, log, rate):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *judge.command("load", "--log", log, "--brokers", world.servers.brokers,
                                                              "--topic", world.topic, "--rate", rate)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def running(self):
        return self.process.poll() is None

    def finish(self):
        said = self.process.communicate(timeout=3600)[0]
        assert self.process.returncode == 0, said



@pytest.mark.races
@pytest.mark.parametrize("members", [1, 2])
def test_kill_9_at_random_moments(world, logs, seed, level, members):
    kills = KILLS[level] // members
    events = 400 * kills
    log = logs.make("mixed", seed, reviews=max(300, events // 15), events=events,
                    extra=("--no-null-keys", "--large", "2"))
    world.use("elasticsearch").make_topics()
    with world.watch(log):
        feed = Feed(world, log, rate=200)
        # A member with a name of its own takes its partitions back at once, so that kills hit work and not waiting.
        started = {}

        def begin(processor, at):
            started[processor, at] = world.start(
                processor, lanes=2, kafka__group__instance__id="%s-%d" % (processor, at), commit__interval_ms=200,
                kafka__session__timeout__ms=6000)

        for processor in ALL:
            for at in range(members):
                begin(processor, at)
        draws = {key: random.Random(f"{seed}-{key}") for key in started}
        done = {key: 0 for key in started}
        due = {key: time.monotonic() + 1 + draws[key].random() for key in started}
        while min(done.values()) < kills:
            key = min((key for key in started if done[key] < kills), key=due.get)
            moment(due[key] - time.monotonic())
            started[key].kill()
            done[key] += 1
            begin(*key)
            # one in four dies before it has begun, the others at work
            early = draws[key].random() < 0.25
            due[key] = time.monotonic() + draws[key].uniform(0.0, 0.4) + (0 if early else draws[key].uniform(0.5, 2.5))
        feed.finish()
        world.settle(*ALL, seconds=120)
    assert world.observer.scrapes > kills
    print("kills:", done, "lines fed:", events, "scrapes:", world.observer.scrapes)
    world.check(log, processors=ALL, dead_twice=True)
    world.conserve()
    world.stop()


def test_kill_9_in_a_loop_at_the_start_leaves_nothing_half_made(world, logs, seed):
    log = logs.make("mixed", 21, reviews=100, extra=("--no-null-keys", "--large", "0"))
    world.use("elasticsearch").make_topics().load(log)
    draw = random.Random(seed)
    for processor in ALL:
        for _ in range(8):
            member = world.start(processor, kafka__session__timeout__ms=2000)
            moment(draw.uniform(0, 0.5))
            member.kill()
    world.to_the_end(ALL, kafka__session__timeout__ms=2000)
    world.check(log, processors=ALL, dead_twice=True)
