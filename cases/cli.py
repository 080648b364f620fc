"""The command ``mitmodels``: functions of the package, with their docstrings as help."""

import atexit
import gc
import io
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Group, Parameter

from mitmodels import MODULES
from mitmodels.cases.console.launcher import check_launcher, launch
from mitmodels.errors import InputError, without_dolfinx

# The functions of the package that are commands, with the first line of their docstrings: it is
# known before the function is imported, which is when its command is called.
COMMANDS = {
    "check": "Check a TOML file: units, geometry, unknowns, memory. Solves nothing.",
    "collect": "Write what a sweep or a run found into a dataset: sweep.nc with sweep.csv, run.nc.",
    "compare": "Draw the I-V curves of steady film runs and of measurements into one figure.",
    "export": "Export a run as SPICE subcircuit and Verilog-A module with tables and test bench.",
    "fit": "Fit parameters of films to I-V curves and key figures, or of a cell to resistances.",
    "fmr": "Predict the ferromagnetic resonance from the stored temperature fields of a film run.",
    "keys": "Print the keys of a case's TOML file with unit, default and meaning.",
    "materials": "Print laws, values, ranges of validity, status and sources of materials.",
    "mechanisms": "Draw a barrier across the current and a filament along it side by side.",
    "mesh": "Write the mesh that a run begins on, with the names of its regions and boundaries.",
    "moke": "Draw the magnetic maps of a film run as a scanning Kerr microscope sees them.",
    "new": "Copy the TOML file of a case or a material to a new one to edit.",
    "plot": "Draw the figures of a run or a sweep, or the stored fields of a run.",
    "probe": "Print the stored fields at a place, as CSV.",
    "profile": "Write the stored fields along a film's mid-line or a cell's axis into a CSV file.",
    "qpc": "Read a filament's gap and tip radius against time as a quantum point contact.",
    "relax": "Let the filament of a SET relax at zero bias, by its surface energy.",
    "report": "Write one HTML page of a run or a sweep that works offline: curves, maps, numbers.",
    "resume": "Go on with a run or a sweep that was interrupted, killed or failed.",
    "run": "Run the case of a TOML file and draw its figures.",
    "schema": "Print the JSON schema of the TOML files, for editors.",
    "sensitivity": "Derive what a steady film shows by the numbers of its TOML file and locally.",
    "sweep": "Run all points of the [sweep] in a TOML file, or those that are left.",
}

# Commands by what they are for; all others read finished runs.
_BEFORE, _COMPUTE, _READ = (
    Group(name, sort_key=place)
    for place, name in enumerate(("Before a run", "Computing", "Reading finished runs"))
)
_GROUPS = {
    **dict.fromkeys(("check", "keys", "materials", "mesh", "new", "schema"), _BEFORE),
    **dict.fromkeys(("fit", "relax", "resume", "run", "sweep"), _COMPUTE),
}

# What is read is the first word of all commands but these.
_READS_FIRST = {*COMMANDS, "status"} - {"compare", "keys", "materials", "mechanisms", "new"}

_ON_RANKS = ("check", "fit", "mesh", "resume", "run")

_EXAMPLES = """\
Examples:
  mitmodels new lsmo_iv my.toml           copy a case, to edit it
  mitmodels check my.toml                 what it is, its memory and time
  mitmodels run my.toml --out runs/my     compute it and draw its figures
  mitmodels run lsmo_iv --ranks 2 --set "ambient.temperature=150 K"
  mitmodels plot runs/my --fields         draw its temperature and potential
"""

# Where launchers of MPI say which rank a process is.
_RANKS = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID")

# Files alone are drawn, in a look of our own: a notebook hands on a backend that is not installed
# here, and Matplotlib does not begin with it.
_OWN_FIGURES = {"MPLBACKEND": "agg", "MATPLOTLIBRC": os.devnull}


def _rank() -> int:
    """Return the rank: that of MPI if it is loaded, which it is not for every command."""
    mpi = sys.modules.get("mpi4py.MPI")
    if mpi:
        return int(mpi.COMM_WORLD.rank)
    return max((int(os.environ.get(name, 0)) for name in _RANKS), default=0)


def _print(result: object) -> None:
    """Print what a command returns, on rank 0."""
    if _rank() > 0:
        return
    if isinstance(result, Mapping):
        result = "\n".join(f"{name}: {text}" for name, text in result.items())
    elif isinstance(result, list | tuple):
        result = "\n".join(map(str, result))
    elif isinstance(result, Path):
        result = f"wrote {result}"
    elif to_csv := getattr(result, "to_csv", None):  # a table
        result = to_csv(index=False).rstrip()
    try:
        if result:
            print(result, flush=True)
    except OSError:  # who read it has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version() -> str:
    """Return version and commit, and which DOLFINx there is."""
    from mitmodels.solvers.runs.provenance import commit

    lines = [f"mitmodels {version('mitmodels')}", f"commit {commit() or 'unknown'}"]
    for name in ("fenics-dolfinx", "dolfinx-solver-real"):  # conda-forge and the image, the wheel
        with suppress(PackageNotFoundError):
            lines.append(f"DOLFINx {version(name)}")
    return "\n".join(lines)


