"""The commands of the project as functions."""

import logging
from collections.abc import Mapping
from pathlib import Path

from mpi4py import MPI

from mitmodels.cases.config.document import read, resolved
from mitmodels.cases.config.messages import as_lines, shown
from mitmodels.cases.config.plausibility import unusual
from mitmodels.cases.config.section import CaseConfig
from mitmodels.cases.console.journal import ending, journal
from mitmodels.cases.console.options import Flag, Input, Overrides, new_path, seconds
from mitmodels.cases.figures.look import Column, Format, Look, looking
from mitmodels.cases.registry import CASES, Case, case_of, find_case, plot_run, plot_sweep
from mitmodels.cases.runs.citations import run_texts
from mitmodels.cases.sweeps.folder import SweepFolder, is_sweep
from mitmodels.cases.sweeps.slurm import Script
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import check_new, check_new_file
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root
from mitmodels.solvers.runs.reading import Run, load

_LOG = logging.getLogger(__name__)


def run(
    config: Input,
    /,
    out: Path | str | None = None,
    *,
    overrides: Overrides = (),
    checkpoint_every: str = "10 min",
) -> Run:
    """Run the case of a TOML file and draw its figures.

    All ranks take part.

    Parameters
    ----------
    config
        TOML file, or the name of a shipped case. In Python also the content of such a file as a
        mapping, with ``base = "lsmo_iv"`` for all that a shipped case says.
    out
        Run folder, which must not exist. Default: runs/ and name and time of the case.
    overrides
        section.key=value to replace one of the file; section.key= takes it out. May be repeated.
    checkpoint_every
        Wall time between two checkpoints, which `mitmodels resume` goes on from.

    Returns
    -------
    Run
        What is on disk at the end.

    Raises
    ------
    InputError
        If the input cannot be used; nothing is written then.
    RunError
        If the run cannot go on.
    """
    comm = MPI.COMM_WORLD
    with journal(comm) as write_to:
        interval = seconds(checkpoint_every)
        case, document = case_of(on_root(comm, lambda: read(config, overrides)))
        path = on_root(comm, lambda: check_new(new_path(out, document.data["case"])))
        settings, prepared = case.prepared(document, comm)
        text, kept = document.packed("input")
        texts = run_texts(text, resolved(settings, kept))
        folder = RunFolder.create(comm, path, texts, overrides, interval, kept)
        with folder.alone():
            write_to(folder)
            _work(case, settings, prepared, folder)
    return load(folder.path)


def fit(
    config: Input,
    /,
    out: Path | str | None = None,
    *,
    jobs: int | None = None,
    posterior: Flag = False,
    overrides: Overrides = (),
) -> Run:
    """Fit parameters of films to I-V curves and key figures, or of a cell to resistances.

    Parameters
    ----------
    config
        TOML file of the case lsmo_fit or ecm_fit, or the name of a shipped one.
    out
        Run folder, which must not exist. Default: runs/ and name and time of the case.
    jobs
        Of a cell: how many SETs at a time. Default: what the file says, or 1.
    posterior
        Say after the fit how sure the parameters are, and what they predict, as bands; as
        [posterior] in the file does.
    overrides
        section.key=value to replace one of the file; section.key= takes it out. May be repeated.

    Returns
    -------
    Run
        What is on disk at the end.

    Raises
    ------
    InputError
        If it is not a fit or cannot be used; nothing is written then.
    RunError
        If the fit cannot begin.
    """
    case, document = case_of(on_root(MPI.COMM_WORLD, lambda: read(config, overrides)))
    if not case.is_fit:
        fits = (shown(name) for name in CASES if find_case(name, "case").is_fit)
        given = f"give a fit, with case = {' or '.join(fits)}"
        raise InputError(f"{document.path}: is the case {shown(document.data['case'])}: {given}")
    if jobs is not None and "jobs" not in case.config.model_fields:
        raise InputError(f"--jobs {jobs}: this fit runs on ranks: give it to mpirun")
    number = () if jobs is None else (f"jobs={jobs}",)
    bands = ("posterior={}",) if posterior and "posterior" not in document.data else ()
    return run(config, out, overrides=(*overrides, *number, *bands))


