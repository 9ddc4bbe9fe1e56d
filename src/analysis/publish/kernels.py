"""Kernels that start warm: forked from a server process that has the libraries loaded.

A fresh kernel spends seconds importing pandas, statsmodels and seaborn. Here one
single-threaded server imports them once and forks a new process for every
notebook, so each starts in a fraction of a second and none sees what another
did. Messages go over Unix sockets in a private folder: no ports to race for,
nothing readable by other users.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

_PRELOAD = "analysis.publish.warm"
_context: ForkServerContext | None = None


def available() -> bool:
    """Whether this system can fork warm kernels (not on Windows)."""
    return "forkserver" in multiprocessing.get_all_start_methods()


def _server() -> ForkServerContext:
    """Return the context whose server forks the kernels; started at first use."""
    global _context
    if _context is None:
        # One thread per kernel: kernels run side by side, and results must not
        # depend on how a linear algebra library splits its sums.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        os.environ.setdefault("MPLBACKEND", "agg")
        os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # a warning, once a kernel
        _context = multiprocessing.get_context("forkserver")
        _context.set_forkserver_preload([_PRELOAD])
    return _context


def _serve(connection_file: str, folder: str, environment: dict[str, str]) -> None:
    """Body of a forked process: an IPython kernel on `connection_file` in `folder`."""
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    os.setsid()  # so that killing the group ends what the notebook started, and nothing else
    os.environ.update(environment)
    os.chdir(folder)
    config = Config()
    config.HistoryManager.enabled = False
    app = IPKernelApp.instance(config=config, parent_handle=os.getppid())
    app.initialize(["-f", connection_file])
    app.start()


class _Forked:
    """The face of `subprocess.Popen` that jupyter_client needs, over a forked process."""

    stdin = stdout = stderr = None

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.pid is not None and self._process.exitcode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class ForkProvisioner(LocalProvisioner):
    """Launches a kernel by forking the warm server."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel; the command line of the kernel spec is not used."""
        environment = {k: v for k, v in (kwargs.get("env") or {}).items() if k.startswith("JPY")}
        folder = str(kwargs.get("cwd") or Path.cwd())
        process = _server().Process(
            target=_serve, args=(self.parent.connection_file, folder, environment), daemon=True
        )
        process.start()
        self.process = _Forked(process)
        self.pid = process.pid
        self.pgid = None
        self.cwd = folder
        return self.connection_info


class WarmKernelManager(AsyncKernelManager):
    """Kernel manager of one warm kernel over Unix sockets in a private folder."""

    def __init__(self, **kwargs: Any) -> None:
        # Short and private: the path of a Unix socket is limited to 107 bytes.
        self._sockets = tempfile.mkdtemp(prefix="krn")
        super().__init__(
            transport="ipc",
            ip=f"{self._sockets}/s",
            connection_file=f"{self._sockets}/kernel.json",
            **kwargs,
        )

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
        if self.provisioner is None:
            self.provisioner = ForkProvisioner(
                kernel_id=self.kernel_id or "warm", kernel_spec=self.kernel_spec, parent=self
            )
        command, rest = await super()._async_pre_start_kernel(**kwargs)
        return command, rest

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            shutil.rmtree(self._sockets, ignore_errors=True)

    cleanup_resources = _async_cleanup_resources
