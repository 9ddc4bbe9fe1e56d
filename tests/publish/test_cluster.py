"""Briefs on the workers of a real Dask cluster: two processes of their own, and one that dies."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny

pytestmark = pytest.mark.slow
pytest.importorskip("distributed", reason="the extra `distributed` is not installed")

ORDER = (3, 2, 4, 5)
PRELOAD = Path(__file__).with_name("cluster_worker.py")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler, and its two workers, each in a process of its own."""
    file = tmp_path / "scheduler.json"
    with tempfile.TemporaryDirectory(prefix="t") as temporary:  # short: sockets lie in it
        environment = {**os.environ, "TMPDIR": temporary}
        log = (tmp_path / "cluster.txt").open("wb")

        def start(*arguments: str) -> subprocess.Popen[bytes]:
            program = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(file)]
            return subprocess.Popen(program, env=environment, stdout=log, stderr=log)

        worker = ("worker", "--no-nanny", "--nthreads", "1", "--no-dashboard")
        worker += ("--preload", str(PRELOAD), "--local-directory", temporary)
        running = [start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")]
        try:
            address = _address(file)
            running += [start(*worker), start(*worker)]
            _wait_for_workers(address, 2)
            yield address, running[1:]
        finally:
            for process in reversed(running):
                process.kill()
                process.wait()
            log.close()


def _address(file: Path) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if file.exists() and file.read_text():
            return str(json.loads(file.read_text())["address"])
        time.sleep(0.1)
    raise AssertionError("the scheduler did not start")


def _wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, timeout=60) as client:
        client.wait_for_workers(count, timeout=120)


def undisturbed(root: Path, made: Path) -> dict[str, bytes]:
    shutil.copytree(made, root)
    tiny.survey(root, *ORDER)
    assert tiny.reports(root, "--quiet") == 0
    return tiny.shared(root)


def test_workers_make_what_one_machine_makes(made: Path, tmp_path: Path, cluster, capsys) -> None:
    address, _ = cluster
    expected = undisturbed(tmp_path / "undisturbed", made)
    tiny.survey(made, *ORDER)
    assert tiny.reports(made, "--scheduler", address) == 0
    said = capsys.readouterr()
    assert "briefs: 4 built, 0 unchanged, 0 failed" in said.out
    assert "the cluster" not in said.err  # it did not fall back to this machine
    assert tiny.shared(made) == expected


def test_a_worker_that_dies_loses_nothing(made: Path, tmp_path: Path, cluster, capsys) -> None:
    address, workers = cluster
    expected = undisturbed(tmp_path / "undisturbed", made)
    tiny.survey(made, *ORDER)
    tiny.fault(made, **{tiny.CODES[1]: "first"})
    ended: list[int] = []

    def strike() -> None:
        """End the worker whose kernel waits for it."""
        until = time.monotonic() + 120
        while not (made / "struck").exists() and time.monotonic() < until:
            time.sleep(0.05)
        server = int((made / "struck").read_text())
        parent = int(Path(f"/proc/{server}/stat").read_text().rsplit(") ", 1)[1].split()[1])
        assert parent in {worker.pid for worker in workers}
        os.kill(parent, signal.SIGKILL)
        ended.extend((parent, server))

    striker = threading.Thread(target=strike)
    striker.start()
    status = tiny.reports(made, "--scheduler", address)
    striker.join()
    said = capsys.readouterr()
    assert status == 0, said.err
    assert "briefs: 4 built, 0 unchanged, 0 failed" in said.out
    assert "the cluster" not in said.err  # the other worker made it
    assert tiny.shared(made) == expected
    assert len(ended) == 2
    until = time.monotonic() + 10
    while Path(f"/proc/{ended[1]}").exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not Path(f"/proc/{ended[1]}").exists()  # its kernels' server went with it


def test_no_scheduler_is_one_sentence(made: Path, capsys, monkeypatch) -> None:
    import distributed

    def silent(address: str, timeout: float) -> None:
        raise OSError(f"Timed out trying to connect to {address}")

    monkeypatch.setattr(distributed, "Client", silent)
    tiny.survey(made, 2)
    assert tiny.reports(made, "--scheduler", "tcp://127.0.0.1:1") == 2
    said = capsys.readouterr().err
    assert "error: no Dask scheduler answers at tcp://127.0.0.1:1: start one with" in said
    assert "Traceback" not in said
