"""Waiting for a state, with a deadline: the only way in which a test lets time pass."""
import time

PATIENCE = 90.0  # seconds; continuous integration has two cores


class TooLate(AssertionError):
    """The state did not come in time."""


def until(condition, what, seconds=PATIENCE, every=0.05):
    """Call `condition` until it gives something true, and return that. Its OSError means "not yet"."""
    end = time.monotonic() + seconds
    last = None
    while True:
        try:
            last = condition()
        except OSError as error:
            last = error
        else:
            if last:
                return last
        if time.monotonic() >= end:
            raise TooLate(f"after {seconds:g} s still not: {what} (last seen: {last!r:.400})")
        time.sleep(every)


def stays(condition, what, seconds, every=0.1):
    """`condition` must give something true all the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = condition()
        assert seen, f"no longer: {what} (seen: {seen!r:.400})"
        time.sleep(every)


def moment(seconds):
    """Let a drawn time pass: the moment at which something is broken is the test's input, not a state to wait for."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(left)
