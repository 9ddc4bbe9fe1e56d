"""The process that warm kernels are forked from: `python -m analysis.publish.kernels.warm SOCKET MODULES`.

It imports the modules and, when asked, reads what the briefs of a project read, once; it forks a new
process for every request; no kernel sees what another did. Caches of libraries are all
that a kernel finds: a brief made in a cold one has the same bytes, which a test holds.
The standard library's fork server is not used: its children import the main script
again, it refuses to serve daemonic workers of a cluster, and it and its children
outlive a parent that was killed. Here the end of the connection is the end of all.

A request is one line of JSON. One for a kernel has a file descriptor beside it: through
that pipe come the process id, and at the end the exit code and the CPU seconds it took.
One with `modules` asks to import and read ahead.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

_PR_SET_PDEATHSIG = 1
#: What ipykernel and numpy import if it is there: a fifth of the time for what no run uses (a
#: debugger, and guesses at the encoding of Fortran files).
_UNUSED = ("debugpy", "charset_normalizer")


def main() -> None:
    """Serve until the other end of the socket is closed."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    prepare(sys.argv[2].split(","), None)
    _Server(connection).run()


def prepare(modules: Sequence[str], params_file: str | None) -> None:
    """Import modules and read ahead; what fails here costs only time later."""
    gc.disable()  # what is loaded stays: looking for what does not would take a fifth of the time
    with _without(*_UNUSED):
        for module in modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
    if params_file is not None:
        with contextlib.suppress(Exception):  # the notebook will say what is wrong
            read_ahead(params_file)
    gc.freeze()  # the collector of a kernel need not walk through it either


@contextlib.contextmanager
def _without(*names: str) -> Iterator[None]:
    """Let modules be as if not installed, for those who can do without."""
    blocked = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(blocked))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in blocked:
            del sys.modules[name]


def read_ahead(params_file: str) -> None:
    """Make one brief for nothing, so that tables are read, fonts and words loaded.

    The caches know a table by its file and its state.
    """
    from analysis.brief.content import kecamatan_brief, load
    from analysis.brief.notebook import screen_view
    from analysis.project import load_project

    project = load_project(params_file)
    with tempfile.TemporaryDirectory() as folder:
        brief = kecamatan_brief(load(project, project.register.codes[0]), folder)
    screen_view(brief.markdown)


class _Server:
    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.reports: dict[int, int] = {}  # pipe to report to, by process id
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_read, False)
        os.set_blocking(self.wake_write, False)

    def run(self) -> None:
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_write)
        selector = selectors.DefaultSelector()
        selector.register(self.connection, selectors.EVENT_READ)
        selector.register(self.wake_read, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if self.wake_read in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake_read, 65536)
                self._reap()
            if self.connection in ready and not self._answer(selector):
                break
        for pid in self.reports:  # nobody is left to use them
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def _answer(self, selector: selectors.BaseSelector) -> bool:
        """Do what is asked; False at the end of the connection."""
        data, pipes, _, _ = socket.recv_fds(self.connection, 65536, 1)
        for line in data.splitlines():
            request = json.loads(line)
            if "modules" in request:
                prepare(**request)
            else:
                self._fork(request, pipes.pop(), selector)
        return bool(data)

    def _fork(self, request: dict[str, Any], pipe: int, selector: selectors.BaseSelector) -> None:
        """Fork a kernel that reports through `pipe`."""
        started = os.fork()
        if started == 0:
            status = 1
            try:
                selector.close()
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for other in (pipe, *self.reports.values(), self.wake_read, self.wake_write):
                    os.close(other)
                self.connection.close()
                serve(**request)
                status = 0
            finally:
                os._exit(status)
        # Set here too: whoever wants to end the group may come before the child has set it.
        with contextlib.suppress(OSError):
            os.setpgid(started, started)
        self.reports[started] = pipe
        _report(pipe, f"{started}\n")

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            pipe = self.reports.pop(pid, None)
            if pipe is not None:
                code = os.waitstatus_to_exitcode(status)
                _report(pipe, f"{code} {usage.ru_utime + usage.ru_stime:.3f}\n")
                os.close(pipe)


def _report(pipe: int, text: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # the one who asked is gone
        os.write(pipe, text.encode())


def serve(connection_file: str, folder: str, environment: dict[str, str]) -> None:
    """Body of a forked process: an IPython kernel on `connection_file` in `folder`."""
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    gc.enable()
    _end_with_parent()
    os.environ.update(environment)
    os.chdir(folder)
    config = Config()
    config.HistoryManager.enabled = False
    config.IPKernelApp.capture_fd_output = False  # two threads; Python's own output comes anyway
    app: Any = IPKernelApp.instance(config=config)
    app.initialize(["-f", connection_file])
    if "matplotlib.pyplot" in sys.modules:  # loaded before there was a shell to show figures in
        app.shell.enable_matplotlib("inline")
    app.start()


def _end_with_parent() -> None:
    """End when the server ends, even in the midst of a long computation."""
    parent = os.getppid()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main()
