"""Provenance of a result: machine, ranks, commit and the versions of all packages."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mpi4py import MPI


def now() -> str:
    """Return the time with its zone, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def provenance(comm: MPI.Comm, overrides: Sequence[str]) -> dict[str, Any]:
    """Return what ``run.json`` says at the start of a run."""
    return {
        "status": "running",
        "error": "",
        "start": now(),
        "end": None,
        "overrides": list(overrides),
        "ranks": comm.size,
        "host": platform.node(),
        "system": platform.platform(),
        "commit": commit(),
        "python": platform.python_version(),
        "packages": _packages(),
    }


@functools.cache  # 0.05 s
def _packages() -> dict[str, str]:
    """Return the versions of all packages by their names."""
    read = (item.metadata for item in importlib.metadata.distributions())
    found = {item["Name"]: item["Version"] for item in read}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def commit() -> str | None:
    """Return the commit of the source, marked if it was changed; None if nothing tells.

    Outside its repository it is that which a wheel or a container image was built from.
    """
    root = Path(__file__).resolve().parents[2]
    command = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--dirty"]
    try:
        if (built := root / "commit.txt").exists():
            return built.read_text().strip()
        if not (root / ".git").exists():
            return os.environ.get("MITMODELS_REVISION")
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
