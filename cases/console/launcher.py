"""The launcher of the MPI that the program is built with, and what was started by another."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from mitmodels.errors import InputError

# Where launchers of MPI say how many processes they have started.
_SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")
_CROWDING = 4  # processes for a core that may still be meant


def mpirun() -> str:
    """Return the ``mpirun`` beside the interpreter, or the one on the path."""
    own = Path(sys.executable).with_name("mpirun")
    return str(own) if own.exists() else shutil.which("mpirun") or "mpirun"


def launch(ranks: int, arguments: Sequence[str]) -> NoReturn:
    """Go on as that many processes of the same command line.

    Raises
    ------
    InputError
        If there are such processes already, far more than cores, or there is no launcher.
    """
    if ranks < 1:
        raise InputError(f"--ranks {ranks}: is less than 1: give the number of processes")
    check_crowd("--ranks", ranks)
    if _started() > 1:
        raise InputError(f"--ranks {ranks}: mpirun has started several already: leave one out")
    # -P: modules in the working directory are not ours.
    command = [mpirun(), "-n", str(ranks), sys.executable, "-P", "-m", "mitmodels", *arguments]
    try:
        os.execvp(command[0], command)
    except OSError as error:
        raise InputError(
            f"--ranks {ranks}: {command[0]} cannot be started ({error.strerror}): install the "
            "launcher of the MPI in use"
        ) from None


def check_crowd(option: str, count: int) -> None:
    """Refuse far more processes than cores: thousands take all memory and stop the machine.

    Raises
    ------
    InputError
        If that is so.
    """
    most = _CROWDING * (os.cpu_count() or 1) * int(os.environ.get("SLURM_JOB_NUM_NODES", 1))
    if count > most:
        raise InputError(f"{option} {count}: is far more than there are cores: give at most {most}")


def check_launcher(ranks: int | None = None) -> None:
    """Refuse processes that a launcher of another MPI has started, each of which is alone.

    Parameters
    ----------
    ranks
        How many MPI knows. Default: it is not loaded yet, and cannot be if it is the wrong one.

    Raises
    ------
    InputError
        If that is so.
    """
    wheel = importlib.util.find_spec("dolfinx_solver")
    if "OMPI_COMM_WORLD_SIZE" in os.environ and wheel:
        raise InputError(
            "this mpirun is that of Open MPI, and DOLFINx here is built with MPICH: give "
            f"{mpirun()} -n 2"
        )
    if ranks == 1 and (started := _started()) > 1:
        raise InputError(
            f"{started} processes were started that do not see one another, for their launcher is "
            f"that of another MPI: give {mpirun()} -n {started}, or --ranks {started}"
        )


def _started() -> int:
    return max(int(os.environ.get(name, 1)) for name in _SIZES)
