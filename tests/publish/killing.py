"""Runs that are ended from outside, as a program of its own: a process without threads that
has everything loaded and forks each run. Prints one line of JSON for what it saw.

`python killing.py kill ROOT ROUNDS SEED` ends runs at random moments;
`python killing.py twice ROOT` starts two at once;
`python killing.py small ROOT BYTES` lets no file grow beyond so many bytes.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tiny

_MARK = "TINY_PROJECT"


def start(root: Path, words: Path, limit: int | None = None) -> int:
    """Fork a run that prints to `words`; returns its process id."""
    child = os.fork()
    if child:
        with contextlib.suppress(OSError):  # the child may have done it, and more, already
            os.setpgid(child, child)
        return child
    os.setpgid(0, 0)
    status = 70
    try:
        out = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        tiny.stand_in()
        status = tiny.reports(root)
        from analysis.publish.kernels import server as kernels

        kernels.SERVER.stop()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def ended(child: int) -> int:
    """Wait for a run; returns its exit status, negative when it was killed."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def orphans() -> list[str]:
    """Processes of earlier runs that are still there after three seconds."""
    until = time.monotonic() + 3
    while True:
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                ours = f"{_MARK}={os.environ[_MARK]}".encode() in (process / "environ").read_bytes()
                state = (process / "stat").read_text().rsplit(") ", 1)[1][0]
                if ours and int(process.name) != os.getpid() and state != "Z":
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.05)


def broken(root: Path, values: set[int]) -> list[str]:
    """Results that are neither what one of the runs was to make nor what was there before.

    Parameters
    ----------
    values
        All numbers that ever stood in the survey: each gives documents known to the byte.
    """
    good: dict[str, set[bytes]] = {
        ".csv": {f"value\n{value}\n".encode() for value in values},
        ".html": {tiny.bodies(f"value {value}")["html"] for value in values},
        ".pdf": {tiny.bodies(f"value {value}")["pdf"] for value in values},
    }
    bad = []
    for file in (root / "reports" / "out").rglob("*"):
        if file.name.startswith(".") or not file.is_file() or file.parent.name == "log":
            continue
        content = file.read_bytes()
        if file.suffix == ".json":
            json.loads(content)
        elif file.suffix == ".zip":
            whole = zipfile.ZipFile(file).testzip() is None
            bad += [] if whole else [file.name]
        elif file.name == "index.html":
            bad += [] if content.rstrip().endswith(b"</html>") else [file.name]
        elif content not in good[file.suffix]:
            bad.append(file.name)
    for file in root.rglob("made.json"):
        json.loads(file.read_text())
    return bad


def kill(root: Path, rounds: int, seed: int) -> dict[str, object]:
    """End `rounds` runs at random moments, then let one come to its end."""
    chance = random.Random(seed)
    words = root / "words.txt"
    tiny.survey(root, 2)
    begun = time.monotonic()
    assert ended(start(root, words)) == 0, words.read_text()
    whole_run = time.monotonic() - begun
    values = {1, 2}
    killed, left, bad, moments = 0, [], [], []
    for number in range(2 * rounds):  # some come to their end before
        drawn = [chance.randint(2, 99) for _ in range(4)]
        values |= {*drawn}
        tiny.survey(root, *drawn)
        child = start(root, words)
        moment = chance.uniform(0, 0.9 * whole_run)
        time.sleep(moment)
        os.killpg(child, signal.SIGKILL)
        if ended(child) == -signal.SIGKILL:
            killed += 1
            moments.append(round(moment, 3))
        left += [f"{number}: {line}" for line in orphans()]
        bad += [f"{number}: {name}" for name in broken(root, values)]
        if killed == rounds:
            break
    tiny.survey(root, 3, 1, 4, 1)
    status = ended(start(root, words))
    seen = {"killed": killed, "orphans": left, "broken": bad, "moments": moments}
    return {**seen, "status": status, "words": words.read_text(), "seconds": whole_run}


def twice(root: Path) -> dict[str, object]:
    """Two runs at once, of the same new data."""
    tiny.survey(root, 3, 1, 4, 1)
    words = [root / "first.txt", root / "second.txt"]
    children = [start(root, file) for file in words]
    status = [ended(child) for child in children]
    return {"status": status, "words": [file.read_text() for file in words], "orphans": orphans()}


def small(root: Path, size: int) -> dict[str, object]:
    """One run that may write no file of more than `size` bytes, and one that may."""
    tiny.survey(root, 3, 1, 4, 1)
    words = root / "words.txt"
    status = [ended(start(root, words, size))]
    said = words.read_text()
    bad = broken(root, {1, 3, 4})
    status.append(ended(start(root, words)))
    return {"status": status, "words": said, "broken": bad, "again": words.read_text()}


def left_over(root: Path) -> list[str]:
    """Temporary files and folders that nobody will use."""
    found = [*root.rglob(".*.tmp"), *Path(tempfile.gettempdir()).iterdir()]
    return [str(path) for path in found]


def load() -> None:
    """Import what every run needs, once, before the forks."""
    for name in ("execute", "fanout", "kernels", "run", "site", "card"):
        importlib.import_module(f"analysis.publish.{name}")


if __name__ == "__main__":
    job, folder, *numbers = sys.argv[1:]
    os.environ[_MARK] = folder
    load()
    jobs = {"kill": kill, "twice": twice, "small": small}
    result = jobs[job](Path(folder), *map(int, numbers))
    print(json.dumps({**result, "left_over": left_over(Path(folder))}))
