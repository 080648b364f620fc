"""Files of the posterior of a fit, in SI: parameters, samples and bands."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mitmodels.cases.fitting.parameters import Posterior as Settings
from mitmodels.cases.fitting.report import FitReport
from mitmodels.checks import FloatArray
from mitmodels.fitting.posterior import Posterior
from mitmodels.solvers.runs.files import json_text, replace, write_table

if TYPE_CHECKING:
    from mitmodels.cases.fitting.posterior import Predictor

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Writer:
    """Files of a posterior, in SI."""

    report: FitReport
    predictor: "Predictor"
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
            write_table(folder / f"{name}.csv", table)
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
            if not polynomials.known[i]:
                continue  # such a device does not have it
            values = predicted[np.isfinite(predicted[:, i]), i]
            ends = np.quantile(values, self._tails) if len(values) else [np.nan] * 3
            low, median, high = map(float, ends)
            row: dict[str, Any] = {"device": quantity.device, "quantity": quantity.name}
            row |= {"unit": quantity.unit}
            row |= {"low": low, "median": median, "high": high}
            row |= {"best": best[i], "laplace_low": best[i] - wide[i]}
            row |= {"laplace_high": best[i] + wide[i], "surrogate_error": polynomials.error[i]}
            row |= {"fraction": len(values) / len(predicted)}
            row |= {"measured": quantity.measured, "error": quantity.error}
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
