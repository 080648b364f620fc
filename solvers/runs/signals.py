"""Answers to signals for a while."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], Any] | signal.Handlers


@contextmanager
def answering(handlers: Mapping[int, Handler]) -> Iterator[Mapping[int, Any]]:
    """Answer signals by other handlers.

    Yields
    ------
    mapping
        The former handlers, None for one that was not set by Python. A thread that is not the
        main one is sent no signals: it changes no handler.
    """
    former = {}
    if threading.current_thread() is threading.main_thread():
        former = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield former
    finally:
        for number, handler in former.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
