"""Fit of a metallization cell to measured resistances of its low state over the compliance.

Every evaluation runs one SET per compliance, as many at a time as the file says. What the
parameters are after the fit, how sure they are and which of them the data cannot tell apart is in
``fit.json``.

A batch of SETs is the folder of a sweep, ``evaluations/001`` and so on. A fit that goes on after a
kill asks for the same batches again and finds what is complete.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import batched
from pathlib import Path

import numpy as np

from mitmodels.cases.cell import sections
from mitmodels.cases.config.document import resolved
from mitmodels.cases.console.progress import Progress, Stage
from mitmodels.cases.fitting.cell_config import Config, Prepared, Resistances, prepare
from mitmodels.cases.fitting.parameters import adjusted
from mitmodels.cases.fitting.posterior import Quantity, write_posterior
from mitmodels.cases.fitting.report import fit, planned
from mitmodels.cases.fitting.search import Accuracy, Evaluation
from mitmodels.cases.registry import Case
from mitmodels.cases.sweeps import running
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.points import Axis, Point, Sweep
from mitmodels.cases.sweeps.table import summary
from mitmodels.checks import FloatArray
from mitmodels.solvers.runs.files import alone, replace
from mitmodels.solvers.runs.folder import RunFolder

# The resistance jumps a little with the nodes that a SET happens to add: differences over less, and
# the last steps of a finer search, would be made of these jumps.
_ACCURACY = Accuracy(0.05, ftol=1e-2, xtol=1e-2, gtol=1e-3)
_CHECKPOINTS = "10 min"
# A SET that fails is off by a decade.
_MISSING = np.log(10.0)

RESISTANCES = {
    "I_CC": "A",
    "measured": "ohm",
    "start": "ohm",
    "fit": "ohm",
    "distance_start": "",
    "distance_fit": "",
}


@dataclass(eq=False)
class Sets:
    """Runs batches of SETs below a folder.

    Attributes
    ----------
    config : Config
    folder : Path
        Of all batches.
    stage : Stage
        Shows how many sets of parameters are evaluated, and how far the batch is.
    """

    config: Config
    folder: Path
    stage: Stage
    _batches: int = field(default=0, init=False)
    _evaluated: int = field(default=0, init=False)

    def __call__(self, parameters: Sequence[dict[str, float]]) -> list[Evaluation]:
        """Run a SET for each set of parameters and each compliance."""
        folder = self._open(parameters)
        with alone(folder.path):
            say = partial(self._say, len(folder.names))
            running.run_points(folder, self.config.jobs, _CHECKPOINTS, say)
        self._evaluated += len(parameters)
        found = [_resistance(folder, name) for name in folder.names]
        return list(map(self._evaluation, batched(found, len(self.config.measured.currents))))

    def _say(self, total: int, over: float, last: str) -> None:
        self.stage.update(self._evaluated, f"{over:g} of {total} SETs, {last}".rstrip(", "))

    def _open(self, parameters: Sequence[dict[str, float]]) -> SweepFolder:
        """Return the folder of the next batch, made anew or found."""
        path = self.folder / f"{self._batches:03d}"
        self._batches += 1
        settings, points = {}, []
        for i, values in enumerate(parameters):
            for j, current in enumerate(self.config.measured.currents):
                cell, name = _quiet(self.config, values), f"{i:02d}-{j:02d}"
                circuit = cell.circuit.model_copy(update={"compliance": current})
                cell = settings[name] = cell.model_copy(update={"circuit": circuit})
                changes = {**values, "circuit.compliance": float(current)}
                points.append(Point(name, changes, tomllib.loads(resolved(cell))))
        sweep = Sweep((Axis(tuple(point.values for point in points)),), tuple(points))
        if not path.exists():
            return SweepFolder.create(path, resolved(_quiet(self.config, {})), sweep, settings)
        folder = SweepFolder.open(path)
        folder.compare(sweep, path)
        return folder

    def _evaluation(self, found: Sequence[tuple[float, str]]) -> Evaluation:
        """Compare the resistances of one set of parameters [ohm] with the measured ones."""
        R = np.array([resistance for resistance, _ in found])
        measured = self.config.measured
        off = np.log(R / np.array(measured.resistances))
        residuals = np.where(np.isfinite(R), off, _MISSING) / measured.error
        reasons = (
            f"SET at {current.given}: {fault}"
            for current, (_, fault) in zip(measured.currents, found, strict=True)
            if fault
        )
        return Evaluation(residuals, tuple(R.tolist()), "; ".join(reasons))


def _quiet(config: Config, values: dict[str, float]) -> sections.Config:
    """Return the cell with other numbers, and with nothing to draw or store besides tables."""
    quiet = sections.CellOutput(figures=False)
    return adjusted(config.cell, values).model_copy(update={"output": quiet})


def _resistance(folder: SweepFolder, name: str) -> tuple[float, str]:
    """Resistance that a SET left behind [ohm], or NaN and the reason why there is none."""
    state = folder.state(name)
    if state.state != "completed":
        return np.nan, state.reason or state.state
    value = summary(folder, name)["R_LRS"]["value"]
    return (np.nan, "no current") if value is None else (float(value), "")


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be fitted."""
    count = len(prepared.config.measured.currents)
    varied = sum(interval.vary for interval in prepared.intervals)
    return {
        "data": f"{count} resistances, relative error {float(prepared.config.measured.error):g}",
        **planned(prepared.intervals),
        "each step": f"{count * (1 + varied)} SETs, {prepared.config.jobs} at a time",
    }


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Fit, and write parameters, resistances and the fitted cell into the run folder.

    Raises
    ------
    RunError
        If a SET with the start values fails.
    """
    solver = partial(Sets, prepared.config, folder.path / "evaluations")
    report = fit(prepared.intervals, solver, _ACCURACY, folder, progress)
    fitted = _quiet(prepared.config, report.values)
    replace(folder.path / "fitted.toml", resolved(fitted))
    _write_resistances(prepared, *report.ends, folder)
    if prepared.config.posterior is not None:
        settings = prepared.config.posterior
        shown = CellPredictor(prepared.config.measured)
        write_posterior(report, shown, settings, folder, progress, at_once=True)


@dataclass(frozen=True)
class CellPredictor:
    """Resistance of the low state that each compliance leaves behind.

    Attributes
    ----------
    measured : Resistances
    """

    measured: Resistances

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Resistances with what was measured."""
        pairs = zip(self.measured.currents, self.measured.resistances, strict=True)
        error = float(self.measured.error)
        return tuple(
            Quantity(f"{current:g} A", "R_LRS", "ohm", float(R), error * float(R))
            for current, R in pairs
        )

    def read(self, values: dict[str, float], evaluation: Evaluation) -> FloatArray:  # noqa: ARG002
        """Resistances [ohm] of a set of parameters."""
        return np.array(evaluation.solutions)

    def write_curves(self, found: FloatArray, level: float, folder: Path) -> None:
        """Write nothing: a cell has no curve here."""


def _write_resistances(
    prepared: Prepared, start: Evaluation, best: Evaluation, folder: RunFolder
) -> None:
    measured, table = prepared.config.measured, folder.table("resistances", RESISTANCES)
    columns = (
        map(float, measured.currents),
        map(float, measured.resistances),
        start.solutions,
        best.solutions,
        start.residuals.tolist(),
        best.residuals.tolist(),
    )
    for row in zip(*columns, strict=True):
        table.append(dict(zip(RESISTANCES, row, strict=True)))


CASE = Case(Config, prepare, check, run, is_fit=True)
