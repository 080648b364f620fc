"""A sweep as a job array of SLURM: one task per point that is not complete."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from string import Template

from mitmodels.cases.console.launcher import mpirun
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import replace

SCRIPT = "array.sbatch"
_TEMPLATE = Path(__file__).with_name("slurm.sbatch")


@dataclass(frozen=True)
class Script:
    """Batch script of a job array.

    Attributes
    ----------
    path : Path
        The file.
    """

    path: Path

    def __str__(self) -> str:
        """Its text, and how it is submitted."""
        return f"{self.path.read_text(encoding='utf-8')}\nto submit it: sbatch {self.path}"


def write_array(
    folder: SweepFolder, command: Sequence[str], checkpoint_every: str, jobs: int | None = None
) -> Script:
    """Write the script of the array and ``points.txt``, the names that its numbers mean.

    Parameters
    ----------
    folder
        The sweep.
    command
        The command line of the project, as the nodes find it.
    checkpoint_every
        Wall time between two checkpoints of a run, with its unit.
    jobs
        How many tasks at a time; by default as many as the cluster allows.

    Returns
    -------
    Script
        For ``sbatch``.

    Raises
    ------
    InputError
        If all points are complete.
    RunError
        If the files cannot be written.
    """
    left = [i for i, state in enumerate(folder.states()) if state.state != "completed"]
    if not left:
        raise InputError(f"{folder.path}: all points are complete; there is nothing to submit")
    path = folder.path.resolve()
    script = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        job=shlex.quote(path.name),
        array=_ranges(left) + (f"%{jobs}" if jobs else ""),
        folder=shlex.quote(str(path)),
        mpirun=shlex.quote(mpirun()),
        command=shlex.join(command),
        every=shlex.quote(checkpoint_every),
    )
    replace(folder.path / "points.txt", "".join(f"{name}\n" for name in folder.names))
    replace(folder.path / SCRIPT, script)
    return Script(folder.path / SCRIPT)


def _ranges(numbers: Sequence[int]) -> str:
    """Write ascending numbers as SLURM does: 0-3,7."""
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    ]
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
