# A form that takes a file, the app behind it, and files of any size to give to it.
import hashlib
import json

from .backend import Backend

MIB = 1 << 20
FORM = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>upload</title></head><body>
<form method="post" enctype="multipart/form-data"><input type="file" name="file"></form></body></html>"""


def make_file(path, size):
    """`size` bytes, mostly a hole: each MiB begins with bytes of its own. Returns their SHA-256."""
    total, rest = hashlib.sha256(), b"\0" * (MIB - 4096)
    with open(path, "wb") as file:
        for number in range(size // MIB):
            mark = hashlib.sha256(b"%d" % number).digest() * 128
            file.seek(number * MIB)
            file.write(mark)
            total.update(mark)
            total.update(rest)
        file.truncate(size)
    return total.hexdigest()


class UploadApp(Backend):
    """The form at /upload; what is sent with it is hashed as it comes, and the page after it tells the facts."""

    async def _upload(self, connection, request):
        if request.method != "POST":
            await self._answer(connection, request, FORM, "text/html")
            return
        boundary = request.get("content-type").partition("boundary=")[2].encode()
        tail = b"\r\n--" + boundary + b"--\r\n"
        head, kept, size, digest = None, b"", 0, hashlib.sha256()
        async for piece in self._body(connection, request):
            kept += piece
            if head is None and b"\r\n\r\n" in kept:
                head, _, kept = kept.partition(b"\r\n\r\n")
            if head is not None and len(kept) > len(tail):
                digest.update(kept[:-len(tail)])
                size += len(kept) - len(tail)
                kept = kept[-len(tail):]
        facts = {"head": head.decode(), "size": size, "sha256": digest.hexdigest(), "is_whole": kept == tail}
        await self._answer(connection, request, json.dumps(facts).encode(), "application/json")


def upload(visitor, scheme, site, path, limit):
    """Sends the file at `path` with the form of `site`; the facts that the page after it tells."""
    visitor.visit(scheme, site, "/upload")
    visitor.choose_files("input", path)
    visitor.follow("document.forms[0].submit()", limit)
    return json.loads(visitor.evaluate("document.body.innerText"))
