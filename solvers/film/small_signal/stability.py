r"""Stability of a steady state under its source.

A small perturbation of the temperature obeys :math:`C\,d\delta T/dt = -J\,\delta z` with the drive
held; the state is stable if no eigenvalue of the pencil (J, C) has a negative real part. The sign
at which an eigenvalue crosses zero does not depend on C, so C is one time constant everywhere.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from petsc4py import PETSc
from slepc4py import SLEPc

import numpy as np
import numpy.typing as npt

from mitmodels.solvers.film.constraints import Drive, drive_at
from mitmodels.solvers.film.interfaces import Array, State
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.petsc import SolverError, callback, raising

_CAPACITY = 1 / 100.0  # [1/K] an evenly heated device relaxes at a rate of order one
_RESOLVED = 1e-3  # of inverse rates near zero: growth at more than 1000 thermal rates is not seen


@dataclass(frozen=True, eq=False)
class Mode:
    """A perturbation of a steady state and its gain.

    Attributes
    ----------
    gain : complex
        Temperature that the Joule heat of the perturbation causes, over the perturbation itself:
        it grows if the gain exceeds one.
    temperature : ndarray, shape (nodes,)
        Perturbation of T, its largest value being one.
    """

    gain: complex
    temperature: Array


class _Response:
    """Shell matrix: change that the heat ``weights`` x causes, read off its second component."""

    failed = 0.0
    error: BaseException | None = None

    def __init__(
        self, newton: BorderedNewton, weights: Array | float, read: Callable[[Array], Array]
    ) -> None:
        self.newton, self.weights, self.read = newton, weights, read

    @callback
    def mult(self, _mat: PETSc.Mat, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """Solve the linearised film for the heat."""
        rows = np.zeros((len(x.array_r), 2))
        rows[:, 1] = self.weights * x.array_r
        change, _ = self.newton.solve_linear(rows, 0.0)
        y.array_w = self.read(change[:, 1])


def slowest_rates(
    newton: BorderedNewton, state: State, drive: Drive, count: int = 3
) -> npt.NDArray[np.complex128]:
    """Rates of the growing perturbations at a fixed drive and of the slowest decaying ones.

    In units of the thermal rate. The inverse rates of all decaying perturbations lie between 0 and
    the slowest, those of growing ones below 0: both ends of that spectrum are asked for, since a
    perturbation that grows fast is not among the slow ones.

    Parameters
    ----------
    newton : BorderedNewton
    state : State
        A solution.
    drive : Drive
        What the source holds.
    count : int
        At least of the slowest, at most of the growing ones.

    Returns
    -------
    ndarray of complex
        Growing ones, with a negative real part, first; each part sorted by magnitude.

    Raises
    ------
    SolverError
        If the eigensolver finds none.
    """
    # J^-1 C on the temperature's perturbation: its large eigenvalues are slow.
    weights = _CAPACITY * newton.layout.gather(newton.film.node_weights("film"))
    inverse = _Response(newton, weights, lambda heat: newton.system.temperature_of_heat(heat))
    with _shell(inverse, state, drive) as operator:
        slow, _ = _eigenpairs(operator, SLEPc.EPS.Which.LARGEST_MAGNITUDE, count)
        low, _ = _eigenpairs(operator, SLEPc.EPS.Which.SMALLEST_REAL, count)
    growing = 1 / low[low.real < -_RESOLVED]
    decaying = 1 / slow[slow.real > 0]
    return np.concatenate([rates[np.argsort(np.abs(rates))] for rates in (growing, decaying)])


def leading_modes(
    newton: BorderedNewton, state: State, drive: Drive, count: int = 4
) -> tuple[Mode, ...]:
    """Perturbations of a film on a half-space whose gain at a fixed drive is nearest to one.

    Parameters
    ----------
    newton : BorderedNewton
    state : State
        A solution.
    drive : Drive
        What the source holds.
    count : int
        At least this many.

    Returns
    -------
    tuple of Mode
        The largest gain first. A gain beyond two can be missing.

    Raises
    ------
    SolverError
        If the eigensolver finds none.
    """
    # From the heat put in to the heat into the half-space. A mode that answers the heat b into the
    # substrate with more Joule heat, gain times b, needs (1 - gain) b from outside.
    response = _Response(newton, 1.0, lambda heat: heat)
    with _shell(response, state, drive) as operator:
        values, heats = _eigenpairs(operator, SLEPc.EPS.Which.LARGEST_MAGNITUDE, count)
    modes = []
    for value, heat in zip(values, heats, strict=True):
        T = newton.layout.all_rows(newton.system.temperature_of_heat(heat))
        modes.append(Mode(1 - 1 / value, T / T[np.abs(T).argmax()]))
    return tuple(sorted(modes, key=lambda mode: -mode.gain.real))


@contextmanager
def _shell(context: _Response, state: State, drive: Drive) -> Iterator[PETSc.Mat]:
    newton, value = context.newton, drive(state.voltage, state.current)
    newton.factor_at(state.unknown, state.voltage)  # it serves dozens of solves
    newton.linearise(state, drive_at(drive, value, newton.film.voltage_scale))
    size = ((newton.layout.nodes, None), (newton.layout.nodes, None))
    operator = PETSc.Mat().createPython(size, context, comm=newton.layout.comm)
    operator.setUp()
    try:
        yield operator
    finally:
        operator.destroy()


def _eigenpairs(
    operator: PETSc.Mat, which: SLEPc.EPS.Which, count: int
) -> tuple[npt.NDArray[np.complex128], list[Array]]:
    """Eigenvalues at one end of the spectrum; near 0, where they cluster, only absolutely so.

    Of the eigenvectors only the real parts.
    """
    relative = which == SLEPc.EPS.Which.LARGEST_MAGNITUDE
    solver = SLEPc.EPS().create(operator.comm)
    solver.setOperators(operator)
    solver.setProblemType(SLEPc.EPS.ProblemType.NHEP)
    solver.setWhichEigenpairs(which)
    solver.setConvergenceTest(SLEPc.EPS.Conv.REL if relative else SLEPc.EPS.Conv.ABS)
    solver.setDimensions(count)
    solver.setTolerances(1e-6 if relative else _RESOLVED, 200)
    vector = operator.createVecRight()
    try:
        with raising(operator.getPythonContext()):
            solver.solve()
        values, vectors = [], []
        for i in range(solver.getConverged()):
            values.append(complex(solver.getEigenpair(i, vector)))
            vectors.append(vector.array_r.copy())
    finally:
        solver.destroy(), vector.destroy()
    if relative and not values:
        raise SolverError("no eigenvalue of the linearised film converged in 200 iterations")
    return np.array(values, dtype=complex), vectors
