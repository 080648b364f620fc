"""What decides where a barrier stands: gains of small perturbations and their shapes."""

import numpy as np

from mitmodels.checks import FloatArray
from mitmodels.film.observables import STEADY_FILM, OperatingPoint
from mitmodels.solvers.film.branch import Branch
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.small_signal.stability import Mode, leading_modes
from mitmodels.solvers.runs.folder import Table

MODES = {
    "V_source": "V",
    "barrier_width": "m",
    "barrier_position": "m",
    "mode": "",
    "gain": "",
    "gain_imaginary": "",
    "parity_x": "",
    "parity_y": "",
    "across": "",
}


class Shapes:
    """Film of a solver, on which shapes of perturbations are told apart.

    Parameters
    ----------
    newton : BorderedNewton
    bin_length : float
        Length [m] along the current within which a shape is taken as one row.
    """

    def __init__(self, newton: BorderedNewton, bin_length: float) -> None:
        film, layout = newton.film, newton.layout
        points = film.space.tabulate_dof_coordinates()[: film.owned, :2]
        self.points = layout.all_rows(layout.gather(np.ascontiguousarray(points)))
        self.weights = layout.all_rows(layout.gather(film.node_weights("film")))
        self._rows = np.unique(np.round(self.points[:, 0] / bin_length), return_inverse=True)[1]

    def parity(self, values: FloatArray, axis: int) -> float:
        """1 for a shape that is its own mirror image along an axis, -1 for its negative."""
        from scipy.spatial import KDTree  # only here: it takes longer than the rest

        mirror = np.ones(2)
        mirror[axis] = -1.0
        image = KDTree(self.points).query(self.points * mirror)[1]
        return float(self.weights @ (values * values[image]) / (self.weights @ values**2))

    def across(self, values: FloatArray) -> float:
        """Fraction of a shape that varies across the current; 0 if all of its rows are alike."""
        weight, sums = (np.bincount(self._rows, w) for w in (self.weights, self.weights * values))
        filled = weight > 0
        even = np.sum(sums[filled] ** 2 / weight[filled])
        return float(1 - even / (self.weights @ values**2))

    def row(self, mode: Mode) -> dict[str, float]:
        """Gain and shape of a mode."""
        return {
            "gain": mode.gain.real,
            "gain_imaginary": mode.gain.imag,
            "parity_x": self.parity(mode.temperature, 0),
            "parity_y": self.parity(mode.temperature, 1),
            "across": self.across(mode.temperature),
        }


def write_modes(
    branch: Branch, load: float, voltages: tuple[float, ...], bin_length: float, table: Table
) -> None:
    """Write the leading modes of every stable state at some source voltages."""
    newton, drive = branch.continuation.newton, branch.continuation.drive
    shapes = Shapes(newton, bin_length)
    for voltage in voltages:
        for point in branch.land(voltage):
            row = STEADY_FILM.row(OperatingPoint(point.state.reading, load))
            state = {name: row[name] for name in ("V_source", "barrier_width", "barrier_position")}
            for number, mode in enumerate(leading_modes(newton, point.state, drive), start=1):
                table.append({**state, "mode": number, **shapes.row(mode)})