def resume(
    folder: Path | str,
    /,
    *,
    jobs: int | None = None,
    checkpoint_every: str = "10 min",
    slurm: Flag = False,
) -> Run | SweepFolder | Script:
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

    Returns
    -------
    Run or SweepFolder or Script
        What is on disk at the end, or the script of the job array.

    Raises
    ------
    InputError
        If it is not such a folder, the run is complete or still going on, or its input was changed.
    RunError
        If the run cannot go on, or a point of the sweep failed.
    """
    if slurm or is_sweep(folder):
        from mitmodels.cases.sweeps import running  # only here: it loads pandas

        return running.resume(folder, jobs=jobs, checkpoint_every=checkpoint_every, slurm=slurm)
    comm = MPI.COMM_WORLD
    with journal(comm) as write_to:
        earlier = on_root(comm, lambda: load(folder))
        again = RunFolder(earlier.path, comm, seconds(checkpoint_every))
        with again.alone():
            if on_root(comm, lambda: earlier.status) == "completed":
                raise InputError(f"{folder}: is complete; there is nothing to resume")
            on_root(comm, earlier.check_unchanged)
            # In SI and with the values of the files it names, which may be gone.
            file = earlier.path / "config.resolved.toml"
            case, document = case_of(on_root(comm, lambda: read(file)))
            settings, prepared = case.prepared(document, comm)
            again.reopen()
            write_to(again)
            _work(case, settings, prepared, again)
    return earlier


def check(config: Input, /, *, overrides: Overrides = ()) -> Mapping[str, str]:
    """Check a TOML file: units, geometry, unknowns, memory. Solves nothing.

    Parameters
    ----------
    config
        TOML file, or the name of a shipped case. In Python also the content of such a file.
    overrides
        section.key=value to replace one of the file; section.key= takes it out. May be repeated.

    Returns
    -------
    Mapping of str to str
        What a user wants to know before the run: geometry, unknowns, memory, and what bases and
        records of materials give. Of a sweep it is that of the first point; all are validated.

    Raises
    ------
    InputError
        If the input cannot be used.
    """
    comm = MPI.COMM_WORLD
    with journal(comm):
        document = on_root(comm, lambda: read(config, overrides))
        points: dict[str, str] = {}
        if "sweep" in document.data:
            from mitmodels.cases.sweeps import running  # only here: it loads pandas

            document, points = running.first_point(document)
        case, document = case_of(document)
        settings, prepared = case.prepared(document, comm)
        said = dict(case.check(prepared))
        warned = [*filter(None, [said.pop("warning", "")]), *unusual(settings)]
        return points | said | document.inherited(settings) | as_lines(warned)


def mesh(config: Input, /, out: Path | str, *, overrides: Overrides = ()) -> Path:
    """Write the mesh that a run begins on, with the names of its regions and boundaries.

    Parameters
    ----------
    config
        TOML file, or the name of a shipped case. In Python also the content of such a file.
    out
        Mesh to write, which must not exist: .msh, .vtu, .inp or another format of meshio.
    overrides
        section.key=value to replace one of the file; section.key= takes it out. May be repeated.

    Returns
    -------
    Path
        The mesh.

    Raises
    ------
    InputError
        If the input cannot be used, the case has no mesh, or the file cannot be written.
    """
    from mitmodels.meshes.mesh_arrays import pack_device  # only here: they load DOLFINx
    from mitmodels.meshes.mesh_file import write_mesh

    comm, path = MPI.COMM_WORLD, Path(out)
    with journal(comm):
        on_root(comm, lambda: check_new_file(path))
        case, document = case_of(on_root(comm, lambda: read(config, overrides)))
        prepared = case.prepared(document, comm)[1]
        if case.mesh is None:
            raise InputError(f"{document.path}: case {document.data['case']} has no mesh")
        device = case.mesh(prepared, comm)
        arrays = pack_device(device, device.mesh.geometry.x)
        on_root(comm, lambda: write_mesh(path, arrays))
    return path


def plot(
    folder: Path | str,
    /,
    *,
    fields: Flag = False,
    at: str | None = None,
    format: Format = "png",
    column: Column | None = None,
) -> list[Path]:
    """Draw the figures of a run or a sweep, or the stored fields of a run.

    Parameters
    ----------
    folder
        Run folder, or folder of a sweep.
    fields
        Of a run: draw temperature and potential on the whole device, and an animation of all that
        is stored.
    at
        With --fields: name of a state of a film, "nucleated", or a time of a cell, "1.67 s".
        Default: the last one.
    format
        Of the figures; animations are GIF.
    column
        Columns of a journal that each figure is as wide as, 86 or 178 mm, its letters of 7 and
        8 pt. Default: a width of its own.

    Returns
    -------
    list of Path
        The files, in the folder's ``figures``.

    Raises
    ------
    InputError
        If the folder is not one of a known case.
    RunError
        If the figures cannot be written.
    """
    if at is not None and not fields:
        raise InputError("--at: names a state for --fields: give that too")
    with looking(Look(format, column)):
        if fields:
            from mitmodels.cases.figures import field_maps  # only here: it loads VTK

            return field_maps.fields(folder, at)
        if is_sweep(folder):
            return plot_sweep(SweepFolder.open(Path(folder)))
        return plot_run(load(folder))


def _work[C: CaseConfig, P](case: Case[C, P], settings: C, prepared: P, folder: RunFolder) -> None:
    """Let a case compute what its folder does not have yet."""
    from mitmodels.cases.console.progress import Progress  # only here: it loads rich

    with ending(folder):
        case.run(prepared, folder, Progress(folder.comm))
        if settings.output.figures:
            on_root(folder.comm, lambda: _draw(folder.path))


def _draw(path: Path) -> None:
    """Draw a run that is computed: no figure makes it a failed one."""
    try:
        plot_run(load(path))
    except Exception as error:
        _LOG.warning("%s: not all figures are drawn (%s): mitmodels plot %s", path, error, path)
        _LOG.debug("how the figures failed", exc_info=True)
