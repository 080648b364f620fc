"""Numbers of Buttberg et al. (2025): SET of a Cu/SiO2/Pt cell, and how near a run comes to them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from mitmodels.cases.config.layers import si
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.papers.quoted import matches, quoted
from mitmodels.solvers.runs.files import Results
from mitmodels.solvers.runs.reading import Run

NAME = "Buttberg et al. 2025"

OXIDE = quoted(10e-9, "m", "section 3")
RATE = quoted(1.0, "V/s", "section 3.1")
COMPLIANCE = quoted(1e-3, "A", "Fig. 2")
TIMES = {
    "onset": quoted(10**0.05, "s", "section 3.1, log10 t = 0.05"),
    "void": quoted(10**0.225, "s", "Fig. 2, point Gamma, log10 t = 0.225"),
    "compliance": quoted(10**0.25, "s", "Fig. 2, point Y, log10 t = 0.25"),
}
TIMES_LAST = quoted(10**0.35, "s", "Fig. 2, point Lambda, log10 t = 0.35")
VOID_RATIO = quoted(0.05, "", "section 2.3")
ATOM = quoted(0.2e-9, "m", "section 2.4, diameter")
W_VOID = quoted(0.01, "eV", "section 2.4, at the interface")
CONTACT = quoted(12.9e3, "ohm", "section 1, h/2e^2")
LOG_ONSET, LOG_VOID, LOG_COMPLIANCE = (
    quoted(float(np.log10(t)), "", t.source) for t in TIMES.values()
)
GAP_LEAST = quoted(0.07e-9, "m", "section 2.3, at the end")
GAP_MOST = quoted(0.4e-9, "m", "section 2.3, at the end")
I_HOT = quoted(603e-6, "A", "Fig. 3c")
T_HOT = quoted(750.0, "K", "Fig. 3c")
T_MAX = quoted(850.0, "K", "Fig. 5a, at 1 mA")
I_WARM = quoted(100e-6, "A", "section 3.1, regime C")
RISE_WARM = quoted(100.0, "K", "section 3.1, regime C, at least")
I_SIDE_GROWTH = quoted(100e-9, "A", "Fig. 1c, constant shape below")
I_DROP = quoted(3.5e-6, "A", "Fig. 1d")
DROP = "tens of mV"  # section 3.1
I_BARE = quoted(100e-6, "A", "Figs. 5c and 5d, without dissolution")
RESET = "lower resistance, longer RESET"  # section 4, a hypothesis
HERRING = quoted(4, "", "section 3.3, power of the radius in the lifetime")
RADIUS_RATIO = quoted(2, "", "section 3.3, of the compliances")
LIFETIME_RATIO = quoted(10, "", "section 3.3, more than an order of magnitude")
# Currents [A] well inside the regimes of Fig. 1e; the paper gives no others than `I_WARM`.
REGIMES = {"A": (1e-9, 1e-7), "B": (1e-6, 1e-5), "C": (I_WARM, 9e-4)}

DEVICE = {
    ("geometry", "oxide"): OXIDE,
    ("filament", "molar_mass"): 0.063546,  # of copper, section 3
}


def is_device(run: Run) -> bool:
    """Return whether a run is of the paper's cell."""
    return matches(run, DEVICE)


def times(run: Run) -> dict[str, Quantity]:
    """Return the quoted times of a ramp of 1 V/s, which are source voltages too; none of another.

    Without a compliance as large as the paper's, those that come before it.
    """
    first = run.config["protocol"][0]
    rate = str(first.get("rate", {}).get("value", "")).split()
    if not (is_device(run) and first["step"] == "ramp" and rate and float(rate[0]) == RATE):
        return {}
    reached = (si(run.config, "circuit.compliance") or np.inf) > 0.99 * COMPLIANCE
    return {name: t for name, t in TIMES.items() if reached or name != "compliance"}


