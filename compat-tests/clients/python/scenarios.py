"""Runs the scenarios of a client one after the other and prints what became of each."""

import os
import signal
import subprocess
import sys
from importlib.metadata import version

BOOTSTRAP = os.environ["BOOTSTRAP"]


def restart():
    subprocess.run([os.environ["RESTART"]], check=True)


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def run(client, scenarios):
    failed = False

    def too_long(*_):
        raise TimeoutError("not within a minute")

    signal.signal(signal.SIGALRM, too_long)
    for name, scenario in scenarios.items():
        outcome = "ok"
        signal.alarm(60)
        try:
            scenario()
        except Exception as e:  # whatever a client throws is the outcome
            outcome = "FAILED: " + f"{type(e).__name__}: {e}".split("\n")[0]
            failed = True
        signal.alarm(0)
        print("\t".join([client, version(client), name, outcome]), flush=True)
    sys.exit(1 if failed else 0)
