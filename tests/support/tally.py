# Counts test cases in what meson and pytest leave behind: prints `PASSED FAILED`.
#
# Rule 1: a program that ends badly without saying how many cases failed counts as one failed.
# Rule 2: a report that is missing or empty is a failure, never nothing.
import json
import re
import sys
import xml.etree.ElementTree as ET

CASES = re.compile(r"\[doctest\] test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed")


def from_meson(lines):
    """(passed, failed) of doctest cases in the lines of meson's testlog.json."""
    passed = failed = 0
    for line in lines:
        test = json.loads(line)
        said = CASES.findall(test.get("stdout") or "")
        good, bad = (sum(int(each[0]) for each in said), sum(int(each[1]) for each in said)) if said else (0, 0)
        if not said:
            good = 1 if test["result"] == "OK" else 0
        if test["result"] != "OK" and bad == 0:
            bad = 1
        passed, failed = passed + good, failed + bad
    return passed, failed


def from_pytest(text):
    """(passed, failed) in a JUnit report; an error around a test counts as a failure of it."""
    passed = failed = 0
    for case in ET.fromstring(text).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None or case.find("skipped") is not None:
            failed += 1
        else:
            passed += 1
    return passed, failed


def main(kind, path):
    try:
        with open(path, encoding="utf-8") as file:
            passed, failed = from_meson(file) if kind == "meson" else from_pytest(file.read())
    except (OSError, ValueError, ET.ParseError) as problem:
        print(f"tally: {path}: {problem}", file=sys.stderr)
        passed, failed = 0, 1
    if passed + failed == 0:
        failed = 1
    print(passed, failed)


if __name__ == "__main__":
    main(*sys.argv[1:])