@dataclass(frozen=True)
class Target:
    """Result of a SET beside what the paper states of it.

    Attributes
    ----------
    name, unit : str
    fitted : bool
        Whether the parameters were fitted to it; if not, it is a prediction.
    relation : {"=", ">", "<", "none"}
        ``none`` of a result that the paper does not quote.
    value, tolerance : float
        The stated value and how far off is far.
    """

    name: str
    unit: str
    fitted: bool
    relation: Literal["=", ">", "<", "none"]
    value: float
    tolerance: float

    def residual(self, result: float) -> float:
        """Distance of a result from what is stated, in tolerances; 0 where a bound holds."""
        off = (result - self.value) / self.tolerance
        return {"=": off, ">": max(-off, 0.0), "<": max(off, 0.0), "none": 0.0}[self.relation]

    @property
    def text(self) -> str:
        """What is stated, for a table."""
        if self.relation == "none":
            return "not quoted"
        if self.relation == "=":
            return f"{self.value:g} ± {self.tolerance:g}"
        return f"{self.relation} {self.value:g}"


_LOG_TIMES = {name: float(np.log10(t)) for name, t in TIMES.items()}
_GAPS = GAP_LEAST * 1e9, GAP_MOST * 1e9
TARGETS = (
    Target("log10 t of onset", "", True, "=", _LOG_TIMES["onset"], 0.02),
    Target("log10 t of void", "", True, "=", _LOG_TIMES["void"], 0.01),
    Target("log10 t of compliance", "", True, "=", _LOG_TIMES["compliance"], 0.01),
    Target("T_max", "K", True, "=", T_MAX, 30.0),
    Target("T at 603 uA", "K", True, "=", T_HOT, 30.0),
    Target("rise at 100 uA", "K", False, ">", RISE_WARM, 10.0),
    # Exponential, gradual and exponential again in the paper, without numbers.
    Target("slope A", "dec/V", False, ">", 100.0, 10.0),
    Target("slope B", "dec/V", False, "<", 30.0, 3.0),
    Target("slope C", "dec/V", False, ">", 50.0, 5.0),
    Target("smallest gap", "nm", False, "=", sum(_GAPS) / 2, (_GAPS[1] - _GAPS[0]) / 2),
    # Twice the numerical uncertainty.
    Target("R of the low state", "kohm", False, "none", 0.0, 0.04),
)


def results(run: Run) -> Results:
    """Return the largest temperatures at the currents that the paper quotes, from ``iv.csv``."""
    iv = run.iv
    return {
        f"T_at_{current * 1e6:.0f}uA": (temperature_at(iv, current), "K")
        for current in (I_HOT, I_WARM)
    }


def temperature_at(iv: pd.DataFrame, current: float) -> float | None:
    """Largest temperature at the first upward crossing of a current [A]; None without one.

    Interpolated in the logarithm of the current.
    """
    I, T = iv["I [A]"].to_numpy(), iv["T_max [K]"].to_numpy()  # noqa: E741
    crossings = np.flatnonzero((I[:-1] < current) & (current <= I[1:]) & (I[:-1] > 0))
    if not len(crossings):
        return None
    pair = slice(crossings[0], crossings[0] + 2)
    return float(np.interp(np.log(current), np.log(I[pair]), T[pair]))


def compared(run: Run) -> dict[str, float]:
    """Return the result behind each of `TARGETS`, NaN where a run did not come so far."""
    summary, iv = run.summary, run.iv

    def of(name: str, law: Callable[[float], float] = float) -> float:
        value = summary.get(name, {}).get("value")
        return np.nan if value is None else float(law(value))

    T = {name: np.nan if value is None else value for name, (value, _) in results(run).items()}
    found = {f"log10 t of {name}": of(f"t_{name}", np.log10) for name in TIMES}
    found |= {"T_max": of("T_max"), "T at 603 uA": T["T_at_603uA"]}
    found["rise at 100 uA"] = T["T_at_100uA"] - float(iv["T_max [K]"].iloc[0])
    limit = 10 ** found["log10 t of compliance"]
    rising = iv[iv["t [s]"] <= limit] if np.isfinite(limit) else iv
    found |= {f"slope {name}": decades_per_volt(rising, *ends) for name, ends in REGIMES.items()}
    found["smallest gap"] = of("gap_final") * 1e9
    found["R of the low state"] = of("R_LRS") * 1e-3
    return found


def decades_per_volt(iv: pd.DataFrame, low: float, high: float) -> float:
    """Least-squares slope of log10 I over the voltage of the source between two currents [A]."""
    window = iv[(iv["I [A]"] >= low) & (iv["I [A]"] <= high)]
    if len(window) < 2:
        return np.nan
    slope = np.polyfit(window["V_source [V]"], np.log10(window["I [A]"]), 1)[0]
    return float(slope)
