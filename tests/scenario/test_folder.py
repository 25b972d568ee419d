# A folder on the web: index, types, conditions, ranges, names, and no way out of it.
import email.utils
import os
import re

import pytest
from support.backend import pattern

WHOLE = pattern(300_000)


@pytest.fixture(scope="module")
def root(world, place):
    (place / "secret.txt").write_text("outside")
    folder = place / "site"
    for name in ("sub", "empty", "grüße", "sub/deeper"):
        (folder / name).mkdir(parents=True)
    (folder / "index.html").write_text("<p>home</p>")
    (folder / "sub" / "index.html").write_text("<p>sub</p>")
    (folder / "big.bin").write_bytes(WHOLE)
    (folder / "none.txt").write_bytes(b"")
    (folder / "grüße" / "höhe & länge + 100%.txt").write_text("utf-8")
    (folder / ".hidden").write_text("hidden")
    (folder / "a..b").write_text("two dots and more")
    os.symlink("big.bin", folder / "inside")
    os.symlink("../secret.txt", folder / "outside")
    os.symlink("/etc", folder / "etc")
    os.mkfifo(folder / "pipe")
    for kind in ("css", "js", "png", "svg", "json", "txt", "wasm", "woff2", "pdf", "mp4", "unknown-kind"):
        (folder / f"file.{kind}").write_text("x")
    world.publish("romeo", folder)
    return folder


def get(world, target, **options):
    return world.gateway.fetch("romeo", target, **options)


def test_an_index_stands_for_its_folder(world, root):
    assert get(world, "/").text == "<p>home</p>"
    assert get(world, "/sub/").text == "<p>sub</p>"
    moved = get(world, "/sub?x=1")
    assert moved.status in (301, 302, 307, 308) and moved.get("Location").endswith("/sub/?x=1")


@pytest.mark.parametrize("kind, wanted", [
    ("css", "text/css"), ("js", "text/javascript"), ("png", "image/png"), ("svg", "image/svg+xml"),
    ("json", "application/json"), ("txt", "text/plain"), ("wasm", "application/wasm"), ("woff2", "font/woff2"),
    ("pdf", "application/pdf"), ("mp4", "video/mp4"), ("unknown-kind", "application/octet-stream")])
def test_media_types(world, root, kind, wanted):
    assert get(world, f"/file.{kind}").get("Content-Type").split(";")[0] == wanted


def test_text_is_sent_as_utf_8(world, root):
    assert "utf-8" in get(world, "/").get("Content-Type").lower()


def test_conditional_requests(world, root):
    first = get(world, "/big.bin")
    assert first.body == WHOLE
    tag, date = first.get("ETag"), first.get("Last-Modified")
    assert tag and email.utils.parsedate_to_datetime(date)
    for headers in ([("If-None-Match", tag)], [("If-None-Match", f'"other", {tag}')], [("If-None-Match", "*")],
                    [("If-Modified-Since", date)]):
        answer = get(world, "/big.bin", headers=headers)
        assert answer.status == 304 and answer.body == b"" and answer.get("ETag") == tag, headers
    for headers in ([("If-None-Match", '"other"')], [("If-Modified-Since", "Thu, 01 Jan 1998 00:00:00 GMT")],
                    [("If-None-Match", '"other"'), ("If-Modified-Since", date)], [("If-Match", tag)]):
        assert get(world, "/big.bin", headers=headers).status == 200, headers
    assert get(world, "/big.bin", headers=[("If-Match", '"other"')]).status == 412


def test_a_changed_file_has_another_tag(world, root):
    file = root / "changing.txt"
    file.write_text("one")
    before = get(world, "/changing.txt").get("ETag")
    file.write_text("three")
    after = get(world, "/changing.txt", headers=[("If-None-Match", before)])
    assert (after.status, after.text) == (200, "three")


@pytest.mark.parametrize("asked, first, last", [
    ("0-0", 0, 0), ("0-99", 0, 99), ("100-", 100, 299_999), ("-100", 299_900, 299_999), ("299999-", 299_999, 299_999),
    ("0-9999999", 0, 299_999), ("65535-65537", 65535, 65537), ("-9999999", 0, 299_999)])
def test_a_range(world, root, asked, first, last):
    answer = get(world, "/big.bin", headers=[("Range", f"bytes={asked}")])
    assert answer.status == 206
    assert answer.get("Content-Range") == f"bytes {first}-{last}/300000"
    assert answer.body == WHOLE[first:last + 1]


