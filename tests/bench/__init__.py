# How fast requests travel, beside bare IQs and beside other tunnels: the parts of tests/bench/run.
import os

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
BUILD = os.path.join(ROOT, "build", "bench")
