"""Conductance of a cell over equal programming pulses, by quadrature along its growth."""

import numpy as np

from mitmodels.checks import FloatArray
from mitmodels.circuit import SeriesCircuit
from mitmodels.compact.cell import CompactCell
from mitmodels.compact.presets import Programming

_PULSES = 64
_HIGH, _RANGE = (
    0.5,
    4.0,
)  # largest conductance over that of the end of the growth, over the smallest
_READ = 0.1  # [V]
_POINTS = 400  # along the growth
_ITERATIONS = 60
_SETTLED = 1e-9  # of the voltage


def voltage_of(cell: CompactCell, circuit: SeriesCircuit, s: float, source: float) -> float:
    """Return the steady voltage of a cell [V] behind a circuit, at a voltage of the source [V]."""
    V = source
    for _ in range(_ITERATIONS):
        before, V = V, source - circuit.drop(float(cell.conductance(s, V)), source)
        if abs(V - before) <= _SETTLED * abs(source):
            break
    return V


def times(cell: CompactCell, circuit: SeriesCircuit, s: FloatArray, source: float) -> FloatArray:
    """Return when a cell that begins at the first of some positions comes to each [s].

    Under a constant voltage of the source [V] behind a circuit, by the trapezoidal rule.
    """
    V = np.array([voltage_of(cell, circuit, float(x), source) for x in s])
    slowness = 1 / cell.rate(s, V)
    return np.concatenate([[0.0], np.cumsum(np.diff(s) * (slowness[1:] + slowness[:-1]) / 2)])


def program(cell: CompactCell, voltage: float) -> Programming:
    """Return the conductance over pulses of a voltage [V] up and of its negative down.

    They go between half of that of the end of the growth and a quarter of this, with its resistance
    in series; the pulses are so wide that it takes 64 of them either way.
    """
    positions = np.linspace(cell.ends[0], 0.0, 20 * _POINTS)
    read = cell.conductance(positions, _READ)
    high = _HIGH * float(read[-1])
    first, last = (positions[np.argmax(read >= value)] for value in (high / _RANGE, high))
    s, circuit = np.linspace(first, last, _POINTS), SeriesCircuit(load=1 / high)
    courses, widths = [], []
    for way, source in ((s, voltage), (s[::-1], -voltage)):
        t = times(cell, circuit, way, source)
        at = np.linspace(0, t[-1], _PULSES + 1)
        courses.append(cell.conductance(np.interp(at, t, way), _READ))
        widths.append(float(t[-1]) / _PULSES)
    return Programming(
        up=courses[0],
        down=courses[1],
        voltages=(voltage, -voltage),
        widths=(widths[0], widths[1]),
        load=1 / high,
        read=_READ,
    )
