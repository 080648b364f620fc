"""The command ``mitmodels``."""

import os
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

app = App(
    name="mitmodels",
    help="Finite-element multiphysics of resistive-switching devices.",
    version=lambda: version("mitmodels"),
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
    exit_on_error=False,
    print_error=False,
    result_action="return_value",
)

Overrides = Annotated[
    tuple[str, ...],
    Parameter(
        name="--set",
        negative=(),
        show_default=False,
        help="Value that replaces one of the file, as section.key=value; section.key= takes it "
        "out. May be repeated.",
    ),
]
OfRuns = Annotated[
    Overrides,
    Parameter(
        help="Value that replaces one of the runs, such as filament.surface_energy or heat.ambient."
    ),
]
Flag = Annotated[bool, Parameter(negative=())]


@app.command
def run(
    config: Path,
    /,
    *,
    out: Path | None = None,
    overrides: Overrides = (),
    checkpoint_every: str = "10 min",
) -> None:
    """Run the case of a TOML file and draw its figures.

    Parameters
    ----------
    config
        TOML file.
    out
        Run folder, which must not exist. Default: runs/ and name and time of the case.
    checkpoint_every
        Wall time between two checkpoints, which `mitmodels resume` goes on from.
    """
    from mitmodels.cases import api

    _say(f"run folder: {api.run(config, out, overrides, checkpoint_every).path}")


@app.command
def fit(
    config: Path,
    /,
    *,
    out: Path | None = None,
    jobs: int | None = None,
    overrides: Overrides = (),
) -> None:
    """Fit parameters of films to I-V curves and key figures, or of a cell to its resistances.

    Parameters
    ----------
    config
        TOML file of the case lsmo_fit or ecm_fit.
    out
        Run folder, which must not exist. Default: runs/ and name and time of the case.
    jobs
        Of a cell: how many SETs at a time. Default: what the file says, or 1.
    """
    from mitmodels.cases import api

    _say(f"run folder: {api.fit(config, out, overrides, jobs).path}")


@app.command
def resume(
    folder: Path,
    /,
    *,
    jobs: int | None = None,
    checkpoint_every: str = "10 min",
    slurm: Flag = False,
) -> None:
    """Go on with a run or a sweep that was interrupted, killed or failed.

    A run may go on with another number of ranks.

    Parameters
    ----------
    folder
        Run folder, or folder of a sweep.
    jobs
        Of a sweep: how many runs at a time. Default: 1, or what the cluster allows.
    checkpoint_every
        Wall time between two checkpoints of a run.
    slurm
        Of a sweep: run nothing, write and show a job array of what is left.
    """
    from mitmodels.cases import api
    from mitmodels.cases.sweeps import running
    from mitmodels.cases.sweeps.folder import is_sweep

    if slurm:
        _show_script(running.resubmission(folder, jobs, checkpoint_every))
    elif is_sweep(folder):
        finished = running.resume(folder, _locally(jobs), checkpoint_every)
        _say(f"sweep folder: {finished.path}")
    else:
        _say(f"run folder: {api.resume(folder, checkpoint_every).path}")


@app.command
def sweep(
    config: Path,
    /,
    *,
    out: Path | None = None,
    jobs: int | None = None,
    overrides: Overrides = (),
    checkpoint_every: str = "10 min",
    slurm: Flag = False,
) -> None:
    """Run all points of the [sweep] in a TOML file, or those that are left.

    Parameters
    ----------
    config
        TOML file.
    out
        Folder of the sweep: a new one, or an earlier one of the same file to go on with.
        Default: runs/ and name of the file and time.
    jobs
        How many runs at a time. Default: 1, or what the cluster allows.
    checkpoint_every
        Wall time between two checkpoints of a run.
    slurm
        Run nothing: make the folder, write and show a job array for sbatch.
    """
    from mitmodels.cases.sweeps import running

    if slurm:
        _show_script(running.submission(config, out, overrides, jobs, checkpoint_every))
        return
    folder = running.sweep(config, out, overrides, _locally(jobs), checkpoint_every)
    _say(f"sweep folder: {folder.path}")


