# What g++ 12 miscompiles in coroutines, and what outlives its frame: refused by reading the text.
#
# Rule 1: one co_await in a statement, outside of ?:, && and ||, its result not used in the same breath.
# Rule 2: no braces initialise anything in the statement of a co_await: neither around nor after it.
# Rule 3: a lambda with captures is no coroutine; nothing is `detached`.
import re

from cpp_text import judge, line_of, tree_files, without_noise

_BLOCK_WORDS = re.compile(r"(?:^|\W)(?:else|do|try|const|noexcept|override|final|mutable)$")
_BLOCK_START = re.compile(r"^\s*(?:template\s*<.*>\s*)?(?:inline\s+|export\s+|typedef\s+)*"
                          r"(?:namespace|struct|class|enum|union|extern|switch)\b", re.DOTALL)
_CONTROL = re.compile(r"\s*(?:else\s+)?(?:if(?:\s+constexpr)?|while|for|switch)\s*\(")
_TRAILING = re.compile(r"[)\]]\s*(?:mutable\s*)?(?:noexcept\s*)?(?:->\s*[\w:<>,*&\s]+)?$")
_CAPTURE = re.compile(r"\[([^\[\]]*)\]\s*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?\s*(?:mutable\s*)?(?:noexcept\s*)?"
                      r"(?:->\s*[\w:<>,*&\s]+)?$")


class _Statement:
    """Text gathered since the last border, with what the braces in it were."""

    def __init__(self, start):
        self.start = start
        self.text = ""
        self.captures = None    # those of the lambda whose body this is
        self.has_await = False  # whether that body is a coroutine's


def _is_block(text):
    stripped = text.rstrip()
    if not stripped or stripped.endswith((":", ";")):
        return True
    return bool(_BLOCK_WORDS.search(stripped) or _BLOCK_START.match(stripped) or _TRAILING.search(stripped))


def _judge(text):
    """Problems of one statement, in which init braces stand as \\x01 and \\x02."""
    count = len(re.findall(r"\bco_await\b", text))
    if count == 0:
        return
    if count > 1:
        yield "two co_await in one statement: name the first result"
    at = text.index("co_await")
    depth = text[:at].count("\x01") - text[:at].count("\x02")
    if depth > 0:
        yield "co_await inside of braces that initialise: name its result first"
    if "\x01" in text[at:]:
        yield "braces initialise something in the statement of a co_await: build it as a named local first"
    rest = _without_operand(text, at)
    if re.search(r"\?|&&|\|\|", rest):
        yield "co_await in a conditional expression: name its result first"
    if re.search(r"\(\s*co_await\b", text) and _used_at_once(text):
        yield "the result of a co_await is used in the same expression: name it first"


def _close(text, open_at):
    depth = 0
    for index in range(open_at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return len(text)  # not closed


def _without_operand(text, at):
    """`text` without the arguments of the call that is awaited."""
    call = text.find("(", at)
    if call < 0:
        return text
    return text[:call] + text[_close(text, call) + 1:]


def _used_at_once(text):
    for found in re.finditer(r"\(\s*co_await\b", text):
        after = text[_close(text, found.start()) + 1:].lstrip()
        if after.startswith((".", "->", "[")):
            return True
    return False


def check_text(text):
    """(position, problem) for each finding."""
    source = without_noise(text)
    source = re.sub(r"^[ \t]*#[^\n]*(?:\\\n[^\n]*)*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), source,
                    flags=re.MULTILINE)
    findings = []
    stack = [("block", _Statement(0))]

    def end_statement(position):
        statement = stack[-1][1]
        findings.extend((statement.start, problem) for problem in _judge(statement.text))
        statement.text, statement.start = "", position + 1

    for position, char in enumerate(source):
        statement = stack[-1][1]
        if not statement.text.strip() and not char.isspace():
            statement.start = position
        if not (char.isalnum() or char == "_") and statement.text.endswith(("co_await", "co_return")):
            _mark(stack)
        if char == "{":
            if _is_block(statement.text):
                inner = _Statement(position + 1)
                capture = _CAPTURE.search(statement.text.rstrip())
                inner.captures = capture[1].strip() if capture else None
                # The header of a lambda stays with the statement that it is part of; that of a
                # function or loop is a statement of its own.
                if capture is None:
                    end_statement(position)
                stack.append(("block", inner))
            else:
                statement.text += "\x01"
                stack.append(("init", statement))
        elif char == "}":
            if len(stack) == 1:
                continue
            kind, body = stack.pop()
            if kind == "init":
                body.text += "\x02"
                continue
            findings.extend((body.start, problem) for problem in _judge(body.text))
            if body.captures and body.has_await:
                findings.append((body.start, "a lambda with captures is a coroutine: its captures die first"))
            outer = stack[-1][1]
            if body.captures is None:
                outer.text, outer.start = "", position + 1
        elif char == ";":
            end_statement(position)
        else:
            statement.text += char
            # The condition of a statement without braces is judged apart from what it guards.
            if char == ")" and _CONTROL.match(statement.text) and _close(
                    statement.text, statement.text.index("(")) == len(statement.text) - 1:
                end_statement(position)
    findings.extend((found.start(), "detached: a child belongs to a task_group")
                    for found in re.finditer(r"\basio::detached\b|,\s*detached\s*\)", source))
    return findings


def _mark(stack):
    """The innermost lambda body around this place is that of a coroutine."""
    for kind, statement in reversed(stack):
        if kind == "block" and statement.captures is not None:
            statement.has_await = True
            return


def check(text):
    return [f"{line_of(text, position)}: {problem}" for position, problem in check_text(text)]


def check_tree(root):
    problems = []
    for path in tree_files(root, ["include", "src", "tests/unit", "tests/bench"], {".hpp", ".cpp"}):
        name = path.relative_to(root)
        problems += [f"{name}:{problem}" for problem in check(path.read_text(encoding="utf-8"))]
    return problems


def self_test():
    def inside(statement):
        return "awaitable<void> f(int a) {\n" + statement + "\n}\n"
    bad = ["co_await f(config{.host = h, .port = p});", "co_await f({a, b});", "x = ok ? co_await f() : y;",
           "pair p{co_await f(), co_await g()};", "if ((co_await f()).size() > 3) { g(); }",
           "auto x = co_await f() + co_await g();", "if (co_await f(a) && b) { g(); }",
           "while (a || co_await f(a)) g();", "spawn([this]() -> awaitable<void> { co_await f(); });",
           "spawn([&] { co_return; });", "co_spawn(ex, f(), asio::detached);", "auto v = list{co_await f()};",
           "for (;;) { if (x) { co_await f(point{}); } }"]
    good = ["auto r = co_await f(named);", "if (auto r = co_await f(named); r.has_value() && b) { g(); }",
            "const point p{1, 2};\nco_await f(p);", "if (a && b) { co_await f(); }",
            "co_await f(a ? b : c);", "while (!co_await f()) { g(x{1}); }",
            "auto [error, n] = co_await s.async_read(b, as_values);", "spawn(run(std::move(x)));",
            "std::sort(a, b, [&](auto& l, auto& r) { return l < r; });\nco_await f();",
            "// co_await f({a}) ? 1 : 2\nco_return;", "if (a && b) c = co_await f();",
            "while (a || b)\n    (void)co_await f();", 'log("co_await f({1})");', "switch (a) { case 1: co_await f(); }",
            "g([this](int e) { use(e); });\nco_await f();"]
    return judge([inside(each) for each in bad], [inside(each) for each in good], check)
