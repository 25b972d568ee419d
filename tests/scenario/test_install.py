# What `meson install` lays down: the program, its manual and completion, and a library that a stranger can link.
import os
import subprocess

import pytest
from support.crosstalk import BINARY, ROOT

PROGRAM = r"""
#include <crosstalk/environ.hpp>
#include <crosstalk/error.hpp>
#include <crosstalk/http.hpp>
#include <crosstalk/message.hpp>
#include <crosstalk/transaction.hpp>
#include <iostream>

using namespace crosstalk::talk;

int main() {
    transaction t(role::answerer, "http.example.org", "b", {}, {});
    message m;
    m.batch = "b";
    m.request = crosstalk::cgi::environ_map{{"REQUEST_METHOD", "GET"}};
    t.receive(std::move(m), {});
    t.respond({200, {{"Content-Type", "text/plain"}}});
    t.write("hello");
    t.finish();
    std::string out;
    const auto added = t.append_next(out, 4096, transaction::carrier::set, true);
    std::cout << out << '\n';
    return added.what == transaction::appending::message && t.end().kind == end_kind::completed ? 0 : 1;
}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("installed")
    build = os.path.join(ROOT, os.path.relpath(BINARY, ROOT).split("/src/")[0])
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", str(root)], check=True)
    return root


def find(root, name):
    return next(os.path.join(folder, name) for folder, _, files in os.walk(root) if name in files)


def test_the_program_and_what_comes_with_it(root):
    program = root / "usr/local/bin/crosstalk"
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("crosstalk ")
    assert os.path.getsize(find(root, "crosstalk.1")) > 0
    assert os.path.getsize(root / "usr/local/share/bash-completion/completions/crosstalk") > 0


def test_a_program_of_ones_own_against_the_library(root, tmp_path):
    source, program = tmp_path / "own.cpp", tmp_path / "own"
    source.write_text(PROGRAM)
    environment = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=str(root),
                       PKG_CONFIG_PATH=os.path.dirname(find(root, "crosstalk.pc")))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "--static", "crosstalk"], env=environment,
                           capture_output=True, text=True, check=True).stdout
    flags = [flag for flag in flags.split() if not flag.startswith(f"-I{root}/usr/include/x86")]
    if os.environ.get("CROSSTALK_SANITIZED"):
        flags.append("-fsanitize=address,undefined")  # as the library was
    subprocess.run(["g++", "-std=c++20", "-Wall", "-Wextra", "-Werror", str(source), "-o", str(program), *flags], check=True)
    said = subprocess.run([str(program)], capture_output=True, text=True, check=True)
    assert '"statuscode":200' in said.stdout and '"data":"hello"' in said.stdout
