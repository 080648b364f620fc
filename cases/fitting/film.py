"""Fit of a film's parameters to measured I-V curves and key figures of one or more experiments.

Every evaluation traces the branch of each experiment once. What the parameters are after the fit,
how sure they are and which of them the data cannot tell apart is in ``fit.json``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from mpi4py import MPI

import numpy as np

from mitmodels.cases.config.document import resolved
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.film import steady_config
from mitmodels.cases.film.device import build_solver
from mitmodels.cases.film.steady_branch import Target, continuation, follow
from mitmodels.cases.film.switching import Switching
from mitmodels.cases.fitting.film_config import Config, Curve, Experiment, Prepared, prepare
from mitmodels.cases.fitting.gradients import (
    curve_gradients,
    derivation_of,
    figure_gradients,
    has_gradients,
    stretch_path,
)
from mitmodels.cases.fitting.parameters import adjusted
from mitmodels.cases.fitting.posterior import write_posterior
from mitmodels.cases.fitting.predictions import FilmPredictor
from mitmodels.cases.fitting.report import fit, planned
from mitmodels.cases.fitting.search import Accuracy, Evaluation
from mitmodels.cases.registry import Case
from mitmodels.checks import FloatArray
from mitmodels.drive.observable import Level
from mitmodels.errors import RunError
from mitmodels.film.observables import STEADY_FILM, OperatingPoint
from mitmodels.fitting.path_distance import signed_distance
from mitmodels.solvers.film.branch import Branch
from mitmodels.solvers.film.points import Steps
from mitmodels.solvers.film.substrate.fourier_operator import FourierOperator
from mitmodels.solvers.film.substrate.half_space import HalfSpaceSubstrate
from mitmodels.solvers.film.substrate.surface_operator import HalfSpace
from mitmodels.solvers.runs.files import Value
from mitmodels.solvers.runs.files import replace as replace_file
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root

# The branches are smooth enough for smaller steps, and bend over larger ones.
_ACCURACY = Accuracy(2e-3, ftol=1e-3, xtol=1e-4, gtol=1e-3)
CURVES = {"experiment": "", "V": "V", "I": "A", "distance_start": "", "distance_fit": ""}
PATHS = {"experiment": "", "parameters": "", "sweep": "", "V": "V", "I": "A"}
_FIGURES = ("experiment", "quantity", "unit", "measured", "error", "start", "fit")

# The cubics between the points of a branch are then off by less than 1e-4 of the largest values; by
# default it is 4e-3, which a fit would take for a signal.
_STEPS = Steps(largest=0.25)
# A key figure that the model does not have is off by all of its value; so are, each by the whole
# range, the points of a branch that cannot be followed.
_MISSING = 1.0


@dataclass(frozen=True, eq=False)
class Solution:
    """What a source would see on the branch of an experiment.

    Attributes
    ----------
    up, down : ndarray, shape (n, 2)
        Path of both sweep directions: source voltage [V] and current [A].
    figures : mapping
        Key figures in SI by their names in the summary.
    fault : str
        Why there is no branch, empty if there is one.
    stretches : tuple
        Parts of both paths between the jumps.
    """

    up: FloatArray
    down: FloatArray
    figures: Mapping[str, float]
    fault: str = ""
    stretches: tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]] = ((), ())


@dataclass(eq=False)
class Trial:
    """An experiment that is solved for one set of parameters after the other.

    Attributes
    ----------
    experiment : Experiment
    prepared : Prepared
    reads_all : bool
        Whether key figures are read that were not measured, too.
    """

    experiment: Experiment
    prepared: steady_config.Prepared
    reads_all: bool = False
    _operator: HalfSpace | FourierOperator | None = field(default=None, init=False)
    _solved: tuple[steady_config.Prepared, Branch] | None = field(default=None, init=False)

    def film(self, values: Mapping[str, float]) -> steady_config.Config:
        """The case with other numbers."""
        return adjusted(self.experiment.film, dict(values))

    def solve(self, values: Mapping[str, float]) -> Solution:
        """Trace the branch once; a branch that cannot be followed is no error."""
        config, self._solved = self.film(values), None
        prepared = replace(
            self.prepared, config=config, device=replace(self.prepared.device, config=config)
        )
        try:
            branch = self._branch(prepared)
            figures = self._figures(branch, prepared)
        except RunError as error:
            nothing = np.empty((0, 2))
            return Solution(nothing, nothing, {}, str(error))
        up, down = (
            tuple(stretch_path(points, prepared.series) for points in branch.sweep(upward))
            for upward in (True, False)
        )
        self._solved = prepared, branch
        return Solution(np.concatenate(up), np.concatenate(down), figures, "", (up, down))

    def derive(self, keys: Sequence[str], solution: Solution) -> FloatArray:
        """Derivatives of the residuals of the last solution by numbers of the case, in SI."""
        assert self._solved
        prepared, branch = self._solved
        derivation, curve = derivation_of(branch, prepared, keys), self.experiment.curve
        rows = figure_gradients(derivation, self.experiment.figures, solution.figures)
        if curve is None:
            return rows
        paths = {True: solution.up, False: solution.down[::-1]}
        return np.concatenate([curve_gradients(derivation, *self._measured(curve), paths), rows])

    def _figures(self, branch: Branch, prepared: steady_config.Prepared) -> dict[str, float]:
        if not self.experiment.figures and not self.reads_all:
            return {}
        switching = Switching.read(branch, prepared.config)
        summary = switching.summary(branch, prepared)
        found = {name: float(value) for name, (value, *_) in summary.items() if value is not None}
        for figure in self.experiment.figures:
            if figure.at:
                target = Target(prepared, branch.continuation, Level("V_source", float(figure.at)))
                for point in branch.states(target.read, target.level.value, target.solve)[:1]:
                    shown = OperatingPoint(point.state.reading, prepared.load)
                    found[figure.name] = STEADY_FILM.find(figure.quantity).read(shown)
        return found

    def _branch(self, prepared: steady_config.Prepared) -> Branch:
        newton = build_solver(prepared.device, self._operator)
        if isinstance(newton.substrate, HalfSpaceSubstrate):
            self._operator = newton.substrate.operator
        trace = continuation(prepared, newton, _STEPS)
        points = [trace.start()]
        for _ in follow(prepared, trace, points):
            pass
        return Branch(trace, tuple(points))

    def residuals(self, solution: Solution) -> FloatArray:
        """Distances of the data from a solution, in units of their standard errors."""
        parts = [
            (solution.figures.get(figure.name, (1 + _MISSING) * figure.value) - figure.value)
            / figure.error
            for figure in self.experiment.figures
        ]
        return np.concatenate([self.curve_residuals(solution), np.array(parts, dtype=float)])

    def curve_residuals(self, solution: Solution) -> FloatArray:
        """Distances of the points of the curve, if there is one."""
        curve = self.experiment.curve
        if curve is None:
            return np.empty(0)
        points, scale, upward = self._measured(curve)
        if solution.fault:
            return np.full(len(points), _MISSING / curve.error)
        distances = np.empty(len(points))
        for here, path in ((upward, solution.up), (~upward, solution.down[::-1])):
            if here.any():
                distances[here] = signed_distance(points[here] / scale, path / scale)
        return distances

    def _measured(self, curve: Curve) -> tuple[FloatArray, FloatArray, np.ndarray]:
        """Points of the curve, a unit of their distance, and which of them are on the way up."""
        points = np.column_stack([curve.voltages, curve.currents])
        scale = curve.error * points.max(axis=0)
        return points, scale, _upward(curve, self.prepared.protocol.unit)


def evaluate(trials: Sequence[Trial], comm: MPI.Comm, values: dict[str, float]) -> Evaluation:
    """Solve all experiments for a set of parameters. Collective."""
    solutions = tuple(trial.solve(values) for trial in trials)
    residuals = np.concatenate([t.residuals(s) for t, s in zip(trials, solutions, strict=True)])
    faults = [
        f"experiment {trial.experiment.name}: {solution.fault}"
        for trial, solution in zip(trials, solutions, strict=True)
        if solution.fault
    ]
    derive = None
    if not faults and all(has_gradients(trial.experiment, values) for trial in trials):
        derive = partial(_derived, trials, solutions, comm, tuple(values))
    # The same steps on every rank.
    return Evaluation(comm.bcast(residuals), solutions, "; ".join(faults), derive)


def _derived(
    trials: Sequence[Trial], solutions: Sequence[Solution], comm: MPI.Comm, keys: Sequence[str]
) -> FloatArray:
    """Derivatives of the residuals of all experiments by the parameters. Collective."""
    parts = [trial.derive(keys, s) for trial, s in zip(trials, solutions, strict=True)]
    found: FloatArray = comm.bcast(np.concatenate(parts))
    return found


def _upward(curve: Curve, unit: str) -> np.ndarray:
    """Whether the source was ramped up to each point: no step back from the one before."""
    drive = np.array(curve.voltages if unit == "V" else curve.currents)
    steps = np.diff(drive, prepend=0.0)
    return np.asarray(steps >= 0)


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be fitted."""
    experiments, films = prepared.config.experiment, prepared.films
    points = sum(len(each.curve.voltages) for each in experiments if each.curve)
    figures = sum(len(each.figures) for each in experiments)
    return {
        "data": f"{points} points of curves and {figures} key figures of {len(films)} experiments",
        **planned(prepared.intervals),
        "nodes": ", ".join(str(film.device.nodes) for film in films),
    }


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Fit, and write parameters, curves and the fitted cases into the run folder.

    Raises
    ------
    RunError
        If the branch of an experiment cannot be followed with the start values.
    """
    settings = prepared.config.posterior
    devices = zip(prepared.config.experiment, prepared.films, strict=True)
    trials = tuple(Trial(*device, reads_all=settings is not None) for device in devices)
    solve = partial(evaluate, trials, folder.comm)
    report = fit(prepared.intervals, lambda _: partial(map, solve), _ACCURACY, folder, progress)
    on_root(folder.comm, lambda: _write_cases(folder, trials, report.values))
    _write_tables(trials, *report.ends, folder)
    if settings is not None:
        predicted = zip(prepared.config.predict, prepared.predicted, strict=True)
        others = tuple(Trial(*device, reads_all=True) for device in predicted)
        best = report.values, report.ends[1].solutions
        predictor = FilmPredictor.of(trials, others, folder.comm, *best)
        write_posterior(report, predictor, settings, folder, progress)


def _write_cases(folder: RunFolder, trials: Sequence[Trial], values: dict[str, float]) -> None:
    for trial in trials:
        path = folder.path / f"fitted-{trial.experiment.name}.toml"
        replace_file(path, resolved(trial.film(values)))


def _write_tables(
    trials: Sequence[Trial], start: Evaluation, best: Evaluation, folder: RunFolder
) -> None:
    tables = (("curves", CURVES), ("paths", PATHS), ("key_figures", dict.fromkeys(_FIGURES, "")))
    curves, paths, figures = (folder.table(*each) for each in tables)
    for trial, first, last in zip(trials, start.solutions, best.solutions, strict=True):
        for row in _curve_rows(trial, first, last):
            curves.append({"experiment": trial.experiment.name, **row})
        for row in _path_rows(first, last):
            paths.append({"experiment": trial.experiment.name, **row})
        for figure in trial.experiment.figures:
            ends = (solution.figures.get(figure.name) for solution in (first, last))
            named = (trial.experiment.name, figure.name, figure.value.unit)
            values = (*named, float(figure.value), float(figure.error), *ends)
            figures.append(dict(zip(_FIGURES, values, strict=True)))


def _curve_rows(trial: Trial, first: Solution, last: Solution) -> Iterator[dict[str, Value]]:
    curve = trial.experiment.curve
    if curve is None:
        return
    columns = (curve.voltages, curve.currents, *map(trial.curve_residuals, (first, last)))
    for row in zip(*columns, strict=True):
        yield dict(zip(tuple(CURVES)[1:], map(float, row), strict=True))


def _path_rows(first: Solution, last: Solution) -> Iterator[dict[str, Value]]:
    for parameters, solution in (("start", first), ("fit", last)):
        for direction, path in (("up", solution.up), ("down", solution.down)):
            for V, current in path.tolist():
                yield {"parameters": parameters, "sweep": direction, "V": V, "I": current}


CASE = Case(Config, prepare, check, run, is_fit=True)
