r"""Compact model of a metallization cell: one number says how far its filament has grown.

The shapes of one growth are a family with one parameter, the position s, which rises with the
deposited volume v. At a voltage V of the cell and a rise of the ambient temperature,

.. math::
    I = G(s, V)\,V, \qquad
    \frac{ds}{dt} = \frac{M}{zF\rho}\,\frac{I_\mathrm{ion}(s, V)}{dv/ds} = V e^{q(s, V)} ,

with conductance and ionic current of the fields at the frozen shape: the heat of the cell, which is
steady, is in both. Growth and dissolution have tables of q of their own, for only what grows has to
make room. Another ambient temperature moves ln G and q as further tables say, which were solved for
at another ambient, in proportion to the difference of 1/T.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mitmodels.checks import FloatArray
from mitmodels.compact.sheet import Sheet
from mitmodels.compact.table import Table

STEEPEST = 27.0  # of q: a position per picosecond and volt, in which heat is not steady any more
LEAST = 1e-18  # [S] conductance below which the table ends
EDGE = 1.0  # width over which growth ends at the largest position, dissolution at the smallest

SHAPES = (
    "volume [m3]",
    "gap [m]",
    "radius [m]",
    "R_filament [ohm]",
    "R_thermal [K/W]",
    "R_thermal_reverse [K/W]",
)


@dataclass(frozen=True, eq=False)
class CompactCell:
    """Tables of a cell.

    Attributes
    ----------
    shapes : Table
        The columns `SHAPES` over the position; the thermal resistance is that of the hottest point
        over the power, forward with the active electrode positive.
    log_conductance, growth, loss : Sheet
        ln G [ln S] over position and voltage [V], q [ln 1/(V s)] over position and the magnitude of
        a positive and of a negative voltage [V].
    warm_conductance, warm_growth, warm_loss : Sheet
        What the ambient temperature ``warmer`` adds to them.
    ambient, warmer : float
        Of both tables [K].
    """

    shapes: Table
    log_conductance: Sheet
    growth: Sheet
    loss: Sheet
    warm_conductance: Sheet
    warm_growth: Sheet
    warm_loss: Sheet
    ambient: float
    warmer: float

    @property
    def ends(self) -> tuple[float, float]:
        """Smallest and largest position: the seed, and as far as the tables go."""
        return self.shapes.range

    @property
    def reach(self) -> tuple[float, float]:
        """Smallest and largest voltage of the tables [V]."""
        return self.log_conductance.columns.range

    def warmth(self, rise: npt.ArrayLike) -> FloatArray:
        """Return the part of the second table that a rise of the ambient temperature [K] takes."""
        T = self.ambient + np.asarray(rise, dtype=float)
        return (1 / self.ambient - 1 / T) / (1 / self.ambient - 1 / self.warmer)

    def conductance(self, s: npt.ArrayLike, V: npt.ArrayLike, rise: float = 0.0) -> FloatArray:
        """Return the conductance [S] at positions and voltages [V]."""
        warm = self.warmth(rise) * self.warm_conductance(s, V)
        return np.asarray(np.exp(self.log_conductance(s, V) + warm))

    def rate(self, s: npt.ArrayLike, V: npt.ArrayLike, rise: float = 0.0) -> FloatArray:
        """Return ds/dt [1/s] at positions and voltages [V]."""
        low, high = self.ends
        s, V = np.asarray(s, dtype=float), np.asarray(V, dtype=float)
        warm, size = self.warmth(rise), np.abs(V)
        grown = self.growth(s, size) + warm * self.warm_growth(s, size)
        lost = self.loss(s, size) + warm * self.warm_loss(s, size)
        room = np.where(V > 0, high - s, s - low) / EDGE
        q = np.minimum(np.where(V > 0, grown, lost), STEEPEST)
        return np.asarray(V * np.exp(q) * np.clip(room, 0.0, 1.0))

    def temperature(self, s: float, V: float, rise: float = 0.0) -> float:
        """Return the largest temperature [K]."""
        shape = dict(zip(SHAPES, self.shapes.at(s), strict=True))
        resistance = shape["R_thermal [K/W]" if V > 0 else "R_thermal_reverse [K/W]"]
        return float(self.ambient + rise + resistance * self.conductance(s, V, rise) * V**2)

    def position(self, volume: float) -> float:
        """Return the position of a volume [m3]."""
        return float(np.interp(volume, self.shapes.values[:, 0], self.shapes.x))
