"""Fit of a film's parameters to measured I-V curves and key figures of one or more experiments.

Every evaluation traces the branch of each experiment once. What the parameters are after the fit,
how sure they are and which of them the data cannot tell apart is in ``fit.json``.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from cases.config import resolved
from cases.fit_config import Config, Prepared, adjustable, prepare
from cases.fit_model import Solution, Trial
from cases.fit_report import FitReport
from cases.fit_search import MOST_STEPS, Indices, Model, minimise
from cases.progress import Progress
from mitmodels.arguments import FloatArray
from mitmodels.errors import RunError
from solvers.files import replace
from solvers.parallel import on_root
from solvers.run_folder import RunFolder, Value

__all__ = ["Config", "check", "prepare", "run"]

_LOG = logging.getLogger(__name__)

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
    parameters = prepared.config.parameter
    known = adjustable(prepared.config.experiment[0].film)
    units = {parameter.key: known[parameter.key].unit for parameter in parameters}
    table = folder.table("evaluations", {**units, "chi_square": "", "fault": ""})
    with progress.stage("fit", total=MOST_STEPS) as stage:
        model = Model(prepared, table, stage)
        start = (np.array(prepared.start) - model.low) / model.span
        _check_start(model, start)
        varied = np.flatnonzero([parameter.vary for parameter in parameters])
        result = minimise(model, start, varied)
        best = start.copy()
        best[varied] = [result.params[f"p{i}"].value for i in varied]
        report = FitReport(model, start, best, varied, result)
        found = report.content(units)
    for sentence in found["statements"]:
        _LOG.info(sentence)
    on_root(folder.comm, lambda: _write(folder, model, best, varied, found))
    _write_tables(model, start, best, folder)
    summary = {key: (value, units[key]) for key, value in model.values(best).items()}
    folder.write_summary({**summary, "chi_square": (found["chi_square"], "")})


def _check_start(model: Model, start: FloatArray) -> None:
    solutions = model.look(start)[1]
    for trial, solution in zip(model.trials, solutions, strict=True):
        if solution.fault:
            name = trial.experiment.name
            raise RunError(f"experiment {name} fails with the start values: {solution.fault}")


def _write(
    folder: RunFolder, model: Model, best: FloatArray, varied: Indices, found: dict[str, Any]
) -> None:
    """Write the findings, and every case with the fitted values in it."""
    text = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    replace(folder.path / "fit.json", text)
    keys = {model.prepared.config.parameter[i].key for i in varied}
    values = {key: value for key, value in model.values(best).items() if key in keys}
    for trial in model.trials:
        path = folder.path / f"fitted-{trial.experiment.name}.toml"
        replace(path, resolved(trial.film(values)))


def _write_tables(model: Model, start: FloatArray, best: FloatArray, folder: RunFolder) -> None:
    """Write data, start and fit side by side."""
    tables = (("curves", CURVES), ("paths", PATHS), ("key_figures", FOUND))
    curves, paths, figures = (folder.table(*each) for each in tables)
    before, after = model.look(start)[1], model.look(best)[1]
    for trial, first, last in zip(model.trials, before, after, strict=True):
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
