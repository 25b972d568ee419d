# Waiting for something that will come true, with one way to fail.
#
# A limit here is how long a broken program may keep the suite waiting. A scenario whose subject is a
# promised time measures it with `Stopwatch` and says so.
import time


def wait_until(what, predicate, limit=30.0, pause=0.02):
    """The first true value of `predicate()`; AssertionError naming `what` when none came in time."""
    end = time.monotonic() + limit
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit:g} s in vain: {what}")
        time.sleep(pause)


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self):
        self._start = time.monotonic()

    @property
    def seconds(self):
        return time.monotonic() - self._start
