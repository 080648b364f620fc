"""Device presets of array simulators: from conductances after pulses, or a volatile switch.

The names are those of NeuroSim's ``RealDevice`` (neurosim/MLP_NeuroSim_V3.0, ``Cell.cpp``) and of
aihwkit's ``PiecewiseStepDevice`` and ``ConstantStepDevice`` (IBM/aihwkit,
``simulator/configs/devices.py``).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mitmodels.checks import FloatArray
from mitmodels.compact.table import Table

_NODES = 9  # of the step sizes


@dataclass(frozen=True, eq=False)
class Programming:
    """Conductance after equal pulses up and down, both ways between the same ends.

    Attributes
    ----------
    up, down : ndarray, shape (pulses + 1,)
        [S], before the first pulse and after each.
    voltages, widths : tuple of float
        Of a pulse up and down [V, s].
    load : float
        In series [ohm].
    read : float
        Voltage at which the conductance is read [V].
    """

    up: FloatArray
    down: FloatArray
    voltages: tuple[float, float]
    widths: tuple[float, float]
    load: float
    read: float


def presets(found: Programming) -> dict[str, Any]:
    """Return the presets of both simulators."""
    low, high, pulses = float(found.up[0]), float(found.up[-1]), len(found.up) - 1
    (a_up, error_up), (a_down, error_down) = (
        _bend((found.up - low) / (high - low)),
        _bend((high - found.down) / (high - low)),
    )
    w_up, w_down = (2 * (g - low) / (high - low) - 1 for g in (found.up, found.down))
    nodes = np.linspace(-1, 1, _NODES)
    step = 2 / pulses
    return {
        "NeuroSim RealDevice": {
            "maxConductance": high,
            "minConductance": low,
            "readVoltage": found.read,
            "writeVoltageLTP": found.voltages[0],
            "writeVoltageLTD": abs(found.voltages[1]),
            "writePulseWidthLTP": found.widths[0],
            "writePulseWidthLTD": found.widths[1],
            "maxNumLevelLTP": pulses,
            "maxNumLevelLTD": pulses,
            "paramALTP": a_up,
            "paramALTD": a_down,
            "largest error of both fits over the range": max(error_up, error_down),
        },
        "aihwkit PiecewiseStepDevice": {
            "dw_min": step,
            "up_down": 0.0,
            "w_min": -1.0,
            "w_max": 1.0,
            "piecewise_up": np.interp(nodes, w_up[:-1], np.diff(w_up) / step).tolist(),
            "piecewise_down": np.interp(
                nodes, w_down[:0:-1], -np.diff(w_down)[::-1] / step
            ).tolist(),
        },
        "load in series [ohm]": found.load,
    }


def volatile_presets(pulses: Table) -> dict[str, Any]:
    """Return the presets of a switch that fades by itself, for one of its pulses.

    One pulse takes it from one end to the other, of the weights 0 and 1 of aihwkit. There weights
    fade exponentially once per mini-batch, which is taken to be as long as the pulse.

    Parameters
    ----------
    pulses : Table
        Of `mitmodels.compact.volatile.volatile_switch`; the row in its middle is the pulse.
    """
    middle = len(pulses.x) // 2
    width, _, before, after, retention = pulses.values[middle].tolist()
    name = "writeVoltageLTP" if "[V]" in pulses.x_name else "writeCurrent [A]"
    found: dict[str, Any] = {
        "NeuroSim RealDevice": {
            "maxConductance": after,
            "minConductance": before,
            name: float(pulses.x[middle]),
            "writePulseWidthLTP": width,
            "maxNumLevelLTP": 1,
        },
        "aihwkit ConstantStepDevice": {"dw_min": 1.0, "up_down": 0.0, "w_min": 0.0, "w_max": 1.0},
        "retention [s]": retention,
    }
    if retention > 0:
        found["aihwkit ConstantStepDevice"]["lifetime"] = float(-1 / np.expm1(-width / retention))
    return found


def _bend(x: FloatArray) -> tuple[float, float]:
    """Pulses A of (1 - exp(-P/A))/(1 - exp(-P_max/A)) nearest to a course from 0 to 1, its error.

    Negative for a course that gets steeper.
    """
    from scipy.optimize import minimize_scalar  # only here: it takes longer than the rest

    pulses = np.arange(len(x), dtype=float)

    def shape(rate: float) -> FloatArray:
        if abs(rate) < 1e-9:
            return np.asarray(pulses / pulses[-1])
        return np.asarray(np.expm1(-rate * pulses) / np.expm1(-rate * pulses[-1]))

    steepest = 50 / pulses[-1]
    best = minimize_scalar(
        lambda rate: float(np.sum((shape(rate) - x) ** 2)),
        bounds=(-steepest, steepest),
        method="bounded",
    )
    rate = float(best.x)
    return 1 / rate, float(np.abs(shape(rate) - x).max())
