"""A run that a person stops: what it has started ends at once, not when it is done.

Threads cannot be interrupted. They wait for kernels, and those are ended here first; then the
interrupt goes its usual way.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_enders: list[Callable[[], None]] = []
_stopped = threading.Event()


def at_stop(end: Callable[[], None]) -> None:
    """Let `end` be called when a run is stopped; it must not wait for a lock."""
    _enders.append(end)


def stopped() -> bool:
    """Whether the run was stopped, so that nothing new is to be started."""
    return _stopped.is_set()


@contextlib.contextmanager
def by_hand() -> Iterator[None]:
    """Let an interrupt of the main thread end all that the block has started."""
    _stopped.clear()
    usual = signal.getsignal(signal.SIGINT)
    ours = threading.current_thread() is threading.main_thread() and callable(usual)
    if not ours:  # a library's guest, or in the background: interrupts are not for us
        yield
        return
    signal.signal(signal.SIGINT, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _stop(number: int, frame: FrameType | None) -> None:
    _stopped.set()
    for end in _enders:
        end()
    raise KeyboardInterrupt
