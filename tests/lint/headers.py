# Each header compiles alone, so that the order of includes never matters.
#
# Headers that see Asio are compiled over one precompiled net/asio.hpp: it takes 5 s, and each of them
# includes it in any case. What has compiled once is remembered by the text of all that it includes.
import concurrent.futures
import hashlib
import os
import re
import subprocess
import tempfile
from pathlib import Path

from cpp_text import includes, tree_files

FLAGS = ["-std=c++20", "-fsyntax-only", "-w", "-DBOOST_ASIO_SEPARATE_COMPILATION", "-DBOOST_ASIO_NO_DEPRECATED",
         "-DBOOST_ASIO_NO_TS_EXECUTORS", '-DCROSSTALK_VERSION="0"']


def compile_header(header, include_folders, precompiled=None):
    """What g++ says against `header`, "" when nothing."""
    command = ["g++", *FLAGS, *(f"-I{folder}" for folder in include_folders)]
    if precompiled:
        command += ["-include", str(precompiled)]
    # Through standard input: a header as the main file would warn of its #pragma once.
    done = subprocess.run([*command, "-x", "c++", "-"], input=f'#include "{header}"\n', text=True,
                          capture_output=True, check=False)
    if done.returncode == 0:
        return ""
    errors = [line for line in done.stderr.splitlines() if "error:" in line]
    return errors[0] if errors else "g++ fails without a word"


class _Graph:
    """Which headers of the project each one includes, with all that those include."""

    def __init__(self, root):
        self.folders = [root / "include", root / "src"]
        self._closures = {}

    def find(self, name):
        return next((folder / name for folder in self.folders if (folder / name).exists()), None)

    def closure(self, path):
        if path not in self._closures:
            self._closures[path] = seen = {path}
            for _, name, quoted in includes(path.read_text(encoding="utf-8")):
                other = self.find(name) if quoted else None
                if other:
                    seen |= self.closure(other)
        return self._closures[path]

    def sees_asio(self, path):
        return any(re.search(r"#\s*include\s+<boost/(asio|beast)", each.read_text(encoding="utf-8"))
                   for each in self.closure(path))

    def digest(self, path):
        total = hashlib.sha256(" ".join(FLAGS).encode())
        for each in sorted(self.closure(path)):
            total.update(str(each).encode() + each.read_bytes())
        return total.hexdigest()


def check_tree(root):
    graph = _Graph(root)
    store = root / "build" / "lint-headers"
    store.mkdir(parents=True, exist_ok=True)
    due = [path for path in tree_files(root, ["include", "src"], {".hpp"})
           if not (store / graph.digest(path)).exists()]
    with tempfile.TemporaryDirectory() as scratch:
        precompiled = None
        if any(graph.sees_asio(path) for path in due):
            precompiled = _precompile(root, Path(scratch), graph.folders)

        def judge(path):
            said = compile_header(path, graph.folders, precompiled if graph.sees_asio(path) else None)
            if not said:
                (store / graph.digest(path)).touch()
            return [f"{path.relative_to(root)} does not compile alone: {said}"] if said else []
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return [problem for problems in pool.map(judge, due) for problem in problems]


def _precompile(root, scratch, folders):
    header = scratch / "asio.hpp"
    header.write_text('#include "net/asio.hpp"\n', encoding="ascii")
    flags = [flag for flag in FLAGS if flag != "-fsyntax-only"]
    subprocess.run(["g++", *flags, *(f"-I{folder}" for folder in folders), "-x", "c++-header", str(header), "-o",
                    str(header) + ".gch"], check=True, capture_output=True)
    return header


def self_test():
    with tempfile.TemporaryDirectory() as scratch:
        bad, good = Path(scratch) / "bad.hpp", Path(scratch) / "good.hpp"
        bad.write_text("#pragma once\nstd::string f();\n", encoding="ascii")
        good.write_text("#pragma once\n#include <string>\nstd::string f();\n", encoding="ascii")
        problems = [] if compile_header(bad, [scratch]) else ["lets a header without its includes pass"]
        said = compile_header(good, [scratch])
        return problems + ([f"refuses a good header: {said}"] if said else [])
