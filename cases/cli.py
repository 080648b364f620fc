"""The command ``mitmodels``: functions of the package, with their docstrings as help."""

import os
import sys
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from cyclopts import App, CycloptsError

# Command: its function, which is imported when it is called, and the first line of its docstring.
COMMANDS = {
    "check": (
        "mitmodels.cases.api:check",
        "Check a TOML file: units, geometry, unknowns, memory. Solves nothing.",
    ),
    "collect": (
        "mitmodels.cases.sweeps.table:collect",
        "Write what a sweep found into one table, sweep.csv, and one dataset, sweep.nc.",
    ),
    "compare": (
        "mitmodels.cases.film.iv_comparison:compare",
        "Draw the I-V curves of several steady film runs into one figure.",
    ),
    "fit": (
        "mitmodels.cases.api:fit",
        "Fit parameters of films to I-V curves and key figures, or of a cell to its resistances.",
    ),
    "fmr": (
        "mitmodels.cases.magnetism.fmr_run:fmr",
        "Predict the ferromagnetic resonance from the stored temperature fields of a film run.",
    ),
    "materials": (
        "mitmodels.cases.config.materials:materials",
        "Print laws, values, ranges of validity, status and sources of materials.",
    ),
    "mechanisms": (
        "mitmodels.cases.film.barrier_and_filament:mechanisms",
        "Draw a barrier across the current and a filament along it side by side.",
    ),
    "mesh": (
        "mitmodels.cases.meshing:mesh",
        "Write the mesh that a run would begin on, with the names of its regions and boundaries.",
    ),
    "moke": (
        "mitmodels.cases.magnetism.kerr:moke",
        "Draw the magnetic maps of a film run as a scanning Kerr microscope sees them.",
    ),
    "new": (
        "mitmodels.cases.config.shipped:new",
        "Copy the TOML file of a case or a material to a new one to edit.",
    ),
    "plot": (
        "mitmodels.cases.api:plot",
        "Draw the figures of a run or a sweep, or the stored fields of a run.",
    ),
    "qpc": (
        "mitmodels.cases.point_contact.filament:qpc",
        "Read a filament's gap and tip radius against time as a quantum point contact.",
    ),
    "relax": (
        "mitmodels.cases.cell.relaxation_run:relax",
        "Let the filament of a SET relax at zero bias, by its surface energy.",
    ),
    "resume": (
        "mitmodels.cases.api:resume",
        "Go on with a run or a sweep that was interrupted, killed or failed.",
    ),
    "run": ("mitmodels.cases.api:run", "Run the case of a TOML file and draw its figures."),
    "schema": (
        "mitmodels.cases.config.shipped:schema",
        "Print the JSON schema of the TOML files, for editors.",
    ),
    "sweep": (
        "mitmodels.cases.sweeps.running:sweep",
        "Run all points of the [sweep] in a TOML file, or those that are left.",
    ),
}


def _print(result: object) -> None:
    """Print what a command returns, on rank 0."""
    mpi = sys.modules.get("mpi4py.MPI")
    if mpi and mpi.COMM_WORLD.rank > 0:
        return
    if isinstance(result, Mapping):
        result = "\n".join(f"{name}: {text}" for name, text in result.items())
    elif isinstance(result, list | tuple):
        result = "\n".join(map(str, result))
    elif isinstance(result, Path):
        result = f"wrote {result}"
    try:
        if result:
            print(result, flush=True)
    except BrokenPipeError:  # who read it has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


app = App(
    name="mitmodels",
    help="Finite-element multiphysics of resistive-switching devices.",
    version=lambda: version("mitmodels"),
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
    exit_on_error=False,
    print_error=False,
    result_action=_print,
)
for _name, (_path, _help) in COMMANDS.items():
    app.command(_path, name=_name, help=_help)


@app.command
def cases() -> str:
    """List the cases that come with the project."""
    from mitmodels.cases.config import shipped

    return "\n".join(f"{name:20} {text}" for name, text in shipped.cases().items())


@app.command
def status(folder: Path, /) -> str:
    """Say how far every point of a sweep is.

    Parameters
    ----------
    folder
        Folder of a sweep.
    """
    from mitmodels.cases.sweeps.folder import SweepFolder

    states = SweepFolder.open(folder).states()
    lines = [f"{point.name:40} {point.state:12} {point.reason}".rstrip() for point in states]
    counts = Counter(point.state for point in states)
    return "\n".join([*lines, ", ".join(f"{count} {state}" for state, count in counts.items())])


def main() -> None:
    """Run the command line; exit with 2 for bad input and 1 for a run that failed."""
    try:
        app(sys.argv[1:])
    except (Exception, KeyboardInterrupt) as error:
        sys.exit(_report(error))


def _report(error: BaseException) -> int:
    """Print an error and return the exit code."""
    from mitmodels.cases.console import journal
    from mitmodels.errors import InputError, without_dolfinx

    if isinstance(error, CycloptsError):
        error = InputError(f"{str(error).rstrip('.')}; see mitmodels --help")
    elif missing := without_dolfinx(error):
        error = InputError(missing)
    try:
        from mpi4py import MPI
    except ImportError:
        return journal.report(error)
    return journal.leave(MPI.COMM_WORLD, error)
