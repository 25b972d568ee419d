# Every source file is built, opens with what it is for, and stays of a size that can be read.
from cpp_text import judge, tree_files

LONGEST = 400


def check_file(name, text):
    lines = text.splitlines()
    if not lines or not lines[0].startswith("// "):
        yield "does not open with a comment that says what it is for"
    if len(lines) > LONGEST:
        yield f"has {len(lines)} lines, more than {LONGEST}: it holds more than one idea"
    if name.endswith(".hpp") and "#pragma once" not in lines:
        yield "has no #pragma once"


def unlisted(sources, listed):
    """Names of `sources` that the text of a meson.build does not mention."""
    return [name for name in sources if f"'{name}'" not in listed]


def check_tree(root):
    problems = []
    for path in tree_files(root, ["include", "src"], {".hpp", ".cpp"}):
        name = str(path.relative_to(root))
        problems += [f"{name} {problem}" for problem in check_file(name, path.read_text(encoding="utf-8"))]
    for folder in sorted({path.parent for path in tree_files(root, ["src", "tests/unit"], {".cpp"})}):
        build = folder / "meson.build"
        listed = build.read_text(encoding="utf-8") if build.exists() else ""
        problems += [f"{(folder / name).relative_to(root)} is in no meson.build: it is never built"
                     for name in unlisted(sorted(path.name for path in folder.glob("*.cpp")), listed)]
    return problems


def self_test():
    good = "// What it is for.\n#pragma once\n"
    problems = judge([("a.hpp", "#pragma once\n"), ("a.hpp", "// For.\n"), ("a.cpp", "// For.\n" * 401), ("a.cpp", "")],
                     [("a.hpp", good), ("a.cpp", "// For.\n" * 400)], lambda sample: list(check_file(*sample)))
    if unlisted(["a.cpp", "b.cpp"], "files('a.cpp')") != ["b.cpp"]:
        problems.append("does not see that b.cpp is not listed")
    return problems
