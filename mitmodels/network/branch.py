"""States of a resistor network by Newton's method, each from where those before it lead.

The branch of a network winds: at every cell that a barrier gains or loses it folds back, and a
barrier as wide on both sides of the centre may lose its stability to one that is not. So Newton's
method only follows a stable piece; where that ends, which the determinant of the Jacobian tells by
its sign, the iteration of the paper relaxes the network to the next one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import SuperLU, splu

from mitmodels.checks import FloatArray
from mitmodels.network.network import NetworkState, ResistorNetwork

_FAR = 30.0  # [K] from where the first step leads: another piece, where a cell has switched
_CONVERGED = 1e-9  # last change of a temperature, as a fraction of the coldest one
_ITERATIONS = 20
_SLOW = 0.3  # ratio of two changes from which on the Jacobian is made anew
_NOISE = (0.0, 1e-3, 1e-2, 0.1)  # [K] that leads away from an unstable state, tried in turn


@dataclass(frozen=True)
class _Found:
    """Potentials, temperatures and voltage in one vector, sign of the determinant, iterations."""

    x: FloatArray
    sign: int
    iterations: int


def follow(
    network: ResistorNetwork, voltages: Iterable[float], *, T: ArrayLike | None = None
) -> Iterator[NetworkState]:
    """Yield the state at each voltage, every one from the ones before.

    Rows that begin alike stay alike: one of them is calculated. A state is solved to rounding
    error, and stable; `ResistorNetwork.sweep` also stops at states that lose their stability so
    slowly that the temperatures seem to stand still.

    Parameters
    ----------
    network
    voltages
        In the order applied.
    T
        Starting temperatures, shape (columns, rows) [K]; those of the substrate by default.

    Raises
    ------
    ValueError
        As `ResistorNetwork.relax`.
    RuntimeError
        As `ResistorNetwork.relax`, and if no stable state is found.
    """
    shape = network.columns, network.rows
    start = np.broadcast_to(network.T_substrate if T is None else np.asarray(T, float), shape)
    alike = bool((np.ptp(start, axis=1) == 0).all())
    part = replace(network, rows=1) if alike else network
    cells, known = start[:, : part.rows], list[FloatArray]()
    stable = _sign(splu(part.steady_system(_vector(part, cells, 0.0), 0.0)[1]))
    for voltage in voltages:
        found = _newton(part, _vector(part, _led(known, voltage)[:-1], voltage)) if known else None
        if found is None or found.sign != stable:
            found, known = _relaxed(part, cells, voltage, stable), []
        known = [*known[-1:], found.x[part.grid.cells :]]
        cells = known[-1][:-1].reshape(part.columns, part.rows)
        state = part.state_at(cells.ravel(), voltage, "voltage", found.iterations)
        rows = network.rows // part.rows
        yield replace(state, T=np.repeat(cells, rows, axis=1), current=rows * state.current)


def _led(known: list[FloatArray], voltage: float) -> FloatArray:
    """Temperatures to which one or two known states lead."""
    first, last = known[0], known[-1]
    span = last[-1] - first[-1]
    T: FloatArray = last + (last - first) * ((voltage - last[-1]) / span if span else 0.0)
    return T


def _vector(network: ResistorNetwork, cells: FloatArray, voltage: float) -> FloatArray:
    """Potentials at given temperatures, these, and the voltage."""
    T = cells.ravel()
    potential = network.grid.potential(1 / (network.grid.arms @ network.arm(T)))
    return np.concatenate([voltage * potential, T, [voltage]])


def _relaxed(network: ResistorNetwork, cells: FloatArray, voltage: float, stable: int) -> _Found:
    """Relax to a stable state."""
    random, iterations = np.random.default_rng(0), 0
    for noise in _NOISE:
        begun = cells + random.normal(0.0, noise, cells.shape)
        state = network.relax(begun, voltage)
        iterations += state.iterations
        found = _newton(network, _vector(network, state.T, voltage))
        if found is not None and found.sign == stable:
            return replace(found, iterations=iterations + found.iterations)
        cells = state.T
    raise RuntimeError(f"no stable steady state at a voltage of {voltage} near the relaxed one")


def _newton(network: ResistorNetwork, x: FloatArray) -> _Found | None:
    """Solve the steady equations, None if that leads far away."""
    n, lu, sign = network.grid.cells, None, 0
    led, before = x, np.inf
    for iteration in range(1, _ITERATIONS + 1):
        if lu is None:
            residual, jacobian = network.steady_system(x, x[-1])
            lu = splu(jacobian)
            sign = _sign(lu)
        else:
            residual = network.steady_residual(x, x[-1])
        step = lu.solve(-residual)
        x = x + step
        led = x if iteration == 1 else led
        if not np.abs(x[n:-1] - led[n:-1]).max() <= _FAR or not x[n:-1].min() > 0:
            return None
        change = np.abs(step[n:-1]).max()
        if change <= _CONVERGED * x[n:-1].min():
            return _Found(x, sign, iteration)
        if change > _SLOW * before:
            lu = None
        before = change
    return None


def _sign(lu: SuperLU) -> int:
    """Sign of the determinant."""
    signs = np.sign(lu.U.diagonal()).prod() * _parity(lu.perm_r) * _parity(lu.perm_c)
    return int(signs)


def _parity(order: NDArray[np.integer]) -> int:
    """1 for an even permutation, -1 for an odd one."""
    cycles, seen = 0, np.zeros(len(order), bool)
    for first in range(len(order)):
        i, cycles = first, cycles + (not seen[first])
        while not seen[i]:
            seen[i], i = True, order[i]
    return -1 if (len(order) - cycles) % 2 else 1
