"""Results of the relaxation of filaments at zero bias: lifetimes, and how they scale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
import pandas as pd

from mitmodels.cases.cell.outlines import Array
from mitmodels.cell.relaxation import Relaxation
from mitmodels.solvers.runs.files import Results

DISSOLVED = 0.5e-9  # height of the tip [m], as in a RESET
_OPEN = 10.0  # resistance over that at the beginning, as in a RESET


@dataclass(frozen=True, eq=False)
class History:
    """Relaxation of one filament.

    Attributes
    ----------
    compliance : float
        Of the SET that left it [A].
    table : DataFrame
        One row per step; the names of the columns carry the units.
    outlines : list of ndarray, shape (n, 2)
        Nodes (r, z) at each row [nm].
    law : Relaxation
        How its surface moves.
    """

    compliance: float
    table: pd.DataFrame
    outlines: list[Array]
    law: Relaxation

    @property
    def radius(self) -> float:
        """Radius of the hemisphere of the volume at the beginning [m]."""
        return float(self.table["mean_radius [m]"].iloc[0])

    @property
    def opened(self) -> float | None:
        """Time to ten times the tunnel resistance [s]; None without a current at the beginning."""
        R = self.table["R_tunnel [ohm]"].to_numpy()
        return self._first(np.log(R / R[0] / _OPEN)) if np.isfinite(R[0]) else None

    @property
    def dissolved(self) -> float:
        """Time to a tip below 0.5 nm [s]."""
        return self._first(DISSOLVED - self.table["height [m]"].to_numpy()) or 0.0

    def _first(self, margin: Array) -> float | None:
        """Time at which a margin first becomes positive [s], by linear interpolation."""
        after = int(np.argmax(margin >= 0))
        if margin[after] < 0:
            return None
        t = self.table["t [s]"].to_numpy()[after - 1 : after + 1]
        return float(np.interp(0.0, margin[after - 1 : after + 1], t))

    def findings(self) -> Results:
        """Return what the relaxation says: values with their units, None where there is none.

        ``mean_radius`` is that of the hemisphere of the same volume; ``hemisphere`` and
        ``isolated_sphere`` are the closed form for it, in the cell and without an overpotential at
        the active electrode.
        """
        table, radius = self.table, self.radius
        volume = table["volume [m3]"].to_numpy()
        gone = table["released [m3]"].to_numpy() + table["cut [m3]"].to_numpy()
        return {
            "compliance": (self.compliance if np.isfinite(self.compliance) else None, "A"),
            "mean_radius": (radius, "m"),
            "t_open": (self.opened, "s"),
            "t_dissolved": (self.dissolved, "s"),
            "hemisphere": (self.law.lifetime(radius), "s"),
            "isolated_sphere": (replace(self.law, flat_area=inf).lifetime(radius), "s"),
            "cut": (float(table["cut [m3]"].iloc[-1] / volume[0]), ""),
            "volume_imbalance": (float(np.abs(volume + gone - volume[0]).max() / volume[0]), ""),
            "largest_ion_drop": (float(table["ion_drop [V]"].max()), "V"),
        }


def scaling(histories: Sequence[History]) -> Results:
    """Return how the lifetimes depend on the mean radius, beside the closed form and Herring's law.

    Exponents are least-squares slopes over all filaments. Herring's law, lifetime to the fourth
    power of the radius, is that of diffusion along the surface, which is not modelled.
    """
    radius = np.array([history.radius for history in histories])
    lives = np.array([history.dissolved for history in histories])
    opened = [history.opened for history in histories]
    closed = [history.law.lifetime(history.radius) for history in histories]
    widening = float(radius.max() / radius.min())
    return {
        "exponent": (exponent(radius, lives), ""),
        "exponent_open": (None if None in opened else exponent(radius, np.array(opened)), ""),
        "exponent_hemisphere": (exponent(radius, np.array(closed)), ""),
        "radius_ratio": (widening, ""),
        "lifetime_ratio": (float(lives.max() / lives.min()), ""),
        "herring_ratio": (widening**4, ""),
        "shortest": (float(lives.min()), "s"),
        "longest": (float(lives.max()), "s"),
    }


def exponent(radius: Array, lifetime: Array) -> float:
    """Least-squares power of a radius by which a lifetime grows."""
    return float(np.polyfit(np.log(radius), np.log(lifetime.astype(float)), 1)[0])
