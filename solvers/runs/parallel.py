"""Work of one rank for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from mpi4py import MPI


def on_root[Result](comm: MPI.Comm, action: Callable[[], Result]) -> Result:
    """Call ``action`` on rank 0 and return its result, or raise its exception, on every rank.

    Collective. Whatever touches the disk goes through here: an error that only rank 0 sees would
    leave the other ranks waiting for ever.
    """
    result, error = comm.bcast(_outcome(action) if comm.rank == 0 else None)
    if error is not None:
        raise error
    return cast("Result", result)


def _outcome[Result](action: Callable[[], Result]) -> tuple[Result | None, Exception | None]:
    try:
        return action(), None
    except Exception as error:
        return None, error
