# C++ as text for the lints: comments and literals blanked out, positions kept.
import re

_NOISE = re.compile(
    r'R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'  # raw strings
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"
    r"|//[^\n]*|/\*.*?\*/", re.DOTALL)


def _blank(match):
    text = match.group(0)
    keep = text[0] if text[0] in "\"'" else ""
    blank = re.sub(r"[^\n]", " ", text)
    return keep + blank[len(keep):-1] + keep if keep and len(text) > 1 else blank


def without_noise(text):
    """`text` with the insides of comments, strings and characters turned into spaces."""
    return _NOISE.sub(_blank, text)


def includes(text):
    """(line number, what stands between the quotes or angles, whether it was quoted)."""
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', line)
        if found:
            yield number, found[1] or found[2], found[1] is not None


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def tree_files(root, folders, suffixes):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                yield path


def judge(samples_bad, samples_good, check):
    """Problems of a lint itself: samples that it should have refused or let pass."""
    problems = [f"lets this pass: {sample!r}" for sample in samples_bad if not check(sample)]
    for sample in samples_good:
        problems += [f"refuses {sample!r}: {problem}" for problem in check(sample)]
    return problems
