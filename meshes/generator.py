"""Gmsh, started and ended."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import gmsh


@contextmanager
def generator() -> Iterator[None]:
    """Start Gmsh with nothing in it, and end it.

    Its first start puts back the system's answers to signals, SIGTERM among them: a run could not
    write its checkpoint. Those of Python are set again.
    """
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
    handlers = {number: signal.getsignal(number) for number in numbers}
    gmsh.initialize(interruptible=False)
    try:
        for number, handler in handlers.items():
            if handler is not None:  # one that was not set by Python
                signal.signal(number, handler)
        gmsh.option.setNumber("General.Terminal", 0)
        yield
    finally:
        gmsh.finalize()
