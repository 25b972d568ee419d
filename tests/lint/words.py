# Nothing left open, nothing skipped, no test that sleeps in place of waiting for something.
import re

from cpp_text import judge, tree_files

# Words are put together here so that this file does not find itself.
OPEN = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]) + r")\b")
SKIPPED = re.compile("|".join([r"\bdoctest::" + "skip", "may_" + "fail", "should_" + "fail", r"pytest\." + "skip",
                               r"mark\." + "skip", r"mark\." + "xfail", r"pytest\." + "xfail", r"import" + "orskip"]))
UNIT_SLEEP = re.compile(r"\bsleep_(for|until)\b|\busleep\b|\bsystem_clock::now\b")


def check(sample):
    name, text = sample
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if OPEN.search(line):
            problems.append(f"{name}:{number}: something is left open")
        if name.startswith("tests/") and SKIPPED.search(line):
            problems.append(f"{name}:{number}: a test is skipped")
        if name.startswith("tests/unit/") and UNIT_SLEEP.search(line):
            problems.append(f"{name}:{number}: a unit test sleeps or reads the clock")
    return problems


def check_tree(root):
    problems = []
    for path in tree_files(root, ["include", "src", "tests", "packaging", "docs"],
                           {".hpp", ".cpp", ".py", ".md", ".html", ".js", ".css"}):
        problems += check((str(path.relative_to(root)), path.read_text(encoding="utf-8")))
    return problems


def self_test():
    bad = [("src/a.cpp", "// TO" + "DO: later"), ("tests/scenario/test_a.py", "@pytest.mark." + "skip"),
           ("tests/unit/a.cpp", "std::this_thread::sleep_for(1s);"),
           ("tests/unit/a.cpp", 'TEST_CASE("a" * doctest::' + "skip())")]
    good = [("src/a.cpp", "// done"), ("tests/scenario/test_a.py", "body.skip_this(3)"),
            ("src/net/a.cpp", "timer.expires_after(1s);")]
    return judge(bad, good, check)
