"""Circuits around the compact model of a cell, solved by ngspice."""

import numpy as np

from mitmodels.cases.compact.comparison import EXACT, Corners, Trace
from mitmodels.cases.compact.ngspice import Transient, solve
from mitmodels.checks import FloatArray
from mitmodels.circuit import SeriesCircuit
from mitmodels.compact.cell import CompactCell
from mitmodels.compact.cell_text import antiserial, driven, subcircuit
from mitmodels.compact.table import vertices

_POINTS = 2000  # time steps at least
_STRAIGHT = 1e-9  # of the largest voltage, within which a source goes straight


def corners_of(time: FloatArray, source: FloatArray) -> Corners:
    """Return the corners of a source that goes straight between many points."""
    allowed = _STRAIGHT * float(np.abs(source).max())
    kept = vertices(time, source[:, None], [allowed])
    return [(float(time[i]), float(source[i])) for i in kept]


def solve_cell(
    cell: CompactCell,
    corners: Corners,
    circuit: SeriesCircuit,
    parameters: str = "",
    pin: float = 0.0,
    options: str = EXACT,
    points: int = _POINTS,
) -> Trace:
    """Solve the model in a circuit along the corners of its source.

    Raises
    ------
    InputError
        If there is no ngspice.
    RunError
        If it does not come to the end.
    """
    text = f"{subcircuit(cell, '')}\n{driven(corners, circuit, parameters, pin)}\n"
    stop = corners[-1][0]
    names = ("v(s)", "v(p)", "i(V_ammeter)", "v(x_cell.hot)")
    found = solve(Transient(text, stop, stop / points, names, options))
    return Trace(*found.values.T)


def solve_pair(cell: CompactCell, corners: Corners, load: float, start: float) -> Trace:
    """Solve two cells back to back behind a load [ohm], of which the second has grown.

    Raises
    ------
    InputError, RunError
        As `solve_cell`.
    """
    text = f"{subcircuit(cell, '')}\n{antiserial(corners, load, start)}\n"
    stop = corners[-1][0]
    names = ("v(s)", "v(p)", "i(V_ammeter)", "v(x_cell.hot)")
    found = solve(Transient(text, stop, stop / (2 * _POINTS), names))
    return Trace(*found.values.T)
