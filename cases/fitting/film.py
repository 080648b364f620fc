"""Fit of a film's parameters to measured I-V curves and key figures of one or more experiments.

Every evaluation traces the branch of each experiment once. What the parameters are after the fit,
how sure they are and which of them the data cannot tell apart is in ``fit.json``.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from mitmodels.cases.config.document import resolved
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.fitting.film_config import Config, Prepared, prepare
from mitmodels.cases.fitting.film_model import Solution, Trial, evaluate
from mitmodels.cases.fitting.report import fitted
from mitmodels.cases.fitting.search import MOST_STEPS, Accuracy, Evaluation, Model
from mitmodels.cases.registry import Case
from mitmodels.errors import RunError
from mitmodels.solvers.runs.files import Value, replace
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root
from mitmodels.solvers.runs.reading import Run

# The branches are smooth enough for smaller steps, and bend over larger ones.
_ACCURACY = Accuracy(2e-3, {"ftol": 1e-3, "xtol": 1e-4, "gtol": 1e-3})
CURVES = {
    "experiment": "",
    "V": "V",
    "I": "A",
    "distance_start": "",
    "distance_fit": "",
}
PATHS = {"experiment": "", "parameters": "", "sweep": "", "V": "V", "I": "A"}
FOUND = {
    "experiment": "",
    "quantity": "",
    "unit": "",
    "measured": "",
    "error": "",
    "start": "",
    "fit": "",
}


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be fitted."""
    parameters, films = prepared.config.parameter, prepared.films
    curves = (experiment.curve for experiment in prepared.config.experiment)
    points = sum(len(curve.voltages) for curve in curves if curve)
    figures = sum(len(experiment.figures) for experiment in prepared.config.experiment)
    varied = [parameter.key for parameter in parameters if parameter.vary]
    kept = [parameter.key for parameter in parameters if not parameter.vary]
    return {
        "data": f"{points} points of curves and {figures} key figures of {len(films)} experiments",
        "fitted": ", ".join(varied),
        "kept": ", ".join(kept) or "nothing",
        "nodes": ", ".join(str(film.device.nodes) for film in films),
    }


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Fit, and write parameters, curves and the fitted cases into the run folder.

    Raises
    ------
    RunError
        If the branch of an experiment cannot be followed with the start values.
    """
    units = {interval.key: interval.unit for interval in prepared.intervals}
    table = folder.table("evaluations", {**units, "chi_square": "", "fault": ""})
    pairs = zip(prepared.config.experiment, prepared.films, strict=True)
    trials = tuple(Trial(experiment, film) for experiment, film in pairs)
    with progress.stage("fit", total=MOST_STEPS) as stage:
        solve = partial(evaluate, trials, folder.comm)
        model = Model(prepared.intervals, solve, table, stage, _ACCURACY)
        _check_start(model, trials)
        report = fitted(model)
        report.write(folder)
    on_root(folder.comm, lambda: _write_cases(folder, trials, report.values))
    _write_tables(trials, model.look(model.start), model.look(report.best), folder)


def _check_start(model: Model, trials: Sequence[Trial]) -> None:
    for trial, solution in zip(trials, model.look(model.start).solutions, strict=True):
        if solution.fault:
            name = trial.experiment.name
            raise RunError(f"experiment {name} fails with the start values: {solution.fault}")


def _write_cases(folder: RunFolder, trials: Sequence[Trial], values: dict[str, float]) -> None:
    """Write every case with the fitted values in it."""
    for trial in trials:
        path = folder.path / f"fitted-{trial.experiment.name}.toml"
        replace(path, resolved(trial.film(values)))


def _write_tables(
    trials: Sequence[Trial], start: Evaluation, best: Evaluation, folder: RunFolder
) -> None:
    """Write data, start and fit side by side."""
    tables = (("curves", CURVES), ("paths", PATHS), ("key_figures", FOUND))
    curves, paths, figures = (folder.table(*each) for each in tables)
    for trial, first, last in zip(trials, start.solutions, best.solutions, strict=True):
        for row in _curve_rows(trial, first, last):
            curves.append({"experiment": trial.experiment.name, **row})
        for row in _path_rows(first, last):
            paths.append({"experiment": trial.experiment.name, **row})
        for figure in trial.experiment.figures:
            ends = (solution.figures.get(figure.quantity) for solution in (first, last))
            named = (trial.experiment.name, figure.quantity, figure.value.unit)
            values = (*named, float(figure.value), float(figure.error), *ends)
            figures.append(dict(zip(FOUND, values, strict=True)))


def _curve_rows(trial: Trial, first: Solution, last: Solution) -> Iterator[dict[str, Value]]:
    curve = trial.experiment.curve
    if curve is None:
        return
    columns = (curve.voltages, curve.currents, *map(trial.curve_residuals, (first, last)))
    for row in zip(*columns, strict=True):
        yield dict(zip(tuple(CURVES)[1:], map(float, row), strict=True))


def _path_rows(first: Solution, last: Solution) -> Iterator[dict[str, Value]]:
    for parameters, solution in (("start", first), ("fit", last)):
        for way, path in (("up", solution.up), ("down", solution.down)):
            for V, current in path.tolist():
                yield {"parameters": parameters, "sweep": way, "V": V, "I": current}


def plot(run: Run) -> list[Path]:
    """Draw a run; imports the figures only then."""
    from mitmodels.cases.fitting.film_figures import plot

    return plot(run)


CASE = Case(Config, prepare, check, run, plot, is_fit=True)
