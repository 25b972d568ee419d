# A program under test as a process: started, watched, ended by its pid, never by its name.
#
# Rule 1: what it writes goes to files, so that nothing blocks and a failed test can show it.
# Rule 2: a program that dies by a signal, or whose sanitizer speaks, fails the test that stops it.
import ctypes
import os
import re
import resource
import signal
import subprocess
import sys

from .waiting import wait_until

SANITIZER = re.compile(r"(ERROR|WARNING): \w+Sanitizer|runtime error:")

_started = []


def start_list():
    """The programs started since the last call to forget(), for the logs of a failed test."""
    return list(_started)


def forget():
    _started.clear()


def stop_all():
    """Ends whatever is still running: the safety net behind fixtures that failed half way."""
    for program in _started:
        program.end()


_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def _before_exec(descriptors):
    # A test run that is killed leaves nothing behind.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, descriptors), hard))


def activated(command, sockets):
    """`command`, run with the sockets as its descriptors from 3 on and told so."""
    numbers = ",".join(str(each.fileno()) for each in sockets.values())
    return [sys.executable, os.path.join(os.path.dirname(__file__), "activate.py"), ":".join(sockets), numbers, *command]


class Program:
    """One command. `directory` takes its logs; the same object may be started again after stop()."""

    # The soft limit of an ordinary login: raising it is the program's affair.
    descriptors = 1024
    # Name -> listening socket, which it inherits as systemd's services do.
    sockets = None

    def __init__(self, name, command, directory, environment=None):
        self.name = name
        self.command = [str(part) for part in command]
        self.directory = str(directory)
        self.environment = environment or {}
        self.process = None
        self.out_path = os.path.join(self.directory, name + ".out")
        self.err_path = os.path.join(self.directory, name + ".err")
        self._out_from = self._err_from = 0

    def start(self):
        assert not self.is_running(), f"{self.name} runs already"
        with open(self.out_path, "ab") as out, open(self.err_path, "ab") as err:
            self._out_from, self._err_from = out.tell(), err.tell()
            environment = {key: value for key, value in os.environ.items() if not key.startswith("CROSSTALK_")}
            environment.update({"NO_COLOR": "1", "LC_ALL": "C.UTF-8"}, **self.environment)
            sockets = self.sockets or {}
            command = activated(self.command, sockets) if sockets else self.command
            self.process = subprocess.Popen(
                command, pass_fds=[each.fileno() for each in sockets.values()], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment,
                cwd=self.directory, start_new_session=True, preexec_fn=lambda: _before_exec(self.descriptors))
        if self not in _started:
            _started.append(self)
        return self

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def _text(self, path, start):
        if not os.path.exists(path):
            return ""
        with open(path, "rb") as file:
            file.seek(start)
            return file.read().decode("utf-8", "replace")

    def out(self):
        """Standard output since the last start."""
        return self._text(self.out_path, self._out_from)

    def err(self):
        """Standard error since the last start."""
        return self._text(self.err_path, self._err_from)

    def log_tail(self, lines=40):
        text = self._text(self.out_path, 0).splitlines()[-lines:] + self._text(self.err_path, 0).splitlines()[-lines:]
        return "\n".join(text)

    def wait_for_err(self, pattern, limit=30):
        """The match of `pattern` in standard error since the last start."""
        return self._wait_for(self.err, pattern, limit, "standard error")

    def wait_for_out(self, pattern, limit=30):
        return self._wait_for(self.out, pattern, limit, "standard output")

    def _wait_for(self, text, pattern, limit, where):
        def look():
            # Running is asked first: what a program says last must not be missed.
            alive = self.is_running()
            found = re.search(pattern, text(), re.MULTILINE)
            if not found and not alive:
                raise AssertionError(f"{self.name} ended with {self.process.returncode} before {pattern!r} "
                                     f"stood on its {where}:\n{self.log_tail()}")
            return found
        return wait_until(f"{pattern!r} on the {where} of {self.name}", look, limit)

    def wait_for_exit(self, limit=30):
        """Its exit status, once it ends by itself."""
        wait_until(f"{self.name} to end", lambda: not self.is_running(), limit)
        self._check_sanitizers()
        return self.process.returncode

    def signal(self, number):
        os.kill(self.pid, number)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def stop(self, status=0, limit=45):
        """SIGTERM, and it must end with `status`."""
        if not self.is_running():
            raise AssertionError(f"{self.name} had ended before it was stopped: {self.process.returncode}\n"
                                 + self.log_tail())
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end {limit} s after SIGTERM\n{self.log_tail()}") from None
        self._check_sanitizers()
        assert self.process.returncode == status, (
            f"{self.name} ended with {self.process.returncode}, not {status}\n{self.log_tail()}")

    def kill(self):
        """SIGKILL to its whole session, since a wrapper may have children."""
        if self.is_running():
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait(30)

    def end(self, limit=5):
        """Whatever state it is in, afterwards it is gone. Judges nothing."""
        if self.is_running():
            self.process.terminate()
            try:
                self.process.wait(limit)
            except subprocess.TimeoutExpired:
                self.kill()

    def _check_sanitizers(self):
        said = SANITIZER.search(self._text(self.err_path, 0))
        assert not said, f"{self.name}: a sanitizer spoke\n{self.log_tail(120)}"

    def _status(self, key):
        with open(f"/proc/{self.pid}/status", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith(key + ":"):
                    return int(line.split()[1])
        raise AssertionError(f"no {key} of {self.name}")

    def peak_memory(self):
        """Bytes of the highest resident set since the process began."""
        return self._status("VmHWM") * 1024

    def memory(self):
        """Bytes of the resident set."""
        return self._status("VmRSS") * 1024

    def descriptor_count(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))
