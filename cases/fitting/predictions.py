"""Predictions of the posterior of a film: key figures and I-V curves of all devices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mpi4py import MPI

import numpy as np
import pandas as pd

from mitmodels.cases.figures.bands import COLUMNS
from mitmodels.cases.fitting.film_config import FIGURES, Prediction
from mitmodels.cases.fitting.posterior import Quantity
from mitmodels.cases.fitting.posterior_files import tails
from mitmodels.cases.fitting.search import Evaluation
from mitmodels.checks import FloatArray
from mitmodels.solvers.runs.files import write_table

if TYPE_CHECKING:
    from mitmodels.cases.fitting.film import Solution, Trial

_KNOTS = 24  # points of a stretch of a curve, evenly spread along it
_POINTS = 200  # voltages of a band
_ALIKE = 0.5  # of the samples


@dataclass(frozen=True, eq=False)
class Layout:
    """What is predicted of a device: what it shows with the fitted parameters.

    Attributes
    ----------
    trial : Trial
    figures : tuple of str
        Key figures in SI.
    stretches : tuple of int
        Parts of the curve on the way up, and down, between the jumps.
    """

    trial: "Trial"
    figures: tuple[str, ...]
    stretches: tuple[int, int]

    @classmethod
    def of(cls, trial: "Trial", solution: "Solution") -> "Layout":
        """Layout of a device from its solution."""
        figures = tuple(name for name in FIGURES if name in solution.figures)
        up, down = map(len, solution.stretches)
        return cls(trial, figures, (up, down))

    @property
    def quantities(self) -> list[Quantity]:
        """Key figures with what was measured."""
        experiment = self.trial.experiment
        known = {each.quantity: each for each in experiment.figures if each.at is None}
        fitted, found = not isinstance(experiment, Prediction), []
        for name in self.figures:
            at = known.get(name)
            measured = (float(at.value), float(at.error), fitted) if at else ()
            found.append(Quantity(experiment.name, name, FIGURES[name], *measured))
        return found

    def numbers(self, solution: "Solution") -> FloatArray:
        """Key figures of a solution, NaN where it has none."""
        return np.array([solution.figures.get(name, np.nan) for name in self.figures])

    def knots(self, solution: "Solution") -> FloatArray:
        """Voltages and currents along the curve, NaN if it has other jumps."""
        if tuple(map(len, solution.stretches)) != self.stretches:
            return np.full(2 * _KNOTS * sum(self.stretches), np.nan)
        each = [_resampled(part) for way in solution.stretches for part in way]
        return np.array(each).ravel()

    def band(self, found: FloatArray, level: float) -> pd.DataFrame:
        """Band of the current over the voltage, from knots of shape (draws, ...)."""
        curves = found.reshape(len(found), -1, _KNOTS, 2)
        top = float(np.median(curves[..., 0].max(axis=(1, 2))))
        V = np.linspace(0.0, top, _POINTS)
        tables, begin = [], 0
        for way, count in zip(("up", "down"), self.stretches, strict=True):
            parts = curves[:, begin : begin + count].reshape(len(found), -1, 2)
            begin += count
            currents = np.array([_over(V, each if way == "up" else each[::-1]) for each in parts])
            low, median, high = np.quantile(currents, tails(level), axis=0)
            columns = (way, V, low, median, high)
            tables.append(pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))))
        return pd.concat(tables)


def _resampled(stretch: FloatArray) -> FloatArray:
    """Points evenly spread along a stretch, shape (knots, 2)."""
    if len(stretch) == 1:
        return np.repeat(stretch, _KNOTS, axis=0)
    scale = np.abs(stretch).max(axis=0)
    steps = np.linalg.norm(np.diff(stretch / scale, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0.0, along[-1], _KNOTS)
    return np.column_stack([np.interp(at, along, column) for column in stretch.T])


def _over(V: FloatArray, curve: FloatArray) -> FloatArray:
    """Current of a curve of rising voltage at given voltages."""
    return np.interp(V, np.maximum.accumulate(curve[:, 0]), curve[:, 1])


@dataclass(eq=False)
class FilmPredictor:
    """Key figures and curves of the fitted devices and of others.

    Attributes
    ----------
    others : tuple of Trial
        Those that are only predicted.
    comm : MPI.Comm
    layouts : tuple of Layout
        Of all of them.
    """

    others: "tuple[Trial, ...]"
    comm: MPI.Comm
    layouts: tuple[Layout, ...]

    @classmethod
    def of(
        cls,
        trials: "tuple[Trial, ...]",
        others: "tuple[Trial, ...]",
        comm: MPI.Comm,
        best: Mapping[str, float],
        solutions: "Sequence[Solution]",
    ) -> "FilmPredictor":
        """Predictor of all that devices show with the fitted parameters. Collective.

        Parameters
        ----------
        trials, others
            Fitted, and only predicted.
        comm
            The ranks.
        best, solutions
            The parameters in SI, and what the fitted devices show with them.
        """
        shown = (*solutions, *(trial.solve(best) for trial in others))
        pairs = zip((*trials, *others), shown, strict=True)
        return cls(others, comm, tuple(Layout.of(*pair) for pair in pairs))

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Key figures of all devices."""
        return tuple(each for layout in self.layouts for each in layout.quantities)

    def read(self, values: dict[str, float], evaluation: Evaluation) -> FloatArray:
        """Key figures, then curves. Collective."""
        solutions: Sequence[Solution] = [
            *evaluation.solutions,
            *(trial.solve(values) for trial in self.others),
        ]
        pairs = list(zip(self.layouts, solutions, strict=True))
        numbers = [layout.numbers(solution) for layout, solution in pairs]
        knots = [layout.knots(solution) for layout, solution in pairs]
        found: FloatArray = self.comm.bcast(np.concatenate([*numbers, *knots]))
        return found

    def write_curves(self, found: FloatArray, level: float, folder: Path) -> None:
        """Write ``band-NAME.csv`` of every device under a voltage.

        Of the samples with as many jumps as the optimum; none if these are the smaller part.
        """
        begin = len(self.quantities)
        for layout in self.layouts:
            count = 2 * _KNOTS * sum(layout.stretches)
            knots = found[:, begin : begin + count]
            begin += count
            name, unit = layout.trial.experiment.name, layout.trial.prepared.protocol.unit
            alike = knots[np.isfinite(knots).all(axis=1)]
            if unit == "V" and len(alike) > _ALIKE * len(knots):
                write_table(folder / f"band-{name}.csv", layout.band(alike, level))
