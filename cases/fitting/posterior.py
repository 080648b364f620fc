"""Posterior of a fit and the bands of its predictions, into the folder of its run.

``posterior.json`` says how sure each parameter is and how good the surrogate and the chain are,
``posterior.csv`` has samples, ``bands.csv`` the bands of what the devices show. Solutions are kept
in ``samples.npz``: a run that goes on does not repeat them.
"""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mitmodels.cases.console.progress import Progress
from mitmodels.cases.fitting.parameters import Posterior as Settings
from mitmodels.cases.fitting.report import FitReport
from mitmodels.cases.fitting.search import Evaluation
from mitmodels.checks import FloatArray
from mitmodels.errors import RunError
from mitmodels.fitting.posterior import Posterior, explore
from mitmodels.fitting.surrogate import Solved
from mitmodels.solvers.runs.files import json_text, replace
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


@dataclass(frozen=True, eq=False)
class Writer:
    """Files of a posterior, in SI."""

    report: FitReport
    predictor: Predictor
    settings: Settings
    found: Posterior

    def write(self, folder: Path) -> None:
        """Write all files."""
        content = self.content()
        for sentence in content["statements"]:
            _LOG.info(sentence)
        predicted = self.found.predict(self.settings.seed)
        self.predictor.write_curves(predicted, self.settings.level, folder)
        for name, table in (("posterior", self.draws()), ("bands", self.bands(predicted))):
            replace(folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
        replace(folder / "posterior.json", json_text(content))

    @property
    def _scale(self) -> tuple[FloatArray, FloatArray]:
        """Lower bounds and lengths of the intervals that vary."""
        model = self.report.model
        return model.low[model.varied], model.span[model.varied]

    @property
    def _tails(self) -> tuple[float, float, float]:
        return tails(self.settings.level)

    def draws(self) -> pd.DataFrame:
        """Samples of the parameters in SI."""
        model = self.report.model
        low, span = self._scale
        units = [model.intervals[i].unit for i in model.varied]
        columns = [
            f"{key} [{unit}]" if unit else key
            for key, unit in zip(self.report.fitted, units, strict=True)
        ]
        return pd.DataFrame(low + span * self.found.chain.draws, columns=columns)

    def bands(self, predicted: FloatArray) -> pd.DataFrame:
        """Bands of all predicted numbers: the sampled ones, and Laplace's.

        The fraction of the samples that have such a number, a jump for example, stands beside it.
        """
        best, spread = self.found.laplace_predictions()
        wide = two_sided(self.settings.level) * spread
        polynomials = self.found.surrogate.predictions
        rows = []
        for i, quantity in enumerate(self.predictor.quantities):
            values = predicted[np.isfinite(predicted[:, i]), i]
            ends = np.quantile(values, self._tails) if len(values) else [np.nan] * 3
            low, median, high = map(float, ends)
            row: dict[str, Any] = {"device": quantity.device, "quantity": quantity.name}
            row |= {"unit": quantity.unit}
            row |= {"low": low, "median": median, "high": high}
            row |= {"best": best[i], "laplace_low": best[i] - wide[i]}
            row |= {"laplace_high": best[i] + wide[i], "surrogate_error": polynomials.error[i]}
            row |= {
                "solutions": polynomials.known[i],
                "measured": quantity.measured,
                "error": quantity.error,
            }
            rows.append(row)
        return pd.DataFrame(rows)

    def content(self) -> dict[str, Any]:
        """Content of ``posterior.json``."""
        surrogate, chain = self.found.surrogate, self.found.chain
        residuals = surrogate.residuals
        return {
            "level": self.settings.level,
            "parameters": self._parameters(),
            "correlation": np.corrcoef(chain.draws.T).reshape(len(self.report.fitted), -1).tolist(),
            "surrogate": {
                "solutions": surrogate.points,
                "solved": self.found.solved,
                "failed": self.found.failed,
                "degree": int(residuals.degrees.max()),
                # Of left-out solutions, in standard errors of the data.
                "error": float(residuals.error.max()),
            },
            "chain": {
                "steps": chain.steps,
                "autocorrelation": chain.autocorrelation,
                "acceptance": chain.acceptance,
                "draws": len(chain.draws),
            },
            "statements": list(self._sentences()),
        }

    def _parameters(self) -> dict[str, dict[str, Any]]:
        model, found = self.report.model, self.found
        low, span = self._scale
        draws = low + span * found.chain.draws
        bands = np.quantile(draws, self._tails, axis=0)
        known = self.report.determined_by(model.varied).determined
        errors = span * np.sqrt(np.diag(found.covariance))
        return {
            key: {
                "unit": model.intervals[i].unit,
                "best": float(low[j] + span[j] * found.best[j]),
                "laplace_standard_error": float(errors[j]),
                "mean": float(draws[:, j].mean()),
                "standard_deviation": float(draws[:, j].std()),
                **dict(zip(("low", "median", "high"), bands[:, j].tolist(), strict=True)),
                "determined": known[j],
            }
            for j, (key, i) in enumerate(zip(self.report.fitted, model.varied, strict=True))
        }

    def _sentences(self) -> Iterator[str]:
        """What must be known before the bands are used."""
        found, parameters = self.found, self._parameters()
        for key, entry in parameters.items():
            if not entry["determined"]:
                yield f"{key} is not determined by the data: its band is that of its bounds"
        if not found.accurate:
            yield (
                f"the surrogate is off by up to {found.surrogate.residuals.error.max():.2g} "
                "standard errors of the data, by which the bands are wider: give more points"
            )
        if found.outside > 0.05:
            yield "the posterior is wider than where the model was solved: give more points"
        if not found.chain.converged:
            yield "the chain is too short for its autocorrelation: the bands are uncertain"
        if found.failed:
            yield (
                f"{found.failed} of {found.solved} sets of parameters have no solution, or not all "
                "that was measured: left out"
            )


def tails(level: float) -> tuple[float, float, float]:
    """Cumulative probabilities of the lower end, the middle and the upper end of a band."""
    return (1 - level) / 2, 0.5, (1 + level) / 2


def two_sided(level: float) -> float:
    """Half the width of the band of a Gaussian in standard deviations."""
    from scipy.stats import norm

    return float(norm.ppf((1 + level) / 2))
