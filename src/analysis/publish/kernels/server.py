"""The server of warm kernels, as the program sees it that needs them.

A fresh kernel spends seconds importing pandas, statsmodels and matplotlib. Here one
single-threaded server (`warm`) imports them once and forks a new process for every
notebook, so each starts in a fraction of a second and none sees what another did.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.publish import stopping

#: One thread per kernel: kernels run side by side, and results must not depend on how a
#: linear algebra library splits its sums.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
    "MPLBACKEND": "agg",
}

#: What a notebook's kernel would otherwise import, a second or more, each time.
MODULES = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.interactiveshell",
    "IPython.core.oinspect",
    "IPython.display",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg",
    "matplotlib_inline.backend_inline",
    "pandas",
    "pyarrow.parquet",
    "babel.numbers",
    "babel.dates",
    "analysis.artefacts",
    "analysis.project",
    "analysis.brief.notebook",
)
#: What the notebooks of several stages use besides.
STAGE_MODULES = ("scipy.stats", "seaborn", "formulaic", "statsmodels.api", "polars")


def available() -> bool:
    """Whether this system can fork warm kernels (not on Windows)."""
    return hasattr(os, "fork") and hasattr(socket, "send_fds")


class Server:
    """The server process, started at first use and again if it died.

    Parameters
    ----------
    modules
        What it imports before it forks.
    """

    def __init__(self, modules: Sequence[str] = MODULES) -> None:
        self._modules = ",".join(modules)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._owner = 0
        stopping.at_stop(self._hang_up)

    def start(self, modules: Sequence[str] = (), params_file: Path | None = None) -> None:
        """Start the server unless it runs; it prepares itself while others go on.

        Parameters
        ----------
        modules
            What it imports in addition, for the kernels to come.
        params_file
            Project whose tables it reads, for the briefs to come.
        """
        with self._lock:
            connection = self._ensure()
            if modules or params_file:
                ahead = {"modules": list(modules), "params_file": params_file and str(params_file)}
                connection.sendall(_line(ahead))

    def fork(self, connection_file: str, folder: str, environment: dict[str, str]) -> Forked:
        """Fork a kernel; returns when its process exists."""
        request = {
            "connection_file": connection_file,
            "folder": folder,
            "environment": environment,
        }
        read, write = os.pipe()
        try:
            with self._lock:
                connection = self._ensure()
                # One at a time: the descriptor belongs to the one request for a kernel in it.
                socket.send_fds(connection, [_line(request)], [write])
                os.close(write)
                write = -1
                return Forked(read)
        except BaseException:
            os.close(read)
            raise
        finally:
            if write >= 0:
                os.close(write)

    def stop(self) -> None:
        """End the server and every kernel that is left."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            if self._process is not None and self._owner == os.getpid():
                self._process.wait()
            self._connection = self._process = None

    def _hang_up(self) -> None:
        """End the server and its kernels without waiting for them, nor for the lock."""
        if self._connection is not None and self._owner == os.getpid():
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)

    def _ensure(self) -> socket.socket:
        if stopping.stopped():
            raise RuntimeError("the run was stopped")
        if self._owner != os.getpid():  # a forked copy of this program: the server is not ours
            self._process = None
        if self._process is not None and self._process.poll() is None:
            assert self._connection is not None
            return self._connection
        if self._connection is not None:
            self._connection.close()
        ours, theirs = socket.socketpair()
        package = str(Path(__file__).parents[3])
        path = os.pathsep.join(p for p in (package, os.environ.get("PYTHONPATH")) if p)
        program = [sys.executable, "-P", "-m", "analysis.publish.kernels.warm"]
        with theirs:
            self._process = subprocess.Popen(
                [*program, str(theirs.fileno()), self._modules],
                env={**os.environ, **ENVIRONMENT, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # an interrupt on the terminal is for us to handle
            )
        self._connection, self._owner = ours, os.getpid()
        return ours


def _line(request: dict[str, Any]) -> bytes:
    return json.dumps(request).encode() + b"\n"


SERVER = Server()
atexit.register(SERVER.stop)


class Forked:
    """The face of `subprocess.Popen` that jupyter_client needs, over a forked process."""

    stdin = stdout = stderr = None

    def __init__(self, pipe: int) -> None:
        self._pipe = os.fdopen(pipe, "rb", buffering=0)
        self.returncode: int | None = None
        self.cpu_seconds = 0.0
        line = self._pipe.readline()
        if not line:
            self._pipe.close()
            raise RuntimeError("the server of warm kernels ended before it could start one")
        self.pid = int(line)

    def poll(self) -> int | None:
        """Exit code, or None while the process runs."""
        if self.returncode is None and select.select([self._pipe], [], [], 0)[0]:
            self._finish()
        return self.returncode

    def wait(self) -> int | None:
        """Wait for the end; returns the exit code."""
        if self.returncode is None:
            self._finish()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the process and what it started."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def kill(self) -> None:
        """End the process at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def _finish(self) -> None:
        code, _, cpu = self._pipe.readline().partition(b" ")
        self._pipe.close()
        # Without a report the server itself is gone, and the process with it.
        self.returncode = int(code) if code else -int(signal.SIGKILL)
        self.cpu_seconds = float(cpu or 0)
