"""Posterior of a fit and the bands of its predictions, into the folder of its run.

``posterior.json`` says how sure each parameter is and how good the surrogate and the chain are,
``posterior.csv`` has samples, ``bands.csv`` the bands of what the devices show. Solutions are kept
in ``samples.npz``: a run that goes on does not repeat them.
"""

import io
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from mitmodels.cases.console.progress import Progress
from mitmodels.cases.fitting.parameters import Posterior as Settings
from mitmodels.cases.fitting.posterior_files import Writer
from mitmodels.cases.fitting.report import FitReport
from mitmodels.cases.fitting.search import Evaluation
from mitmodels.checks import FloatArray
from mitmodels.errors import RunError
from mitmodels.fitting.posterior import explore
from mitmodels.fitting.surrogate import Solved
from mitmodels.solvers.runs.files import replace
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root

_LOG = logging.getLogger(__name__)
_SAME = 1e-6  # of the intervals: a set of parameters that was solved before


@dataclass(frozen=True)
class Quantity:
    """A number that is predicted of a device, in SI.

    Attributes
    ----------
    device, name, unit : str
    measured, error : float
        What was measured and its standard error, NaN if nothing.
    fitted : bool
        Whether the fit knows that.
    """

    device: str
    name: str
    unit: str
    measured: float = np.nan
    error: float = np.nan
    fitted: bool = False


class Predictor(Protocol):
    """What a model shows besides its residuals."""

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Numbers that are predicted, the first entries of what `read` returns."""

    def read(self, values: dict[str, float], evaluation: Evaluation) -> FloatArray:
        """All that is predicted for a set of parameters, NaN where it is not. Collective."""

    def write_curves(self, found: FloatArray, level: float, folder: Path) -> None:
        """Write bands of curves from predictions of shape (draws, outputs); on one rank."""


@dataclass(eq=False)
class Samples:
    """Solutions of the model near the optimum, kept in a file.

    Attributes
    ----------
    report : FitReport
    predictor : Predictor
    folder : RunFolder
    at_once : bool
        Whether the model solves a whole batch, and keeps it, itself.
    """

    report: FitReport
    predictor: Predictor
    folder: RunFolder
    at_once: bool
    _kept: list[FloatArray] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Read what an earlier process solved."""
        if not self.at_once:
            self._kept = on_root(self.folder.comm, self._read)

    @property
    def _path(self) -> Path:
        return self.folder.path / "samples.npz"

    def _read(self) -> list[FloatArray]:
        if not self._path.exists():
            return []
        with np.load(self._path) as file:
            return list(file["rows"])

    def _write(self) -> None:
        content = io.BytesIO()
        np.savez(content, rows=np.array(self._kept))
        replace(self._path, content.getvalue())

    def __call__(self, x: FloatArray) -> Solved:
        """Solve at sets of the parameters that vary, shape (points, n). Collective."""
        x = self.folder.comm.bcast(x)
        if self.at_once:
            self.report.model.evaluate_all([self._all(each) for each in x])
        count, data = x.shape[1], len(self.report.ends[1].residuals)
        ends = np.cumsum([count, data, count * data])
        _, residuals, slopes, shown = np.split(np.array([self._row(each) for each in x]), ends, 1)
        return Solved(residuals, shown, slopes.reshape(len(x), count, data))

    def _all(self, x: FloatArray) -> FloatArray:
        whole = self.report.best.copy()
        whole[self.report.model.varied] = x
        return whole

    def _row(self, x: FloatArray) -> FloatArray:
        """Parameters, residuals, their derivatives and predictions at a point, solved or found."""
        for row in self._kept:
            if np.allclose(row[: len(x)], x, rtol=0, atol=_SAME):
                return row
        whole = self._all(x)
        found = self.report.model.evaluate(whole)
        residuals, slopes = found.residuals, self._slopes(whole)
        shown = self.predictor.read(self.report.model.values(whole), found)
        pairs = zip(self.predictor.quantities, shown, strict=False)
        # What counts for a fit as off by all of its value is no smooth function.
        if found.fault or any(each.fitted and np.isnan(value) for each, value in pairs):
            residuals = np.full_like(residuals, np.nan)
        row = np.concatenate([x, residuals, slopes, shown])
        self._kept.append(row)
        if not self.at_once:
            on_root(self.folder.comm, self._write)
        return row

    def _slopes(self, whole: FloatArray) -> FloatArray:
        """Derivatives of the residuals, all by a parameter after the other; NaN if there are none.

        Those of the model alone: differences would cost as much as other points, and say less.
        """
        model = self.report.model
        found = model.derived(whole)
        if found is None:
            return np.full(len(model.varied) * len(self.report.ends[1].residuals), np.nan)
        return found[:, model.varied].T.ravel()


def write_posterior(
    report: FitReport,
    predictor: Predictor,
    settings: Settings,
    folder: RunFolder,
    progress: Progress,
    at_once: bool = False,
) -> None:
    """Find and write the posterior after a fit, if the model has solutions enough. Collective."""
    model, varied = report.model, report.model.varied
    jacobian = report.jacobian[:, varied]
    with progress.stage("posterior", total=len(model.known) + settings.points) as stage:
        model.stage = stage
        solve = Samples(report, predictor, folder, at_once)
        try:
            found = explore(
                solve,
                report.best[varied],
                jacobian,
                settings.points,
                settings.draws,
                settings.seed,
                folder.comm.bcast,
            )
        except RunError as error:
            _LOG.warning("no posterior: %s", error)
            return
    writer = Writer(report, predictor, settings, found)
    on_root(folder.comm, lambda: writer.write(folder.path))
