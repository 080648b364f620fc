"""Export of a finished run as a model for circuit simulators."""

from collections.abc import Callable, Sequence
from pathlib import Path
from pkgutil import resolve_name

from mpi4py import MPI

from mitmodels.cases.compact import ngspice
from mitmodels.cases.compact.model_folder import Exported, Verification, write_model
from mitmodels.cases.console.options import Flag, Overrides
from mitmodels.cases.figures.style import styled
from mitmodels.cases.registry import CASES
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import check_new
from mitmodels.solvers.runs.parallel import on_root
from mitmodels.solvers.runs.reading import Run, load

# What makes a model of a run, with values that replace some of the run.
_BUILDERS = {
    CASES["cell"]: "mitmodels.cases.compact.cell.model:build",
    CASES["film_iv"]: "mitmodels.cases.compact.film.model:build",
}


def export(
    source: Path | str,
    /,
    out: Path | str,
    *,
    verify: Flag = False,
    against: Sequence[Path | str] = (),
    overrides: Overrides = (),
) -> list[Path]:
    """Export a run as SPICE subcircuit and Verilog-A module with tables and test bench.

    Parameters
    ----------
    source
        Run folder of a steady film, or of a metallization cell whose filament grows.
    out
        Folder for the model, which must not exist.
    verify
        Run the model in ngspice and compare it with the field solution: table and figure of the
        errors, which then also stand in the files.
    against
        With --verify: run folder of the same device in time, under another drive or in another
        circuit, a cell's at another ambient temperature too, that the model is compared with. May
        be repeated.
    overrides
        section.key=value to replace one of the run, such as heat_capacity.substrate.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        If there is no model of such a run, the folder exists, or there is no ngspice to verify it.
    RunError
        If the files cannot be written.
    """
    if against and not verify:
        raise InputError("--against: names a run to compare with: give --verify too")
    if verify and not ngspice.is_there():
        raise InputError(ngspice.MISSING)
    comm = MPI.COMM_WORLD
    run, *runs = on_root(comm, lambda: _complete((source, *against), Path(out)))
    # Ranks load DOLFINx and compile forms together.
    build: Callable[[Run, Sequence[str]], Exported] = resolve_name(_builder(run))
    exported = build(run, overrides)

    def finish() -> list[Path]:
        with styled():
            found = exported.verify(runs) if verify else Verification()
        return write_model(Path(out), exported, run, found)

    return on_root(comm, finish)


def _complete(folders: Sequence[Path | str], target: Path) -> list[Run]:
    """Open complete runs, the first of which has a model, for a new folder."""
    check_new(target)
    runs = [load(folder) for folder in folders]
    _builder(runs[0])
    for run in runs:
        run.check_complete()
    return runs


def _builder(run: Run) -> str:
    """Where the function is that makes a model of a run."""
    case = CASES.get(run.config["case"], "")
    if "device" in run.config:
        raise InputError(
            f"{run.path}: is a run of several devices: export a run of each one alone, and couple "
            "the models through their thermal pins"
        )
    if case not in _BUILDERS:
        raise InputError(
            f"{run.path}: is a run of {run.config['case']}, of which there is no compact model: "
            "give one of film_iv or cell"
        )
    return _BUILDERS[case]
