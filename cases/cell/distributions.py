"""Distributions of a cell's switching over the seeds of a sweep, and the law of its nucleation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel

from mitmodels.cases.cell.nucleation import Nucleation
from mitmodels.cases.config.document import load_config
from mitmodels.cases.config.protocol import ProtocolEntries, build_protocol
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import completed
from mitmodels.cell.nucleation import Nucleation as Law
from mitmodels.solvers.runs.reading import Run, load

type Array = npt.NDArray[np.float64]

SEED = "nucleation.seed"
QUANTITIES = {"t_nucleation": "s", "t_set": "s", "V_nucleation": "V", "V_set": "V"}
_POINTS = 2000  # on a straight line of the drive
_SPREAD = 1e-9  # of a voltage that has a distribution


@dataclass(frozen=True, eq=False)
class Distribution:
    """A quantity of runs that differ in their seed alone.

    Attributes
    ----------
    quantity : str
        One of `QUANTITIES`.
    others : str
        What else the sweep changes, with its values in these runs.
    values : ndarray
        In ascending order.
    beyond : ndarray
        How far the runs went in which it did not happen.
    shape, scale : float
        Of the Weibull distribution of the largest likelihood, NaN of fewer than three values.
    p : float
        Of the law of nucleation by the test of Kolmogorov and Smirnov, NaN of another quantity.
    """

    quantity: str
    others: str
    values: Array
    beyond: Array
    shape: float
    scale: float
    p: float

    @property
    def unit(self) -> str:
        """Of the values."""
        return QUANTITIES[self.quantity]

    @property
    def probabilities(self) -> Array:
        """Median ranks of the values: i - 0.3 over n + 0.4, the runs without one counted."""
        n = len(self.values) + len(self.beyond)
        return np.asarray((np.arange(1, len(self.values) + 1) - 0.3) / (n + 0.4))

    def row(self) -> dict[str, object]:
        """Line of a table."""
        quantiles = (0.05, 0.5, 0.95)
        found = zip(quantiles, np.quantile(self.values, quantiles), strict=True)
        return {
            "quantity": self.quantity,
            "unit": self.unit,
            "others": self.others,
            "runs": len(self.values) + len(self.beyond),
            "without": len(self.beyond),
            "mean": self.values.mean(),
            "standard_deviation": self.values.std(ddof=1) if len(self.values) > 1 else np.nan,
            **{f"quantile_{q:g}": value for q, value in found},
            "weibull_shape": self.shape,
            "weibull_scale": self.scale,
            "p_of_the_law": self.p,
        }


def distributions(folder: SweepFolder) -> list[Distribution]:
    """Return what is distributed in a sweep over seeds; none of another sweep."""
    swept = [key for axis in folder.record["axes"] for key in axis["keys"]]
    if SEED not in swept:
        return []
    rows = completed(folder)
    columns = map(str, rows.columns)
    others = [column for column in columns if column.partition(" [")[0] in {*swept} - {SEED}]
    groups = rows.groupby(others) if others else [((), rows)]
    found: list[Distribution] = []
    for values, members in groups:
        said = ", ".join(
            f"{name.partition(' [')[0]} = {value:g}" if isinstance(value, float) else str(value)
            for name, value in zip(others, values, strict=True)
        )
        runs = [load(folder.path / name) for name in members["point"]]
        found += _of_group(members, runs, said)
    return found


def _of_group(rows: pd.DataFrame, runs: Sequence[Run], others: str) -> Iterator[Distribution]:
    from scipy.stats import CensoredData, kstest, weibull_min

    reached = [_reached(run) for run in runs]
    law = expected(runs[0])
    for quantity, unit in QUANTITIES.items():
        column = rows[f"{quantity} [{unit}]"].to_numpy(float)
        limits = np.array([ends[unit] for ends in reached])
        known = np.isfinite(column)
        values = np.sort(column[known])
        if not known.any() or (unit == "V" and np.ptp(values) < _SPREAD):
            continue
        shape = scale = p = np.nan
        if known.sum() > 2:
            data = CensoredData(uncensored=values, right=limits[~known])
            shape, _, scale = weibull_min.fit(data, floc=0)
        if law is not None and quantity == "t_nucleation" and known.all():
            p = kstest(values, lambda t: -np.expm1(-np.interp(t, *law))).pvalue
        yield Distribution(quantity, others, values, limits[~known], shape, scale, float(p))


def _reached(run: Run) -> Mapping[str, float]:
    """How far a run went in time [s] and voltage [V]."""
    iv = run.iv
    return {"s": float(iv["t [s]"].iloc[-1]), "V": float(iv["V_source [V]"].max())}


class _Waiting(BaseModel):
    """What of a configuration says how long a cell waits; the rest needs the solvers."""

    nucleation: Nucleation | None = None
    protocol: ProtocolEntries


def expected(run: Run) -> tuple[Array, Array] | None:
    """Times [s] and the nuclei to be expected up to them, in a cell at the ambient temperature.

    None without a law of nucleation.
    """
    law = law_of(run)
    if law is None:
        return None
    T, times, numbers = run.si("heat", "ambient"), [0.0], [0.0]
    protocol = build_protocol(_read(run).protocol)
    for drive in protocol.waveforms():
        for begin, end in pairwise(drive.times):
            for a, b in pairwise(np.linspace(begin, end, _POINTS).tolist()):
                times.append(b)
                numbers.append(numbers[-1] + law.expected((drive(a), drive(b)), T, b - a))
    return np.array(times), np.array(numbers)


def law_of(run: Run) -> Law | None:
    """Return the law of nucleation of a run, if it has one."""
    section = _read(run).nucleation
    return None if section is None else section.law(run.config["kinetics"]["charge_number"])


def _read(run: Run) -> _Waiting:
    return load_config(run.path / "config.resolved.toml", (), _Waiting)
