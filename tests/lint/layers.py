# Who may include whom: the rooms, the public headers, Asio, and one .cpp for each foreign parser and encoder.
#
# docs/architecture.md tells why; this table is the law.
from cpp_text import includes, judge, tree_files

DIRECT = {
    "base": [], "http": [], "xmpp": [], "cgi": ["http"], "talk": ["http", "xmpp", "cgi"],
    "net": ["http", "xmpp", "talk"],  # talk: exchange_link and direct_link join the exchanges to the network
    "ask": ["net", "talk", "cgi"], "gateway": ["ask"], "peer": ["net", "talk", "cgi"], "visit": ["ask"],
    "library": ["peer", "visit"], "cmd": ["gateway", "peer", "visit", "net"],
}
MAY_SEE_ASIO = {"net", "ask", "visit", "gateway", "peer", "library", "cmd"}
ONE_CPP = {"expat.h": "xmpp", "simdjson.h": "talk", "toml++/": "cmd", "spdlog/": "base", "sqlite3.h": "gateway",
           "ares.h": "net", "nghttp2/": "http", "brotli/": "peer"}
# One .cpp in each of these rooms: messages are packed by it in one, bodies in the other.
ONE_CPP_EACH = {"zlib.h": ("talk", "peer")}
HOMES = {header: (room,) for header, room in ONE_CPP.items()} | ONE_CPP_EACH


def reachable(room):
    seen = {room, "base"}
    for other in DIRECT[room]:
        seen |= reachable(other)
    return seen


def check_file(room, name, text):
    """Problems of one file; `room` is "" for a public header."""
    for number, header, quoted in includes(text):
        where = f"{name}:{number}: "
        first = header.split("/")[0]
        if quoted and first != "crosstalk":
            if "/" not in header or first not in DIRECT:
                yield where + f'"{header}" is written from src/, as "room/file.hpp"'
            elif not room:
                yield where + f"a public header includes {header} of a room"
            elif first not in reachable(room):
                yield where + f"{room} may not include {first}"
        if header.startswith(("boost/asio", "boost/beast")) and room not in MAY_SEE_ASIO:
            yield where + f"{room or 'a public header'} may not see Asio"
        if header.startswith("boost/beast") and room != "net":
            yield where + "Beast stops at net"
        for parser, homes in HOMES.items():
            if header.startswith(parser):
                if not name.endswith(".cpp"):
                    yield where + f"{header} belongs in one .cpp, not in a header"
                elif room not in homes:
                    yield where + f"{header} belongs to {' and '.join(homes)}"


def users_of_parsers(files):
    """Problems of the tree as a whole: (name, text) pairs."""
    users = {(parser, home): [] for parser, homes in HOMES.items() for home in homes}
    for name, text in files:
        for parser, home in users:
            if name.startswith(f"src/{home}/") and any(header.startswith(parser) for _, header, _ in includes(text)):
                users[parser, home].append(name)
    return [f"{parser} is included by {len(names)} files of {home}: {', '.join(names)}"
            for (parser, home), names in users.items() if len(names) > 1]


def check_tree(root):
    files = []
    problems = []
    for path in tree_files(root, ["include", "src"], {".hpp", ".cpp"}):
        name = str(path.relative_to(root))
        text = path.read_text(encoding="utf-8")
        room = name.split("/")[1] if name.startswith("src/") else ""
        if room and room not in DIRECT:
            problems.append(f"{name}: there is no room {room}")
            continue
        files.append((name, text))
        problems += check_file(room, name, text)
    return problems + users_of_parsers(files)


def self_test():
    def check(sample):
        room, name, text = sample
        return list(check_file(room, name, text))
    bad = [("http", "src/http/a.cpp", '#include "net/dial.hpp"'),
           ("gateway", "src/gateway/a.cpp", '#include "peer/peer.hpp"'),
           ("talk", "src/talk/a.cpp", "#include <boost/asio/buffer.hpp>"),
           ("gateway", "src/gateway/a.cpp", "#include <boost/beast/core.hpp>"),
           ("xmpp", "src/xmpp/a.hpp", "#include <expat.h>"),
           ("talk", "src/talk/a.cpp", "#include <expat.h>"),
           ("cgi", "src/cgi/a.cpp", '#include "environ.hpp"'),
           ("", "include/crosstalk/a.hpp", '#include "base/log.hpp"')]
    good = [("gateway", "src/gateway/a.cpp", '#include "http/date.hpp"\n#include "crosstalk/http.hpp"'),
            ("net", "src/net/a.cpp", '#include "talk/exchange.hpp"\n#include <boost/asio/buffer.hpp>'),
            ("xmpp", "src/xmpp/a.cpp", "#include <expat.h>")]
    problems = judge(bad, good, check)
    if not users_of_parsers([("src/xmpp/a.cpp", "#include <expat.h>"), ("src/xmpp/b.cpp", "#include <expat.h>")]):
        problems.append("lets two users of one parser pass")
    return problems
