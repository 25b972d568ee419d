# The result as a page: docs/reliability.md.
import platform
import time

from .visitors import PATIENCE

HEAD = """# Reliability

`tests/soak/run` lets visitors, peers and servers come and go for an hour, or as long as it is told, on a gateway at Prosody and one at ejabberd at the same time: requests of all kinds over HTTP/1.1
and HTTP/2, in band and over direct streams, folders, WebSockets, server-sent events, visitors who leave in the middle, who read slowly or who talk nonsense. Meanwhile
peers are killed and started again, connections are cut or fall silent, servers restart, configurations are read again. Every body is compared with what it should be.

This page is written by the program itself (`tests/soak/run 60 --report docs/reliability.md`).
"""


def outcomes(run):
    meaning = {
        "right": "the answer came whole, every byte as it should be",
        "refused": "502, 503 or 504 with a reason, while a peer or a server was away",
        "cut": "the connection was closed before the end, visibly so",
        "wrong": "an answer that was not what it should be",
        "hung": f"no end within {PATIENCE} s",
    }
    total = sum(run.visitors.outcomes.values())
    yield "| how visits ended | number | share | |"
    yield "|---|---|---|---|"
    for what, text in meaning.items():
        count = run.visitors.outcomes[what]
        yield f"| {what} | {count:,} | {100 * count / max(total, 1):.2f} % | {text} |"


def troubles(run):
    yield "| trouble | times |"
    yield "|---|---|"
    for what, times in sorted(run.troubles.items(), key=lambda pair: -pair[1]):
        yield f"| {what} | {times} |"


def resources(run):
    moments = [run.samples[round(share * (len(run.samples) - 2))] for share in (0, 0.25, 0.5, 0.75, 1)]
    moments.append(run.samples[-1])
    titles = ["start", *(f"{seconds / 60:.0f} min" for seconds, _ in moments[1:-1]), "at rest"]
    yield "| resident MiB / descriptors | " + " | ".join(titles) + " |"
    yield "|---" * (len(titles) + 1) + "|"
    for name in run.samples[0][1]:
        cells = [taken[name] for _, taken in moments]
        texts = ["away" if cell is None else f"{cell[0] / (1 << 20):.1f} / {cell[1]}" for cell in cells]
        yield f"| {name} | " + " | ".join(texts) + " |"


def write_report(path, run):
    verdict = ("Nothing was wrong, nothing hung, and nothing was left behind." if not run.problems else
               "It did not hold:\n\n" + "\n".join(f"- {problem}" for problem in run.problems))
    parts = [HEAD, f"## The last run\n\n{time.strftime('%Y-%m-%d')}, {run.minutes:g} minutes, "
             f"{run.visitors.count} visitors at a time, {platform.machine()}, beside other work. {verdict}\n",
             "\n".join(outcomes(run)), "", "\n".join(troubles(run)), "", "\n".join(resources(run)), ""]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(parts))