@app.command
def status(folder: Path, /) -> None:
    """Say how far every point of a sweep is.

    Parameters
    ----------
    folder
        Folder of a sweep.
    """
    from mitmodels.cases.sweeps.folder import SweepFolder

    states = SweepFolder.open(folder).states()
    for point in states:
        _say(f"{point.name:40} {point.state:12} {point.reason}".rstrip())
    _say(", ".join(f"{n} {state}" for state, n in Counter(p.state for p in states).items()))


@app.command
def collect(folder: Path, /) -> None:
    """Write what a sweep found into one table, sweep.csv, and one dataset, sweep.nc.

    Parameters
    ----------
    folder
        Folder of a sweep.
    """
    from mitmodels.cases.sweeps import table

    for file in table.collect(folder):
        _say(str(file))


@app.command
def check(config: Path, /, *, overrides: Overrides = ()) -> None:
    """Check a TOML file: units, geometry, unknowns, memory. Solves nothing.

    Parameters
    ----------
    config
        TOML file.
    """
    from mitmodels.cases import api

    for name, text in api.check(config, overrides).items():
        _say(f"{name}: {text}")


@app.command
def mesh(config: Path, /, *, out: Path, overrides: Overrides = ()) -> None:
    """Write the mesh that a run would begin on, with the names of its regions and boundaries.

    Parameters
    ----------
    config
        TOML file.
    out
        Mesh to write, which must not exist: .msh, .vtu, .inp or another format of meshio.
    """
    from mitmodels.cases import meshing

    _say(f"wrote {meshing.write(config, out, overrides)}")


@app.command
def schema() -> None:
    """Print the JSON schema of the TOML files, for editors."""
    import json

    from mitmodels.cases import schema

    _say(json.dumps(schema.json_schema(), indent=1, ensure_ascii=False))


@app.command
def plot(folder: Path, /, *, fields: Flag = False, at: str | None = None) -> None:
    """Draw the figures of a run or a sweep, or the stored fields of a run.

    Parameters
    ----------
    folder
        Run folder, or folder of a sweep.
    fields
        Of a run: draw temperature and potential on the whole device, and a film of all that is
        stored.
    at
        With --fields: name of a state of a film, "nucleated", or a time of a cell, "1.67 s".
        Default: the last one.
    """
    from mitmodels.cases import api
    from mitmodels.cases.figures import field_maps
    from mitmodels.cases.sweeps import figures
    from mitmodels.cases.sweeps.folder import is_sweep
    from mitmodels.errors import InputError

    if at is not None and not fields:
        raise InputError("--at: names a state for --fields; give that too")
    if fields:
        files = field_maps.fields(folder, at)
    else:
        files = figures.draw(folder) if is_sweep(folder) else api.plot(folder)
    for file in files:
        _say(str(file))


@app.command
def cases() -> None:
    """List the cases that come with the project."""
    from mitmodels.cases import api

    for name, description in api.shipped().items():
        _say(f"{name:20} {description}")


@app.command
def new(name: str, file: Path, /) -> None:
    """Copy the TOML file of a case or a material to a new one to edit.

    Parameters
    ----------
    name
        One that `mitmodels cases` or `mitmodels materials` lists.
    file
        New TOML file.
    """
    from mitmodels.cases import api

    _say(f"wrote {api.new(name, file)}")


@app.command
def materials(*names: str) -> None:
    """Print laws, values, ranges of validity, status and sources of materials.

    Parameters
    ----------
    names
        Records or TOML files of one's own. Default: all records that come with the project.
    """
    from mitmodels.cases.config import materials

    for name in names or materials.names():
        _say("\n".join(materials.describe(name)))