def test_ranges_that_cannot_be(world, root):
    for asked in ("300000-", "400000-500000", "-0"):
        answer = get(world, "/big.bin", headers=[("Range", f"bytes={asked}")])
        assert answer.status == 416 and answer.get("Content-Range") == "bytes */300000", asked
    for asked in ("bytes=5-3", "bytes=a-b", "lines=1-2", "bytes"):
        assert get(world, "/big.bin", headers=[("Range", asked)]).status == 200, asked


def test_several_ranges(world, root):
    answer = get(world, "/big.bin", headers=[("Range", "bytes=0-1,100-101")])
    if answer.status == 206:
        assert answer.get("Content-Type").startswith("multipart/byteranges")
        assert WHOLE[0:2] in answer.body and WHOLE[100:102] in answer.body
    else:
        assert answer.status == 200 and answer.body == WHOLE


def test_a_range_holds_only_for_the_file_it_was_meant_for(world, root):
    tag = get(world, "/big.bin").get("ETag")
    assert get(world, "/big.bin", headers=[("Range", "bytes=0-1"), ("If-Range", tag)]).status == 206
    assert get(world, "/big.bin", headers=[("Range", "bytes=0-1"), ("If-Range", '"other"')]).status == 200


def test_head_says_what_get_would(world, root):
    head, whole = get(world, "/big.bin", method="HEAD"), get(world, "/big.bin")
    assert head.body == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Last-Modified", "Accept-Ranges"):
        assert head.get(name) == whole.get(name), name
    assert get(world, "/none.txt").get("Content-Length") == "0"


def test_names_in_utf_8_and_with_signs(world, root):
    assert get(world, "/gr%C3%BC%C3%9Fe/h%C3%B6he%20&%20l%C3%A4nge%20+%20100%25.txt").text == "utf-8"
    assert get(world, "/gr%c3%bc%c3%9fe/h%c3%b6he%20%26%20l%c3%a4nge%20%2B%20100%25.txt").text == "utf-8"
    assert get(world, "/a..b").text == "two dots and more"


@pytest.mark.parametrize("target", [
    "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/sub/../../secret.txt", "/sub/%2e%2e/%2e%2e/secret.txt",
    "/sub/..%2f..%2fsecret.txt", "/..%5csecret.txt", "/%c0%ae%c0%ae/secret.txt", "/%252e%252e/secret.txt", "/outside",
    "/etc/passwd", "/etc/", "/index.html%00.txt", "/%00", "//etc/passwd", "/%2fetc%2fpasswd", "/sub%2findex.html",
    "/pipe", "/inside/", "/big.bin/", "/big.bin/x", "/missing", "/empty/missing"])
def test_there_is_no_way_out_and_nothing_that_is_not_there(world, root, target):
    answer = get(world, target)
    assert answer.status in (400, 403, 404), (target, answer.status, answer.body[:50])
    assert b"outside" not in answer.body and b"root:" not in answer.body


def test_a_link_that_stays_inside_is_followed_or_refused_but_never_more(world, root):
    answer = get(world, "/inside")
    assert answer.status in (403, 404) or answer.body == WHOLE


def test_hidden_files_are_not_served(world, root):
    assert get(world, "/.hidden").status in (403, 404)


def test_a_folder_without_index_is_not_listed_unless_asked(world, root):
    assert get(world, "/gr%C3%BC%C3%9Fe/").status in (403, 404)


def test_listings_if_asked_for(world, root):
    peer = world.publish("juliet", root, options=["--listings"])
    page = world.gateway.fetch("juliet", "/gr%C3%BC%C3%9Fe/", headers=[("Accept", "text/html")])
    assert page.status == 200 and "höhe &amp; länge + 100%.txt" in page.text
    link = re.search(r'href="([^"]*h%C3%B6he[^"]*)"', page.text)[1]
    assert "%25" in link
    listed = world.gateway.fetch("juliet", "/sub/").text
    assert listed == "<p>sub</p>"
    assert ".hidden" not in world.gateway.fetch("juliet", "/empty/").text
    peer.stop()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(world, root, method):
    answer = get(world, "/index.html", method=method, body=b"x")
    assert answer.status == 405 and "GET" in answer.get("Allow")
    assert (root / "index.html").read_text() == "<p>home</p>"


def test_a_file_that_shrinks_while_it_is_read_is_cut_not_padded(world, root):
    file = root / "shrinking.bin"
    file.write_bytes(pattern(30 << 20))
    with world.gateway.connect("romeo", receive_buffer=4096) as connection:
        connection.send_request("GET", "/shrinking.bin")
        head = connection.read_head()
        assert head.get("Content-Length") == str(30 << 20)
        os.truncate(file, 1000)
        got = 0
        with pytest.raises((AssertionError, ConnectionError)):
            for piece in connection.body_pieces(head):
                got += len(piece)
        assert got < 30 << 20
    assert get(world, "/").status == 200
