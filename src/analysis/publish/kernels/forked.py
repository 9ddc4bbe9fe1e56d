"""Jupyter kernels forked from the server: messages go over Unix sockets in a private folder.

No ports to race for, nothing readable by other users.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import shutil
import tempfile
import time
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from analysis.publish.kernels.server import SERVER

_POLL_S = 0.01


class ForkProvisioner(LocalProvisioner):
    """Launches a kernel by forking the warm server."""

    process: Any

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel; the command line of the kernel spec is not used."""
        manager = self.parent
        assert isinstance(manager, WarmKernelManager)
        environment = {k: v for k, v in (kwargs.get("env") or {}).items() if k.startswith("JPY")}
        folder = str(kwargs.get("cwd") or Path.cwd())
        self.process = SERVER.fork(manager.connection_file, folder, environment)
        self.pid = self.process.pid
        self.pgid = None
        self.cwd = folder
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end of the process."""
        if self.process is None:
            return 0
        while self.process.poll() is None:
            await asyncio.sleep(_POLL_S)
        code: int | None = self.process.wait()
        self.process = None
        return code


class WarmKernelClient(AsyncKernelClient):
    """Client that goes to work as soon as the kernel answers.

    Jupyter's own waits for a fifth of a second of silence first, so that no old message is taken
    for a new one; nbclient knows its messages by the request they answer.
    """

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        end = time.monotonic() + (timeout or math.inf)
        while True:
            self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self.shell_channel.get_msg(timeout=1)
                # Something on the other channel tells that it is connected: outputs come through it.
                await self.iopub_channel.get_msg(timeout=0.2)
                if reply["msg_type"] == "kernel_info_reply":
                    self._handle_kernel_info_reply(reply)
                    return
            if not await self.is_alive():
                raise RuntimeError("the kernel died before it answered")
            if time.monotonic() > end:
                raise RuntimeError(f"the kernel did not answer within {timeout:.0f} s")

    wait_for_ready = _async_wait_for_ready


class WarmKernelManager(AsyncKernelManager):
    """Kernel manager of one warm kernel over Unix sockets in a private folder."""

    def __init__(self, **kwargs: Any) -> None:
        # Short and private: the path of a Unix socket is limited to 107 bytes.
        self._sockets = tempfile.mkdtemp(prefix="krn")
        super().__init__(
            transport="ipc",
            ip=f"{self._sockets}/s",
            connection_file=f"{self._sockets}/kernel.json",
            client_factory=WarmKernelClient,
            **kwargs,
        )

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
        if self.provisioner is None:
            self.provisioner = ForkProvisioner(
                kernel_id=self.kernel_id or "warm", kernel_spec=self.kernel_spec, parent=self
            )
        command, rest = await super()._async_pre_start_kernel(**kwargs)
        return command, rest

    async def _async_interrupt_kernel(self) -> None:
        """Interrupt a cell; not a kernel that is ended anyway, which would complain on the terminal."""
        if not self.shutting_down:
            await super()._async_interrupt_kernel()

    interrupt_kernel = _async_interrupt_kernel

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            shutil.rmtree(self._sockets, ignore_errors=True)

    cleanup_resources = _async_cleanup_resources
