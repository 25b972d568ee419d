# Visitors: wrk for rates and amounts, `visitors` where times are held against those of bare IQs.
import json
import os
import subprocess
from dataclasses import dataclass, field

from . import HERE
from .building import program


class Stalled(Exception):
    """Nothing, or next to nothing, came through."""


@dataclass
class Path:
    """A way to the files: where visitors knock, by which name, and the programs that do the work."""

    name: str
    port: int
    host: str
    programs: dict = field(default_factory=dict)

    def url(self, file):
        return f"http://127.0.0.1:{self.port}/{file}"


def _wrk(path, target, connections, seconds, *arguments):
    return subprocess.Popen(
        ["wrk", "-t", str(min(connections, 2)), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s",
         "-s", os.path.join(HERE, "wrk.lua"), "-H", f"Host: {path.host}", path.url(target), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _told(process, limit):
    """The line of JSON at the end of its output."""
    try:
        output = process.communicate(timeout=limit)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Stalled("it did not end") from None
    if process.returncode != 0:
        raise Stalled(output.strip().splitlines()[-1] if output.strip() else "it failed")
    return json.loads(output.strip().splitlines()[-1])


def ask(path, file, connections, seconds):
    """So many connections that ask for `file` again and again."""
    result = _told(_wrk(path, file, connections, seconds), seconds + 30)
    if result["failed"] or not result["count"]:
        raise Stalled(f"{result['failed']} of {result['failed'] + result['count']} requests failed")
    return result


def download(path, file, connections, seconds):
    """The same, for files so long that bytes count, not requests."""
    result = _told(_wrk(path, file, connections, seconds), seconds + 30)
    if not result["bytes"]:
        raise Stalled("no byte came")
    return result


def upload(path, file, connections, seconds):
    """`file` sent to /sink again and again; `bytes` counts what went up."""
    result = _told(_wrk(path, "sink", connections, seconds, "--", file), seconds + 30)
    if result["failed"] or not result["count"]:
        raise Stalled(f"{result['failed']} of {result['failed'] + result['count']} uploads failed")
    return {**result, "bytes": result["count"] * os.path.getsize(file)}


def visit(path, hosts, file, connections, seconds):
    """Times as they are taken of bare IQs; the connections are dealt out to `hosts`."""
    return _told(subprocess.Popen(
        [program("visitors"), "--port", str(path.port), "--host", ",".join(hosts), "--path", "/" + file,
         "--connections", str(connections), "--milliseconds", str(int(seconds * 1000))],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True), seconds + 40)


def visit_beside_download(path, file, long_file, seconds):
    """One visitor, while somebody else downloads over the same path."""
    other = _wrk(path, long_file, 1, seconds + 1)
    try:
        return visit(path, [path.host], file, 1, seconds)
    finally:
        _told(other, seconds + 30)
