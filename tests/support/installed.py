# What `meson install` lays down, in a folder of the tests' own, and programs built against it as a stranger would.
import os
import subprocess

from .crosstalk import BINARY, ROOT


def find(root, name):
    return next(os.path.join(folder, name) for folder, _, files in os.walk(root) if name in files)


def install(root):
    """Installs what the tests were built with below `root`."""
    build = os.path.join(ROOT, os.path.relpath(BINARY, ROOT).split("/src/")[0])
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", str(root)], check=True)
    return root


def compile_against(root, source, program):
    """Builds one source file against the library below `root`, by pkg-config alone."""
    environment = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=str(root),
                       PKG_CONFIG_PATH=os.path.dirname(find(root, "crosstalk.pc")))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "--static", "crosstalk"], env=environment,
                           capture_output=True, text=True, check=True).stdout
    flags = [flag for flag in flags.split() if not flag.startswith(f"-I{root}/usr/include/x86")]
    if sanitizers := os.environ.get("CROSSTALK_SANITIZED"):
        flags += [f"-fsanitize={sanitizers}", "-Wno-tsan"]  # as the library was
    subprocess.run(["g++", "-std=c++20", "-Wall", "-Wextra", "-Werror", str(source), "-o", str(program), *flags], check=True)
    return program
