"""SETs of a fit: one for each set of parameters and each measured compliance, as runs of their own.

Each batch is the folder of a sweep, ``evaluations/001`` and so on. A fit that goes on after a kill
asks for the same batches again and finds what is complete.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from mitmodels.cases.cell import growth
from mitmodels.cases.config.document import resolved
from mitmodels.cases.console.progress import Stage
from mitmodels.cases.fitting.cell_config import Config
from mitmodels.cases.fitting.parameters import adjusted
from mitmodels.cases.fitting.search import Evaluation
from mitmodels.cases.sweeps import running
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.points import Axis, Point, Sweep
from mitmodels.cases.sweeps.table import summary
from mitmodels.solvers.runs.files import alone

_CHECKPOINTS = "10 min"
# A SET that fails is off by a decade.
_MISSING = np.log(10.0)


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

    def cell(self, values: dict[str, float]) -> growth.Config:
        """Return the cell with other numbers, and with nothing to draw or store besides tables."""
        quiet = growth.CellOutput(figures=False)
        return adjusted(self.config.cell, values).model_copy(update={"output": quiet})

    def __call__(self, parameters: Sequence[dict[str, float]]) -> list[Evaluation]:
        """Run a SET for each set of parameters and each compliance."""
        folder = self._open(parameters)
        with alone(folder.path):
            launch = running.Launch(running.COMMAND, _CHECKPOINTS)
            say = partial(self._say, len(folder.names))
            running.run_points(folder, self.config.jobs, launch, say)
        self._evaluated += len(parameters)
        found = [_resistance(folder, name) for name in folder.names]
        return [self._evaluation(part) for part in _parts(found, len(parameters))]

    def _say(self, total: int, over: float, last: str) -> None:
        self.stage.update(self._evaluated, f"{over:g} of {total} SETs, {last}".rstrip(", "))

    def _open(self, parameters: Sequence[dict[str, float]]) -> SweepFolder:
        """Return the folder of the next batch, made anew or found."""
        path = self.folder / f"{self._batches:03d}"
        self._batches += 1
        settings, points = {}, []
        for i, values in enumerate(parameters):
            for j, current in enumerate(self.config.measured.currents):
                cell, name = self.cell(values), f"{i:02d}-{j:02d}"
                limit = cell.compliance.model_copy(update={"current": current})
                cell = settings[name] = cell.model_copy(update={"compliance": limit})
                changes = {**values, "compliance.current": float(current)}
                points.append(Point(name, changes, tomllib.loads(resolved(cell))))
        sweep = Sweep((Axis(tuple(point.values for point in points)),), tuple(points))
        if not path.exists():
            return SweepFolder.create(path, resolved(self.cell({})), sweep, settings)
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
            f"{current.given}: {fault}"
            for current, (_, fault) in zip(measured.currents, found, strict=True)
            if fault
        )
        return Evaluation(residuals, tuple(R.tolist()), "; ".join(reasons))


def _resistance(folder: SweepFolder, name: str) -> tuple[float, str]:
    """Resistance that a SET left behind [ohm], or NaN and the reason why there is none."""
    state = folder.state(name)
    if state.state != "completed":
        return np.nan, state.reason or state.state
    value = summary(folder, name)["R_LRS"]["value"]
    return (np.nan, "no current") if value is None else (float(value), "")


def _parts[T](items: Sequence[T], count: int) -> list[Sequence[T]]:
    """Cut items into parts of the same length."""
    length = len(items) // count
    return [items[i * length : (i + 1) * length] for i in range(count)]
