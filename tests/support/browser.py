# Headless Chromium, spoken to over the pipe of its debugging protocol.
#
# Rule 1: every browser has a fresh profile, and nothing that calls home.
import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from .waiting import wait_until

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-default-apps", "--disable-dev-shm-usage", "--window-size=1000,800"]


def _as_three_and_four(read, write):
    """Chromium reads commands from descriptor 3 and writes to 4."""
    read, write = fcntl.fcntl(read, fcntl.F_DUPFD, 10), fcntl.fcntl(write, fcntl.F_DUPFD, 10)
    os.dup2(read, 3)
    os.dup2(write, 4)


class Browser:
    """One Chromium with one page; `flags` are for it alone."""

    def __init__(self, *flags):
        self._profile = tempfile.mkdtemp(prefix="crosstalk-browser-")
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        self.process = subprocess.Popen(
            ["chromium", *FLAGS, *flags, "--remote-debugging-pipe", f"--user-data-dir={self._profile}", "about:blank"],
            preexec_fn=lambda: _as_three_and_four(to_browser, from_browser), pass_fds=(3, 4),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self._pending = b""
        self._number = 0
        self._events = []
        target = self._wait_target()
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self._send({"id": 0, "method": "Browser.close"})
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            os.killpg(self.process.pid, 9)
            self.process.wait(10)
        os.close(self._read)
        os.close(self._write)
        shutil.rmtree(self._profile, ignore_errors=True)

    def _wait_target(self):
        for _ in range(200):
            for target in self.call("Target.getTargets")["targetInfos"]:
                if target["type"] == "page":
                    return target["targetId"]
            time.sleep(0.05)
        raise AssertionError("Chromium has no page")

    def _send(self, message):
        if getattr(self, "_session", None) and message["id"]:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")

    def _receive(self, end):
        while b"\0" not in self._pending:
            ready, _, _ = select.select([self._read], [], [], max(0, end - time.monotonic()))
            assert ready, "Chromium does not answer"
            data = os.read(self._read, 1 << 20)
            assert data, "Chromium has gone"
            self._pending += data
        message, _, self._pending = self._pending.partition(b"\0")
        return json.loads(message)

    def call(self, method, limit=60, **parameters):
        """One command of the protocol and its result."""
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": parameters})
        end = time.monotonic() + limit
        while True:
            message = self._receive(end)
            if message.get("id") == number:
                assert "error" not in message, (method, message["error"])
                return message["result"]
            self._events.append(message)

    def open(self, url, limit=60):
        """Loads `url` with everything it refers to."""
        self._events.clear()
        answer = self.call("Page.navigate", url=url)
        assert not answer.get("errorText"), answer["errorText"]
        self._wait_load(limit)

    def follow(self, expression, limit=60):
        """Evaluates what leads to another page, and waits until that is loaded."""
        self._events.clear()
        self.evaluate(expression)
        self._wait_load(limit)

    def _wait_load(self, limit):
        end = time.monotonic() + limit
        while not any(event.get("method") == "Page.loadEventFired" for event in self._events):
            self._events.append(self._receive(end))

    def evaluate(self, expression):
        """The value of a JavaScript expression; promises are awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, expression, limit=30):
        """The first true value of a JavaScript expression."""
        return wait_until(f"{expression} in the browser", lambda: self.evaluate(expression), limit)

    def choose_files(self, selector, *paths):
        """Fills an <input type=file>, as its dialogue does."""
        found = self.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")["result"]
        self.call("DOM.setFileInputFiles", files=[str(path) for path in paths], objectId=found["objectId"])

    def responses(self):
        """(url, status) of everything that the page has asked for since open()."""
        return [(event["params"]["response"]["url"], event["params"]["response"]["status"])
                for event in self._events if event.get("method") == "Network.responseReceived"]

    def console(self):
        """What the page has said on its console since open()."""
        self.evaluate("0")  # what has been said so far comes before the answer
        said = [event["params"]["args"] for event in self._events if event.get("method") == "Runtime.consoleAPICalled"]
        return [" ".join(str(part.get("value", "")) for part in parts) for parts in said]

    def complaints(self):
        """What the browser logged as errors: (url, text)."""
        entries = [event["params"]["entry"] for event in self._events if event.get("method") == "Log.entryAdded"]
        return [(entry.get("url", ""), entry["text"]) for entry in entries if entry["level"] == "error"]

    def screenshot(self):
        return base64.b64decode(self.call("Page.captureScreenshot")["data"])
