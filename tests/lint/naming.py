# Names: files and types in snake_case, and no words that say nothing.
import re

from cpp_text import judge, tree_files, without_noise

EMPTY_WORDS = {"manager", "handler", "helper", "helpers", "util", "utils", "impl", "misc", "common"}
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")


def check_name(what, name):
    if not SNAKE.match(name):
        yield f"{what} {name} is not snake_case"
    if EMPTY_WORDS & set(name.lower().split("_")):
        yield f"{what} {name} has a word that says nothing"


def check(text):
    source = without_noise(text)
    problems = []
    for found in re.finditer(r"(template\s*<[^<>]*)?\b(?:class|struct|enum class|union)\s+(\w+)\s*[:{;]", source):
        if not found[1]:
            problems += check_name("type", found[2])
    for found in re.finditer(r"\bnamespace\s+([\w:]+)", source):
        for part in found[1].split("::"):
            problems += check_name("namespace", part)
    if "#pragma once" in source and re.search(r"\busing namespace\b", source):
        problems.append("using namespace in a header brings in names that nobody sees")
    return problems


def check_tree(root):
    problems = []
    for path in tree_files(root, ["include", "src", "tests"], {".hpp", ".cpp", ".py"}):
        name = path.relative_to(root)
        if path.stem != "__init__":
            problems += [f"{name}: {problem}" for problem in check_name("file", path.stem)]
        if path.suffix != ".py":
            problems += [f"{name}: {problem}" for problem in check(path.read_text(encoding="utf-8"))]
    return problems


def self_test():
    bad = ["class FrontEnd {};", "struct stanza_handler {};", "namespace utils {}", "#pragma once\nusing namespace std;"]
    good = ["class front_end {};", "template <class Predicate> void f(Predicate p);", "// class Foo {};",
            "namespace crosstalk::http {}"]
    return judge(bad, good, check)