app = App(
    name="mitmodels",
    help="Finite-element multiphysics of resistive-switching devices.",
    help_epilogue=_EXAMPLES,
    version=_version,
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
    exit_on_error=False,
    print_error=False,
    result_action=_print,
)
if _rank() > 0:  # of --help and --version
    from rich.console import Console

    app.console = Console(quiet=True)
for _name, _help in COMMANDS.items():
    _group = _GROUPS.get(_name, _READ)
    _function = f"{MODULES[_name]}:{_name}"
    app.command(_function, name=_name, help=_help, group=_group, help_epilogue="")
app.register_install_completion_command(help="Let the shell complete commands and options.")


@app.command(group=_BEFORE, help_epilogue="")
def cases() -> str:
    """List the cases that come with the project."""
    from mitmodels.cases.config import shipped

    return "\n".join(f"{name:20} {text}" for name, text in shipped.cases().items())


@app.command(group=_COMPUTE, help_epilogue="")
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


@app.command(group=_BEFORE, help_epilogue="")
def completion(shell: Literal["bash", "fish", "zsh"], /) -> str:
    """Print what lets a shell complete commands and options.

    Parameters
    ----------
    shell
        Which one: source <(mitmodels completion bash), best in the file that it begins with.
    """
    return app.meta.generate_completion(shell=shell)


@app.command(show=False)
def work() -> None:
    """Run the points that a sweep asks for, one after the other."""
    from mitmodels.cases.sweeps.worker import serve

    serve(_execute)


app.meta.suppress_keyboard_interrupt = False


@app.meta.default
def _start(
    *arguments: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    ranks: int | None = None,
) -> object:
    """Finite-element multiphysics of resistive-switching devices.

    Parameters
    ----------
    ranks
        Of check, fit, mesh, resume and run: how many processes to start, with the right mpirun.
    """
    if ranks is not None and not {*arguments[:1]} <= {*_ON_RANKS}:
        raise InputError(f"--ranks: is of {', '.join(_ON_RANKS)} alone: leave it out")
    _check_order(arguments)
    if ranks is not None:
        launch(ranks, arguments)
    return app(arguments)


def _check_order(arguments: Sequence[str]) -> None:
    """Refuse words in another order: a TOML file or folder that a command reads is the first."""
    command, first, *others = [*takewhile(lambda word: word[:1] != "-", arguments), "", ""]
    inputs = [word for word in others if Path(word).is_dir() or word.endswith(".toml")]
    if command in _READS_FIRST and not (Path(first).is_dir() or Path(first).suffix == ".toml"):
        for word in filter(os.path.exists, inputs):
            raise InputError(
                f"{first}: {word} comes first: {command} {word} ...; see mitmodels {command} --help"
            )


def main() -> None:
    """Run the command line; exit with 2 for bad input and 1 for a run that failed."""
    arguments = sys.argv[1:]
    del sys.argv[1:]  # DOLFINx and PETSc read them too, and not every name of a file
    os.environ |= _OWN_FIGURES
    if os.environ.get("COLUMNS", "") in ("0", "1"):  # some jobs have none; Rich would never end
        del os.environ["COLUMNS"]
    _settle_streams()
    atexit.register(gc.freeze)  # else the end looks through all that was imported: 0.1 s
    if code := _execute(arguments):
        sys.exit(code)


def _execute(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code, with what went wrong printed."""
    try:
        _check_place()
        check_launcher()
        app.meta(arguments)
    except (Exception, KeyboardInterrupt) as error:
        return _report(error)
    return 0


def _check_place() -> None:
    """Refuse a working folder that was removed: PETSc and Python's imports fail in it."""
    try:
        Path.cwd()
    except OSError as error:
        raise InputError(f"the working folder: {error.strerror}: change to another one") from None


def _settle_streams() -> None:
    """Let a closed stream lead nowhere; print letters that a terminal does not know as codes."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r+"))  # noqa: SIM115  # to the end
        if isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _report(error: BaseException) -> int:
    from mitmodels.cases.console import journal

    if isinstance(error, CycloptsError):
        fault = str(error).partition(" Available commands")[0].rstrip(".")
        asked = " ".join(("mitmodels", *(error.command_chain or ()), "--help"))
        error = InputError(f"{fault}; see {asked}")
    elif missing := without_dolfinx(error):
        error = InputError(missing)
    if mpi := sys.modules.get("mpi4py.MPI"):
        return journal.leave(mpi.COMM_WORLD, error)
    return journal.report(error) if _rank() == 0 else journal.exit_code(error)