@app.command
def fmr(folder: Path, /, *, out: Path | None = None, pad_weight: float = 0.0) -> None:
    """Predict the ferromagnetic resonance from the stored temperature fields of a film run.

    Parameters
    ----------
    folder
        Run folder with fields at several source voltages.
    out
        Folder for tables, findings and figures, which must not exist. Default: fmr/ in the run.
    pad_weight
        Share of the rf signal that film under the pads gives, 0 to 1.
    """
    from mitmodels.cases import analyses

    for file in analyses.fmr(folder, out, pad_weight):
        _say(str(file))


@app.command
def moke(folder: Path, /, *, out: Path | None = None, spot: str = "5 um") -> None:
    """Draw the magnetic maps of a film run as a scanning Kerr microscope sees them.

    Parameters
    ----------
    folder
        Run folder with fields at several source voltages.
    out
        Folder for table and figures, which must not exist. Default: moke/ in the run.
    spot
        Full width at half maximum of the laser's intensity; "0 um" for the map itself.
    """
    from mitmodels.cases import analyses

    for file in analyses.moke(folder, out, spot):
        _say(str(file))


@app.command
def mechanisms(barrier: Path, filament: Path, voltage: Path, /, *, out: Path) -> None:
    """Draw a barrier across the current and a filament along it side by side.

    Parameters
    ----------
    barrier
        Run folder of a film that turns into an insulator, under voltage.
    filament
        Run folder in time of a film that turns into a metal, under current.
    voltage
        Run folder of the same film, under voltage.
    out
        Picture to write, which must not exist.
    """
    from mitmodels.cases import analyses

    _say(str(analyses.mechanisms(barrier, filament, voltage, out)))


@app.command
def compare(*folders: Path, out: Path) -> None:
    """Draw the I-V curves of several steady film runs into one figure.

    Parameters
    ----------
    folders
        Run folders of lsmo_iv, two to five.
    out
        Picture to write, which must not exist.
    """
    from mitmodels.cases import analyses

    _say(str(analyses.compare(folders, out)))


@app.command
def qpc(source: Path, /, *, out: Path | None = None) -> None:
    """Read a filament's gap and tip radius against time as a quantum point contact.

    Parameters
    ----------
    source
        Run folder of a filament, or a CSV file with the columns t [s], gap [m], tip_radius [m].
    out
        CSV file to write, which must not exist. Default: qpc.csv beside the input.
    """
    from mitmodels.cases import analyses

    _say(analyses.qpc(source, out))


@app.command
def relax(source: Path, /, *, out: Path | None = None, overrides: OfRuns = ()) -> None:
    """Let the filament of a SET relax at zero bias, by its surface energy.

    Parameters
    ----------
    source
        Run folder of a metallization cell, or folder of a compliance study.
    out
        Folder for tables and figures, which must not exist. Default: relaxation/ in the source.
    """
    from mitmodels.cases import analyses

    for file in analyses.relax(source, out, overrides):
        _say(str(file))


def main() -> None:
    """Run the command line; exit with 2 for bad input and 1 for a run that failed."""
    try:
        app(sys.argv[1:])
    except (Exception, KeyboardInterrupt) as error:
        sys.exit(_report(error))


def _report(error: BaseException) -> int:
    from mpi4py import MPI

    from mitmodels.cases.console.journal import leave
    from mitmodels.errors import InputError

    if isinstance(error, CycloptsError):
        error = InputError(f"{str(error).rstrip('.')}; see mitmodels --help")
    return leave(MPI.COMM_WORLD, error)


def _locally(jobs: int | None) -> int:
    return 1 if jobs is None else jobs


def _show_script(path: Path) -> None:
    """Print a batch script, and how it is submitted."""
    _say(path.read_text(encoding="utf-8"))
    _say(f"to submit it: sbatch {path}")


def _say(line: str) -> None:
    """Print on rank 0."""
    from mpi4py import MPI

    if MPI.COMM_WORLD.rank == 0:
        try:
            print(line, flush=True)
        except BrokenPipeError:  # who read it has seen enough, as `head` has
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
