"""The commands of the project as functions."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from mpi4py import MPI

from pydantic import BaseModel, TypeAdapter, ValidationError

from mitmodels.cases.config import shipped as folders
from mitmodels.cases.config.dimensions import Duration
from mitmodels.cases.config.document import Document, read, resolved
from mitmodels.cases.config.messages import known, shown
from mitmodels.cases.console.journal import ending, journal
from mitmodels.cases.console.progress import Progress
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import writing
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root
from mitmodels.solvers.runs.reading import Run, load


@dataclass(frozen=True)
class Case:
    """Where the code of a case is.

    Attributes
    ----------
    module : str
        Has ``Config`` (a model with ``case`` and ``output``), ``prepare(config, comm)`` (geometry
        and every check that needs it; writes nothing), ``run(prepared, folder, progress)``,
        ``check(prepared)``, which returns what a user wants to know as ``{name: text}``, and, if
        it has a mesh, ``mesh(prepared, comm)``, which returns the ``Device`` that a run begins on.
    figures : str
        Has ``plot(run)``, which returns the files it wrote; imports no DOLFINx.
    family : str or None
        Has ``plot(folder)``, which draws the completed points of a sweep and returns the files it
        wrote; imports no DOLFINx.
    """

    module: str
    figures: str
    family: str | None = None


CASES = {
    "ecm_fit": Case("mitmodels.cases.fitting.cell", "mitmodels.cases.fitting.cell_figures"),
    "ecm_set": Case(
        "mitmodels.cases.cell.growth",
        "mitmodels.cases.cell.figures.growth",
        "mitmodels.cases.cell.figures.sweep",
    ),
    "lsmo_barrier": Case(
        "mitmodels.cases.film.analytic_barrier", "mitmodels.cases.film.figures.analytic_barrier"
    ),
    "lsmo_fit": Case("mitmodels.cases.fitting.film", "mitmodels.cases.fitting.film_figures"),
    "lsmo_iv": Case(
        "mitmodels.cases.film.steady",
        "mitmodels.cases.film.figures.steady",
        "mitmodels.cases.film.figures.family",
    ),
    "lsmo_network": Case("mitmodels.cases.network.network", "mitmodels.cases.network.figures"),
    "lsmo_transient": Case(
        "mitmodels.cases.film.transient", "mitmodels.cases.film.figures.transient"
    ),
    "qpc_loop": Case(
        "mitmodels.cases.point_contact.loop", "mitmodels.cases.point_contact.loop_figures"
    ),
}

_FITS = ("lsmo_fit", "ecm_fit")


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
        module, settings = _settings(document)
        path = on_root(comm, lambda: _new_folder(out, document))
        prepared = _prepare(document, settings, module)
        texts = document.reproduction(), resolved(settings)
        folder = RunFolder.create(comm, path, *texts, overrides, interval)
        with folder.alone():
            write_to(folder)
            _work(module, settings, prepared, folder)
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
    case = on_root(MPI.COMM_WORLD, lambda: read(config, overrides)).data.get("case")
    if case not in _FITS:
        given = " or ".join(f'"{name}"' for name in _FITS)
        raise InputError(f"{config}: is the case {shown(case)}: give a fit, with case = {given}")
    if jobs is None:
        return run(config, out, overrides)
    if case != "ecm_fit":
        raise InputError(f"--jobs {jobs}: a fit of films runs on ranks: give it to mpirun")
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
            module, settings = _settings(document)
            prepared = _prepare(document, settings, module)
            folder.reopen()
            write_to(folder)
            _work(module, settings, prepared, folder)
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
        module, _, prepared = prepare(document)
        report: Mapping[str, str] = module.check(prepared)
    return report


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
    case = known(finished.config.get("case"), CASES, f"{folder}: case")
    module = importlib.import_module(CASES[case].figures)
    with writing(finished.path / "figures"):
        files: list[Path] = module.plot(finished)
    return files


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


def examine(document: Document) -> BaseModel:
    """Check a document and all that follows from it; return its configuration in SI.

    Raises
    ------
    InputError
        If the input cannot be used.
    """
    return prepare(document)[1]


def prepare(document: Document) -> tuple[Any, Any, Any]:
    """Check a document and all that follows from it.

    Returns
    -------
    tuple
        Module of the case, configuration in SI, and what the case prepared from it.

    Raises
    ------
    InputError
        If the input cannot be used.
    """
    module, settings = _settings(document)
    return module, settings, _prepare(document, settings, module)


def configuration(case: str) -> type[BaseModel]:
    """Return the model of the TOML files of a case."""
    model: type[BaseModel] = importlib.import_module(CASES[case].module).Config
    return model


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


def _work(module: Any, settings: Any, prepared: Any, folder: RunFolder) -> None:
    """Let a case compute what its folder does not have yet."""
    with ending(folder):
        module.run(prepared, folder, Progress(folder.comm))
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


def _settings(document: Document) -> tuple[Any, Any]:
    """Return module and checked configuration of the case that a file names."""
    case = known(document.data.get("case"), CASES, f"{document.path}: case")
    if "sweep" in document.data:
        raise InputError(f"{document.path}: has a [sweep]: give it to `mitmodels sweep`")
    module = importlib.import_module(CASES[case].module)
    return module, document.validate(module.Config)


def _prepare(document: Document, settings: Any, module: Any) -> Any:
    """Let the case build what it needs; what its mesh refuses is a fault of the file."""
    try:
        return module.prepare(settings, MPI.COMM_WORLD)
    except InputError as error:
        raise document.fault(str(error)) from None


def _new_folder(out: Path | str | None, document: Document) -> Path:
    """Return the run folder, making sure, before anything is computed, that it is none yet."""
    now = datetime.now().astimezone().strftime("%Y%m%dT%H%M%S")
    path = Path("runs") / f"{document.data['case']}-{now}" if out is None else Path(out)
    if path.exists():
        raise InputError(f"{path}: exists already; name another folder with --out")
    return path
