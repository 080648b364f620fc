"""Compact model of a cell whose tables have a closed form."""

import numpy as np

from mitmodels.compact.cell import SHAPES, CompactCell
from mitmodels.compact.sheet import Sheet
from mitmodels.compact.table import Table

VOLTAGE = 0.1  # [V] by which a voltage is higher whose rate per volt is e times larger
SLOWEST = -12.0  # q without a voltage
OVER = ("position", "V_cell [V]")


def toy_cell() -> CompactCell:
    """ln G = s - 8, q = V/0.1 V - 12 for growth and twice as steep for dissolution, s = -20 to 1.

    A kelvin of another ambient near 300 K adds 1e-2 to q, the thermal resistance is 1e6 K/W.
    """
    s, V = np.linspace(-20.0, 1.0, 5), np.linspace(-2.5, 2.5, 11)
    size = V[V >= 0]

    def sheet(y, values):
        return Sheet.of(OVER, s, y, values, 1e-9)

    flat = np.zeros((len(s), 1))
    columns = np.exp(np.column_stack([s - 55, -s - 22, s - 20, s * 0 + 13.8155, s * 0 + 13.8155]))
    filament = np.full((len(s), 1), 100.0)
    shapes = np.hstack([columns[:, :3], filament, columns[:, 3:]])
    return CompactCell(
        shapes=Table(s, shapes, OVER[0], SHAPES),
        log_conductance=sheet(V, flat + (s[:, None] - 8) + 0 * V),
        growth=sheet(size, flat + SLOWEST + size / VOLTAGE),
        loss=sheet(size, flat + SLOWEST + 2 * size / VOLTAGE),
        warm_conductance=sheet(V, flat + 0 * V),
        warm_growth=sheet(size, flat + 0.4 + 0 * size),
        warm_loss=sheet(size, flat + 0.4 + 0 * size),
        ambient=300.0,
        warmer=340.0,
    )
