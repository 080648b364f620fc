"""The commands of the project as functions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from mpi4py import MPI

from pydantic import TypeAdapter, ValidationError

from mitmodels.cases.config import shipped as folders
from mitmodels.cases.config.dimensions import Duration
from mitmodels.cases.config.document import Document, read, resolved
from mitmodels.cases.config.messages import known, shown
from mitmodels.cases.config.section import CaseConfig
from mitmodels.cases.console.journal import ending, journal
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.registry import CASES, Case, case_of, find_case
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import writing
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root
from mitmodels.solvers.runs.reading import Run, load


def run(
    config: Path | str,
    out: Path | str | None = None,
    overrides: Sequence[str] = (),
    checkpoint_every: str = "10 min",
) -> Run:
    """Run the case of a TOML file on all ranks and draw its figures.

    Parameters
    ----------
    config
        The TOML file.
    out
        Run folder, which must not exist; by default ``runs/`` and name and time of the case.
    overrides
        ``section.key=value`` items that replace values of the file.
    checkpoint_every
        Wall time between two checkpoints, with its unit.

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
        document = on_root(comm, lambda: read(config, overrides))
        case = case_of(document)
        path = on_root(comm, lambda: _new_folder(out, document))
        settings, prepared = case.prepared(document, comm)
        texts = document.reproduction(), resolved(settings)
        folder = RunFolder.create(comm, path, *texts, overrides, interval)
        with folder.alone():
            write_to(folder)
            _work(case, settings, prepared, folder)
    return load(folder.path)


def fit(
    config: Path | str,
    out: Path | str | None = None,
    overrides: Sequence[str] = (),
    jobs: int | None = None,
) -> Run:
    """Run a TOML file that is a fit; see `run`.

    ``jobs`` is how many SETs of a cell may run at a time, in place of what the file says.

    Raises
    ------
    InputError
        If it is none or cannot be used; nothing is written then.
    RunError
        If the fit cannot begin.
    """
    document = on_root(MPI.COMM_WORLD, lambda: read(config, overrides))
    case = case_of(document)
    if not case.is_fit:
        fits = (shown(name) for name in CASES if find_case(name, "case").is_fit)
        given = f"give a fit, with case = {' or '.join(fits)}"
        raise InputError(f"{config}: is the case {shown(document.data['case'])}: {given}")
    if jobs is None:
        return run(config, out, overrides)
    if "jobs" not in case.config.model_fields:
        raise InputError(f"--jobs {jobs}: this fit runs on ranks: give it to mpirun")
    return run(config, out, (*overrides, f"jobs={jobs}"))


def resume(path: Path | str, checkpoint_every: str = "10 min") -> Run:
    """Go on with a run that was interrupted, killed or failed, on any number of ranks.

    Parameters
    ----------
    path
        Its run folder.
    checkpoint_every
        Wall time between two checkpoints, with its unit.

    Returns
    -------
    Run
        What is on disk at the end.

    Raises
    ------
    InputError
        If the folder is no run folder, the run is complete or still going on, or its input was
        changed.
    RunError
        If the run cannot go on.
    """
    comm = MPI.COMM_WORLD
    with journal(comm) as write_to:
        earlier = on_root(comm, lambda: load(path))
        folder = RunFolder(earlier.path, comm, seconds(checkpoint_every))
        with folder.alone():
            record = on_root(comm, lambda: earlier.record)
            if record["status"] == "completed":
                raise InputError(f"{path}: is complete; there is nothing to resume")
            on_root(comm, lambda: _check_unchanged(earlier.path, record["sha256"]))
            # In SI and with the values of the files it names, which may be gone.
            document = on_root(comm, lambda: read(earlier.path / "config.resolved.toml"))
            case = case_of(document)
            settings, prepared = case.prepared(document, comm)
            folder.reopen()
            write_to(folder)
            _work(case, settings, prepared, folder)
    return earlier


def check(config: Path | str, overrides: Sequence[str] = ()) -> Mapping[str, str]:
    """Check a TOML file and what follows from it, and solve nothing.

    Parameters
    ----------
    config
        The TOML file.
    overrides
        ``section.key=value`` items that replace values of the file.

    Returns
    -------
    Mapping of str to str
        What a user wants to know before the run: geometry, unknowns, memory.

    Raises
    ------
    InputError
        If the input cannot be used.
    """
    comm = MPI.COMM_WORLD
    with journal(comm):
        document = on_root(comm, lambda: read(config, overrides))
        case = case_of(document)
        return case.check(case.prepared(document, comm)[1])


def plot(folder: Path | str) -> list[Path]:
    """Draw the figures of a run from its folder, on one rank.

    Returns
    -------
    list of Path
        The files, in the folder's ``figures``.

    Raises
    ------
    InputError
        If the folder is no run folder of a known case.
    RunError
        If the figures cannot be written.
    """
    finished = load(folder)
    case = find_case(finished.config.get("case"), f"{folder}: case")
    with writing(finished.path / "figures"):
        return case.plot(finished)


def shipped() -> dict[str, str]:
    """Return name and first comment line of every TOML file that comes with the project."""
    return {
        file.stem: file.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        for file in sorted(folders.CASES.glob("*.toml"))
    }


def new(name: str, path: Path | str) -> Path:
    """Copy a shipped TOML file, of a case or of a material, to a new one.

    Parameters
    ----------
    name
        One of those that ``shipped`` lists, or of `mitmodels.cases.config.materials.names`.
    path
        File that must not exist.

    Raises
    ------
    InputError
        If there is no such file, or the new one exists or cannot be written.
    """
    target = Path(path)
    sources = {
        file.stem: file
        for folder in (folders.MATERIALS, folders.CASES)
        for file in folder.glob("*.toml")
    }
    source = sources[known(name, sources, "case or material")]
    try:
        with target.open("xb") as file:
            file.write(source.read_bytes())
    except FileExistsError:
        raise InputError(f"{target}: exists already; name another file") from None
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror}); name another") from None
    return target


def seconds(duration: str) -> float:
    """Return the wall time between two checkpoints [s] from its text.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        return float(TypeAdapter(Duration).validate_python(duration))
    except ValidationError as error:
        fault = error.errors()[0]["msg"]
        raise InputError(f'--checkpoint-every "{duration}" {fault}') from None


def _work[C: CaseConfig, P](case: Case[C, P], settings: C, prepared: P, folder: RunFolder) -> None:
    """Let a case compute what its folder does not have yet."""
    with ending(folder):
        case.run(prepared, folder, Progress(folder.comm))
        if settings.output.figures:
            on_root(folder.comm, lambda: plot(folder.path))


def _check_unchanged(path: Path, hashes: Mapping[str, str]) -> None:
    """Refuse to go on with other values than those a run began with."""
    for name, expected in hashes.items():
        file = path / name
        if not file.is_file() or sha256(file.read_bytes()).hexdigest() != expected:
            raise InputError(
                f"{file}: is not what the run began with; restore it or begin a new run"
            )


def _new_folder(out: Path | str | None, document: Document) -> Path:
    """Return the run folder, making sure, before anything is computed, that it is none yet."""
    now = datetime.now().astimezone().strftime("%Y%m%dT%H%M%S")
    path = Path("runs") / f"{document.data['case']}-{now}" if out is None else Path(out)
    if path.exists():
        raise InputError(f"{path}: exists already; name another folder with --out")
    return path
