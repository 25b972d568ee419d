# What `meson install` lays down: the program, its manual and completion, and a library that a stranger can link.
import os
import subprocess

import pytest
from support.installed import compile_against, find, install

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
    return install(tmp_path_factory.mktemp("installed"))


def test_the_program_and_what_comes_with_it(root):
    program = root / "usr/local/bin/crosstalk"
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("crosstalk ")
    assert os.path.getsize(find(root, "crosstalk.1")) > 0
    assert os.path.getsize(root / "usr/local/share/bash-completion/completions/crosstalk") > 0


def test_a_program_of_ones_own_against_the_library(root, tmp_path):
    source, program = tmp_path / "own.cpp", tmp_path / "own"
    source.write_text(PROGRAM)
    compile_against(root, source, program)
    said = subprocess.run([str(program)], capture_output=True, text=True, check=True)
    assert '"statuscode":200' in said.stdout and '"data":"hello"' in said.stdout
