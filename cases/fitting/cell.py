"""Fit of a metallization cell to measured resistances of its low state over the compliance.

Every evaluation runs one SET per compliance, as many at a time as the file says; after the fit, for
the posterior, also the cells that are predicted. What the parameters are after the fit, how sure
they are and which of them the data cannot tell apart is in ``fit.json``.

A batch of SETs is the folder of a sweep, ``evaluations/001`` and so on. A fit that goes on after a
kill asks for the same batches again and finds what is complete.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import batched
from pathlib import Path

import numpy as np

from mitmodels.cases.cell import sections
from mitmodels.cases.config.document import resolved
from mitmodels.cases.console.progress import Progress, Stage
from mitmodels.cases.fitting.cell_config import CellPrediction, Config, Prepared, prepare
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

# What is predicted of a cell that is not fitted, where it has it.
PREDICTED = {
    "t_set": "s",
    "V_set": "V",
    "t_compliance": "s",
    "R_LRS": "ohm",
    "T_max": "K",
    "gap_final": "m",
    "tip_radius": "m",
    "V_reset": "V",
    "I_reset": "A",
}
# Key quantities of a run in SI, and why there are none.
Found = tuple[Mapping[str, float], str]

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
    predicted : tuple of CellPrediction
        Cells that are run, too.
    """

    config: Config
    folder: Path
    predicted: tuple[CellPrediction, ...] = ()
    _stage: Stage | None = field(default=None, init=False)
    _batches: int = field(default=0, init=False)
    _evaluated: int = field(default=0, init=False)

    def on(self, stage: Stage) -> "Sets":
        """Show there how many sets of parameters are evaluated, and how far the batch is."""
        self._stage = stage
        return self

    def __call__(self, parameters: Sequence[dict[str, float]]) -> list[Evaluation]:
        """Run a SET for each set of parameters and each compliance."""
        folder = self._open(parameters)
        with alone(folder.path):
            say = partial(self._say, len(folder.names))
            running.run_points(folder, self.config.jobs, _CHECKPOINTS, say)
        self._evaluated += len(parameters)
        found = [_found(folder, name) for name in folder.names]
        return list(map(self._evaluation, batched(found, len(found) // len(parameters))))

    def _say(self, total: int, over: float, last: str) -> None:
        if self._stage:
            self._stage.update(self._evaluated, f"{over:g} of {total} SETs, {last}".rstrip(", "))

    def _cells(self) -> Iterator[tuple[str, sections.Config]]:
        """Cells that are run for every set of parameters."""
        for j, current in enumerate(self.config.measured.currents):
            circuit = self.config.cell.circuit.model_copy(update={"compliance": current})
            yield f"{j:02d}", self.config.cell.model_copy(update={"circuit": circuit})
        for device in self.predicted:
            yield device.name, device.cell

    def _open(self, parameters: Sequence[dict[str, float]]) -> SweepFolder:
        """Return the folder of the next batch, made anew or found."""
        path = self.folder / f"{self._batches:03d}"
        self._batches += 1
        settings, points = {}, []
        for i, values in enumerate(parameters):
            for name, cell in self._cells():
                changed = settings[f"{i:02d}-{name}"] = _quiet(cell, values)
                changes = {**values, "circuit.compliance": cell.circuit.compliance}
                points.append(Point(f"{i:02d}-{name}", changes, tomllib.loads(resolved(changed))))
        sweep = Sweep((Axis(tuple(point.values for point in points)),), tuple(points))
        if not path.exists():
            text = resolved(_quiet(self.config.cell, {}))
            return SweepFolder.create(path, text, sweep, settings)
        folder = SweepFolder.open(path)
        folder.compare(sweep, path)
        return folder

    def _evaluation(self, found: Sequence[Found]) -> Evaluation:
        """Compare the resistances of one set of parameters [ohm] with the measured ones."""
        measured, count = self.config.measured, len(self.config.measured.currents)
        R = np.array([summary.get("R_LRS", np.nan) for summary, _ in found[:count]])
        off = np.log(R / np.array(measured.resistances))
        residuals = np.where(np.isfinite(R), off, _MISSING) / measured.error
        reasons = (
            f"SET at {current.given}: {fault or 'no current'}"
            for current, (_, fault), known in zip(
                measured.currents, found[:count], np.isfinite(R), strict=True
            )
            if not known
        )
        others = (s.get(name, np.nan) for s, _ in found[count:] for name in PREDICTED)
        return Evaluation(residuals, (*R.tolist(), *others), "; ".join(reasons))


def _quiet(cell: sections.Config, values: dict[str, float]) -> sections.Config:
    """Return a cell with other numbers, and with nothing to draw or store besides tables."""
    quiet = sections.CellOutput(figures=False)
    return adjusted(cell, values).model_copy(update={"output": quiet})


def _found(folder: SweepFolder, name: str) -> Found:
    """Key quantities that a run found, in SI, and why it found none."""
    state = folder.state(name)
    if state.state != "completed":
        return {}, state.reason or state.state
    values = ((key, entry["value"]) for key, entry in summary(folder, name).items())
    return {key: value for key, value in values if isinstance(value, float)}, ""


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be fitted."""
    count = len(prepared.config.measured.currents)
    names = ", ".join(device.name for device in prepared.config.predict)
    varied = sum(interval.vary for interval in prepared.intervals)
    return {
        "data": f"{count} resistances, relative error {float(prepared.config.measured.error):g}",
        **planned(prepared.intervals),
        **({"predicted": names} if names else {}),
        "each step": f"{count * (1 + varied)} SETs, {prepared.config.jobs} at a time",
    }


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Fit, and write parameters, resistances and the fitted cell into the run folder.

    Raises
    ------
    RunError
        If a SET with the start values fails.
    """
    sets = Sets(prepared.config, folder.path / "evaluations")
    report = fit(prepared.intervals, sets.on, _ACCURACY, folder, progress)
    fitted = _quiet(prepared.config.cell, report.values)
    replace(folder.path / "fitted.toml", resolved(fitted))
    _write_resistances(prepared, *report.ends, folder)
    if prepared.config.posterior is not None:
        settings = prepared.config.posterior
        sets.predicted = prepared.config.predict
        shown = CellPredictor(prepared.config)
        write_posterior(report, shown, settings, folder, progress, at_once=True)


@dataclass(frozen=True)
class CellPredictor:
    """Resistances of the low state that the compliances leave behind, and what other cells show.

    Attributes
    ----------
    config : Config
    """

    config: Config

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Resistances with what was measured, and key quantities of cells that are predicted."""
        measured = self.config.measured
        pairs = zip(measured.currents, measured.resistances, strict=True)
        error = float(measured.error)
        known = (
            Quantity(f"{current:g} A", "R_LRS", "ohm", float(R), error * float(R))
            for current, R in pairs
        )
        names = [device.name for device in self.config.predict]
        return (*known, *(Quantity(n, *each) for n in names for each in PREDICTED.items()))

    def read(self, values: dict[str, float], evaluation: Evaluation) -> FloatArray:  # noqa: ARG002
        """All of these for a set of parameters."""
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
