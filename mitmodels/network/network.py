"""Resistor network of a metal-to-insulator film: current and heat on a grid of cells.

Source: Salev et al., Nat. Commun. 12, 5499 (2021), Supporting Information 6, cited below by
equation number and read as argued in `docs/theory/network.md`. Temperatures are in kelvin; the
paper gives no other unit, so voltages, currents and resistances are in its arbitrary ones.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from mitmodels.checks import FloatArray, finite, positive
from mitmodels.network.grid import ResistorGrid
from mitmodels.network.resistance import ArmResistance

Control = Literal["voltage", "current"]


@dataclass(frozen=True, eq=False)
class NetworkState:
    """Network under one drive.

    Parameters
    ----------
    T : cell temperatures, shape (columns, rows) [K]
    voltage : voltage between the contacts
    current : current through the contacts, all rows together
    iterations : iterations it took to reach the state
    """

    T: FloatArray
    voltage: float
    current: float
    iterations: int


@dataclass(frozen=True)
class ResistorNetwork:
    r"""Grid of cells with four arms of resistance R(T) each, between two contacts.

    The temperatures obey, with the currents I of the arms of cell i (Eq. 6.3),

    .. math::

        C_V \frac{dT_i}{dt} = R_i \sum_{arms} I^2
            - k_h \Big[(T_i - T_{sub}) + \sum_{neighbours} (T_i - T_j)\Big] .

    The contacts are neighbours at :math:`T_{sub}`; no heat leaves at the lateral edges. One row
    is the 1D chain.

    Parameters
    ----------
    T_substrate : temperature of substrate and contacts [K]
    columns, rows : number of cells along and across the current
    arm : resistance of one arm
    heat_capacity : C_V
    heat_conductance : k_h, of a cell to the substrate and to each neighbour

    Raises
    ------
    ValueError
        If there is no cell or a constant is not positive and finite.
    """

    T_substrate: float
    columns: int = 100
    rows: int = 50
    arm: ArmResistance = field(default_factory=ArmResistance)
    heat_capacity: float = 2.0
    heat_conductance: float = 0.4

    def __post_init__(self) -> None:
        positive("T_substrate", self.T_substrate, "K")
        positive("heat_capacity", self.heat_capacity, "")
        positive("heat_conductance", self.heat_conductance, "")
        ResistorGrid(self.columns, self.rows)

    @cached_property
    def grid(self) -> ResistorGrid:
        """Kirchhoff's laws of the network."""
        return ResistorGrid(self.columns, self.rows)

    def resistance(self, T: ArrayLike) -> float:
        """Resistance between the contacts at the cell temperatures T, shape (columns, rows)."""
        return 1 / float(self.grid.drive @ self.grid.currents(self.arm(self._cells(T))))

    def barrier_width(self, T: ArrayLike) -> NDArray[np.intp]:
        """Return the number of cells above T_c in each row, shape (rows,)."""
        return np.asarray(np.count_nonzero(np.greater(T, self.arm.T_c), axis=0))

    def sweep(
        self,
        levels: Iterable[float],
        control: Control = "voltage",
        *,
        T: ArrayLike | None = None,
        refine: bool = False,
    ) -> Iterator[NetworkState]:
        """Yield the state at each level, every one relaxed from the one before.

        Parameters
        ----------
        levels : voltages or currents in the order applied
        control : which of the two they are
        T : starting temperatures, shape (columns, rows) [K]; those of the substrate by default
        refine : solve each relaxed state to rounding error

        Raises
        ------
        ValueError, RuntimeError
            As `relax` and `refine`.
        """
        cells = np.full((self.columns, self.rows), self.T_substrate) if T is None else T
        for level in levels:
            state = self.relax(cells, level, control)
            if refine:
                state = self.refine(state, control)
            yield state
            cells = state.T

    def relax(
        self,
        T: ArrayLike,
        level: float,
        control: Control = "voltage",
        *,
        time_step: float = 1.0,
        tolerance: float = 1e-4,
        max_iterations: int = 100_000,
    ) -> NetworkState:
        """Iterate potentials and temperatures in turn until the temperatures stand still.

        This is the iteration of the paper: explicit steps of Eq. 6.3.

        Parameters
        ----------
        T : starting temperatures, shape (columns, rows) [K]
        level : applied voltage or current
        control : which of the two `level` is
        time_step : not given by the paper; an unheated network needs less than 2 C_V/(9 k_h)
        tolerance : largest change of a temperature in the last step [K]
        max_iterations : steps before giving up

        Raises
        ------
        ValueError
            If T has the wrong shape or is not positive, the level is not finite or the control is
            unknown.
        RuntimeError
            If the temperatures do not settle.
        """
        grid, cells = self.grid, self._cells(T)
        level = _checked(level, control)
        iteration, change = 0, np.inf
        for iteration in range(1, max_iterations + 1):
            R = self.arm(cells)
            currents = grid.currents(R)
            conductance = float(grid.drive @ currents)
            voltage = level if control == "voltage" else level / conductance
            heating = voltage**2 * R * (grid.links @ currents**2)
            loss = self._loss @ (cells - self.T_substrate)
            step = time_step / self.heat_capacity * (heating - loss)
            cells = cells + step
            change = float(np.abs(step).max())
            if change <= tolerance:
                return self.state_at(cells, level, control, iteration)
            if not cells.min() > 0:
                break
        raise RuntimeError(
            f"no steady state at a {control} of {level} after {iteration} iterations: the last one "
            f"changed a temperature by {change:.3g} K, take a smaller time_step or more iterations"
        )

    def refine(self, state: NetworkState, control: Control = "voltage") -> NetworkState:
        """Solve the steady equations to rounding error from a relaxed state.

        Newton's method on potentials, temperatures and voltage together; `control` tells which
        quantity of the state is kept. It does not know which steady states are stable, hence the
        limit on how far it may go.

        Raises
        ------
        ValueError
            As `relax`.
        RuntimeError
            If it moves a temperature by more than 1 K or has not converged in 20 iterations.
        """
        cells = self._cells(state.T)
        level = _checked(state.current if control == "current" else state.voltage, control)
        potential = self.grid.potential(1 / (self.grid.arms @ self.arm(cells)))
        x = np.concatenate([state.voltage * potential, cells, [state.voltage]])
        n, moved = cells.size, 0.0
        for iteration in range(1, 21):
            residual, jacobian = self.steady_system(x, level, control)
            step = splu(jacobian).solve(-residual)
            x = x + step
            moved = float(np.abs(x[n:-1] - cells).max())
            if not moved <= 1.0:
                break
            if np.abs(step[n:-1]).max() <= 1e-9 * cells.min():
                return self.state_at(x[n:-1], level, control, state.iterations + iteration)
        raise RuntimeError(
            f"no steady state found near the relaxed one at a {control} of {level}: a temperature "
            f"moved by {moved:.3g} K in {iteration} iterations, relax to a smaller tolerance first"
        )

    @cached_property
    def _loss(self) -> sparse.csr_array:
        """Heat to the substrate and the neighbours per temperature rise of the cells."""
        difference = self.grid.difference
        exchange = sparse.eye_array(self.grid.cells) + difference.T @ difference
        return sparse.csr_array(self.heat_conductance * exchange)

    def steady_residual(
        self, x: FloatArray, level: float, control: Control = "voltage"
    ) -> FloatArray:
        """Residual of Kirchhoff's law, heat balance and drive at (potential, T, V)."""
        n, D, b = self.grid.cells, self.grid.difference, self.grid.drive
        T, V = x[n:-1], x[-1]
        R = self.arm(T)
        currents = (D @ x[:n] + b * V) / (self.grid.arms @ R)
        heating, loss = self.grid.links @ currents**2, self._loss @ (T - self.T_substrate)
        driven = b @ currents if control == "current" else V
        return np.concatenate([D.T @ currents, R * heating - loss, [driven - level]])

    def steady_system(
        self, x: FloatArray, level: float, control: Control = "voltage"
    ) -> tuple[FloatArray, sparse.csc_array]:
        """Return that residual and its Jacobian."""
        n, D, S, b = self.grid.cells, self.grid.difference, self.grid.arms, self.grid.drive
        T, V = x[n:-1], x[-1]
        R, dR, resistance = self.arm(T), self.arm.derivative(T), S @ self.arm(T)
        currents = (D @ x[:n] + b * V) / resistance
        heating = self.grid.links @ currents**2

        diagonal, rows = sparse.diags_array, sparse.csr_array
        of_T = diagonal(-currents) @ S @ diagonal(dR)
        d_currents = diagonal(1 / resistance) @ sparse.hstack([D, of_T, rows(b[:, None])])
        d_heating = diagonal(R) @ self.grid.links @ diagonal(2 * currents) @ d_currents
        own = (diagonal(dR * heating) - self._loss) @ sparse.eye_array(n, 2 * n + 1, k=n)
        d_driven = b @ d_currents if control == "current" else np.append(np.zeros(2 * n), 1.0)
        jacobian = sparse.vstack([D.T @ d_currents, d_heating + own, rows(d_driven[None, :])])
        return self.steady_residual(x, level, control), sparse.csc_array(jacobian)

    def state_at(
        self, cells: FloatArray, level: float, control: Control, iterations: int
    ) -> NetworkState:
        """Network at cell temperatures, shape (cells,), under a voltage or current."""
        T = cells.reshape(self.columns, self.rows)
        voltage = level if control == "voltage" else level * self.resistance(T)
        return NetworkState(T, voltage, voltage / self.resistance(T), iterations)

    def _cells(self, T: ArrayLike) -> FloatArray:
        """Return the temperatures as one entry per cell."""
        cells = positive("T", T, "K")
        if cells.shape != (self.columns, self.rows):
            raise ValueError(
                f"T must have the shape (columns, rows) = ({self.columns}, {self.rows}), "
                f"got {cells.shape}"
            )
        return cells.ravel()


def _checked(level: float, control: Control) -> float:
    if control not in get_args(Control):
        raise ValueError(f"control must be one of {', '.join(get_args(Control))}, got {control!r}")
    return float(finite("level", level, ""))
