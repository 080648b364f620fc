"""Numbers of a SET that the paper states too, and how near it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from mitmodels.solvers.runs.reading import Run

_MISSING = float("nan")


@dataclass(frozen=True)
class Statement:
    """What Buttberg et al. (2025) say of one number.

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

    def residual(self, found: float) -> float:
        """Distance of a number from what is stated, in tolerances; 0 where a bound holds."""
        off = (found - self.value) / self.tolerance
        return {"=": off, ">": max(-off, 0.0), "<": max(off, 0.0), "none": 0.0}[self.relation]

    @property
    def text(self) -> str:
        """What is stated, for a table."""
        if self.relation == "none":
            return "not quoted"
        if self.relation == "=":
            return f"{self.value:g} ± {self.tolerance:g}"
        return f"{self.relation} {self.value:g}"


STATEMENTS = (
    Statement("log10 t of onset", "", True, "=", 0.05, 0.02),
    Statement("log10 t of void", "", True, "=", 0.225, 0.01),
    Statement("log10 t of compliance", "", True, "=", 0.25, 0.01),
    Statement("T_max", "K", True, "=", 850.0, 30.0),
    Statement("T at 603 uA", "K", True, "=", 750.0, 30.0),
    Statement("rise at 100 uA", "K", False, ">", 100.0, 10.0),
    Statement("slope A", "dec/V", False, ">", 100.0, 10.0),
    Statement("slope B", "dec/V", False, "<", 30.0, 3.0),
    Statement("slope C", "dec/V", False, ">", 50.0, 5.0),
    Statement("smallest gap", "nm", False, "=", 0.235, 0.165),
    # Twice the numerical uncertainty.
    Statement("R of the low state", "kohm", False, "none", 0.0, 0.04),
)
WINDOWS = {"slope A": (1e-9, 1e-7), "slope B": (1e-6, 1e-5), "slope C": (1e-4, 9e-4)}  # [A]


def findings(run: Run) -> dict[str, float]:
    """Return the number behind each of `STATEMENTS`, NaN where a run did not come so far."""
    summary, iv = run.summary, run.iv

    def of(name: str, law: Callable[[float], float] = float) -> float:
        value = summary.get(name, {}).get("value")
        return _MISSING if value is None else float(law(value))

    found = {f"log10 t of {name}": of(f"t_{name}", np.log10) for name in ("onset", "void")}
    found["log10 t of compliance"] = of("t_compliance", np.log10)
    found |= {"T_max": of("T_max"), "T at 603 uA": of("T_at_603uA")}
    found["rise at 100 uA"] = of("T_at_100uA") - float(iv["T_max [K]"].iloc[0])
    limit = 10 ** found["log10 t of compliance"]
    rising = iv[iv["t [s]"] <= limit] if np.isfinite(limit) else iv
    found |= {name: decades_per_volt(rising, *window) for name, window in WINDOWS.items()}
    found["smallest gap"] = of("gap_final") * 1e9
    found["R of the low state"] = of("R_LRS") * 1e-3
    return found


def decades_per_volt(iv: pd.DataFrame, low: float, high: float) -> float:
    """Least-squares slope of log10 I over the voltage of the source between two currents [A]."""
    window = iv[(iv["I [A]"] >= low) & (iv["I [A]"] <= high)]
    if len(window) < 2:
        return _MISSING
    slope = np.polyfit(window["V_source [V]"], np.log10(window["I [A]"]), 1)[0]
    return float(slope)
