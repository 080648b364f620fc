"""Table of the cases: from the name in a TOML file to the code that computes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from mitmodels.cases.config.messages import known
from mitmodels.cases.config.section import CaseConfig
from mitmodels.cases.config.toml_file import read_toml
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.runs.files import writing

if TYPE_CHECKING:
    from mpi4py import MPI

    from mitmodels.cases.config.document import Document
    from mitmodels.cases.console.progress import Progress
    from mitmodels.cases.sweeps.folder import SweepFolder
    from mitmodels.meshes.device import Device
    from mitmodels.solvers.runs.folder import RunFolder
    from mitmodels.solvers.runs.reading import Run


@dataclass(frozen=True)
class Case[C: CaseConfig, P]:
    """What a case does with its TOML file.

    Attributes
    ----------
    config : type
        Model of the TOML file, with the case's names as ``Literal`` in ``case``.
    prepare : callable
        Builds the geometry and makes every check that needs it; solves and writes nothing.
    check : callable
        Says what a user wants to know before the run, as ``{name: text}``.
    run : callable
        Computes what the run folder does not have yet. Collective.
    mesh : callable or None
        Returns the mesh that a run begins on.
    is_fit : bool
        Whether it adjusts parameters of another case to measured data.
    """

    config: type[C]
    prepare: Callable[[C, MPI.Comm], P]
    check: Callable[[P], Mapping[str, str]]
    run: Callable[[P, RunFolder, Progress], None]
    mesh: Callable[[P, MPI.Comm], Device] | None = None
    is_fit: bool = False

    def prepared(self, document: Document, comm: MPI.Comm) -> tuple[C, P]:
        """Check a document and all that follows from it.

        Returns
        -------
        tuple
            Its configuration in SI, and what the case prepared from it.

        Raises
        ------
        InputError
            If the input cannot be used; what the mesh refuses is a fault of the file.
        """
        config = document.validate(self.config)
        try:
            return config, self.prepare(config, comm)
        except InputError as error:
            raise document.fault(str(error)) from None


# Imported when they are asked for: most need DOLFINx.
CASES = {
    "cell": "mitmodels.cases.cell.growth:CASE",
    "chip_iv": "mitmodels.cases.chip.steady:CASE",
    "chip_transient": "mitmodels.cases.chip.transient:CASE",
    "ecm_fit": "mitmodels.cases.fitting.cell:CASE",
    "film_iv": "mitmodels.cases.film.steady:CASE",
    "film_transient": "mitmodels.cases.film.transient:CASE",
    "lsmo_barrier": "mitmodels.cases.film.analytic_barrier:CASE",
    "lsmo_fit": "mitmodels.cases.fitting.film:CASE",
    "lsmo_network": "mitmodels.cases.network.network:CASE",
    "qpc_loop": "mitmodels.cases.point_contact.loop:CASE",
}
# Names from when a case was known by its first paper.
CASES |= {
    "ecm_set": CASES["cell"],
    "lsmo_iv": CASES["film_iv"],
    "lsmo_transient": CASES["film_transient"],
}


# Models of TOML files that are at hand without DOLFINx: a mistake is told before that is loaded.
_CONFIGS = {
    CASES["cell"]: "mitmodels.cases.cell.sections:Config",
    CASES["chip_iv"]: "mitmodels.cases.chip.config:SteadyChipConfig",
    CASES["chip_transient"]: "mitmodels.cases.chip.config:TransientChipConfig",
    CASES["ecm_fit"]: "mitmodels.cases.fitting.cell_config:Config",
    CASES["film_iv"]: "mitmodels.cases.film.config:SteadyConfig",
    CASES["film_transient"]: "mitmodels.cases.film.config:TransientConfig",
    CASES["lsmo_fit"]: "mitmodels.cases.fitting.film_config:Config",
}


# What draws a run from its folder on one rank and returns the files: it needs no DOLFINx.
PLOTS = {
    CASES["cell"]: "mitmodels.cases.cell.figures.growth:plot",
    CASES["chip_iv"]: "mitmodels.cases.chip.figures.steady:plot",
    CASES["chip_transient"]: "mitmodels.cases.chip.figures.transient:plot",
    CASES["ecm_fit"]: "mitmodels.cases.fitting.figures:plot_cell",
    CASES["film_iv"]: "mitmodels.cases.film.figures.steady:plot",
    CASES["film_transient"]: "mitmodels.cases.film.figures.transient:plot",
    CASES["lsmo_barrier"]: "mitmodels.cases.film.figures.analytic_barrier:plot",
    CASES["lsmo_fit"]: "mitmodels.cases.fitting.figures:plot_film",
    CASES["lsmo_network"]: "mitmodels.cases.network.figures:plot",
    CASES["qpc_loop"]: "mitmodels.cases.point_contact.loop_figures:plot",
}

# Likewise the completed points of a sweep, of the cases that have such figures.
SWEEP_PLOTS = {
    CASES["cell"]: "mitmodels.cases.cell.figures.sweep:plot",
    CASES["chip_iv"]: "mitmodels.cases.chip.figures.steady:plot_sweep",
    CASES["film_iv"]: "mitmodels.cases.film.figures.family:plot",
    CASES["film_transient"]: "mitmodels.cases.film.figures.oscillation:plot_map",
}
_SAMPLED = "mitmodels.cases.sweeps.sampling_figures:plot"  # of any case


def _place(name: object, subject: str) -> str:
    """Return where the case of a name is; the sentence of an error begins with the subject."""
    return CASES[known(name, CASES, subject)]


def find_case(name: object, subject: str) -> Case[CaseConfig, object]:
    """Return the case of a name.

    Raises
    ------
    InputError
        If there is none; the sentence begins with the subject.
    """
    place = _place(name, subject)
    import mitmodels.meshes.runtime  # noqa: F401  # before DOLFINx, which a case may begin with

    found: Case[CaseConfig, object] = resolve_name(place)
    return found


def case_of(document: Document) -> tuple[Case[CaseConfig, object], Document]:
    """Return the case that a document names, and the document as that case reads it.

    Raises
    ------
    InputError
        If it names none, or is a sweep, which has many.
    """
    name, subject = document.data.get("case"), f"{document.path}: case"
    if "sweep" in document.data:
        raise InputError(f"{document.path}: has a [sweep]: give it to `mitmodels sweep`")
    if light := _CONFIGS.get(_place(name, subject)):
        model: type[CaseConfig] = resolve_name(light)
        document.validate(model)
    found = find_case(name, subject)
    return found, document.of_kinds(found.config)


def examine(document: Document, comm: MPI.Comm) -> CaseConfig:
    """Check a document and all that follows from it; return its configuration in SI.

    Raises
    ------
    InputError
        If the input cannot be used.
    """
    case, document = case_of(document)
    return case.prepared(document, comm)[0]


def plot_run(run: Run) -> list[Path]:
    """Draw the figures of a run on one rank, and return the files.

    Raises
    ------
    InputError
        If the case is not known.
    RunError
        If the figures cannot be written.
    """
    plot = resolve_name(PLOTS[_place(run.config.get("case"), f"{run.path}: case")])
    run.check_intact()
    # With that, what fails is a defect of the program; of a run that did not end it may be a file.
    complete = "iv.csv" in run.record.get("sha256", {})
    guarded = nullcontext() if complete else drawing(run.path, "iv.csv or events.csv")
    with writing(run.path / "figures"), guarded:
        files: list[Path] = plot(run)
    return files


@contextmanager
def drawing(folder: Path, files: str) -> Iterator[None]:
    """Say in one sentence that files cannot be drawn, such as a table that lost a column."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise RunError(
            f"{folder}: what it holds cannot be drawn ({reason}): {files} is damaged or of another "
            "version of the program"
        ) from error


def load_run(folder: Path | str, case: str) -> Run:
    """Open a run folder of a case.

    Raises
    ------
    InputError
        If it is not one.
    """
    from mitmodels.solvers.runs.reading import load

    run = load(folder)
    if not is_case(run.config, case):
        raise InputError(f"{run.path}: is a run of {run.config['case']}: give one of {case}")
    return run


def plot_sweep(folder: SweepFolder) -> list[Path]:
    """Draw the completed points of a sweep, at least two, if its case knows how.

    Returns
    -------
    list of Path
        The files, in ``figures``; none if the case has no such figures or none of this sweep.
    """
    input_file = folder.input(folder.names[0])
    case = read_toml(input_file)[1].get("case")
    completed = sum(state.state == "completed" for state in folder.states())
    plot = SWEEP_PLOTS.get(_place(case, f"{input_file}: case"))
    if "sample" in folder.record:
        plot = _SAMPLED
    if plot is None or completed < 2:
        return []
    with drawing(folder.path, "sweep.json"):
        files: list[Path] = resolve_name(plot)(folder)
    return files


def is_case(config: Mapping[str, Any], name: str) -> bool:
    """Whether a parsed TOML file is of a case, by whichever of its names."""
    return CASES.get(config["case"]) == CASES[name]
