r"""Stability of a steady state under its drive.

A small perturbation of the temperature obeys :math:`C\,d\delta T/dt = -J\,\delta z` with the drive
held; the state is stable if no eigenvalue of the pencil (J, C) has a negative real part. The sign
at which an eigenvalue crosses zero does not depend on C, so C is one time constant everywhere.
"""

from petsc4py import PETSc
from slepc4py import SLEPc

import numpy as np
import numpy.typing as npt

from solvers.bordered import BorderedNewton, SolverError, State
from solvers.conditions import Drive, DriveAt

_CAPACITY = 1 / 100.0  # [1/K] an evenly heated device relaxes at a rate of order one
_RESOLVED = 1e-3  # of inverse rates near zero: growth at more than 1000 thermal rates is not seen


class _Inverse:
    """Shell matrix J^-1 C on the temperature's perturbation; its large eigenvalues are slow."""

    def __init__(self, newton: BorderedNewton) -> None:
        self.newton = newton
        self.weights = _CAPACITY * newton.layout.gather(newton.film.node_weights())

    def mult(self, _mat: PETSc.Mat, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """Change of T that balances the heat C x."""
        rows = np.zeros((len(x.array_r), 2))
        rows[:, 1] = self.weights * x.array_r
        change, _ = self.newton.solve_linear(rows, 0.0)
        y.array_w = self.newton.substrate.push(change[:, 1])


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
        How many at least of the slowest, and at most of the growing ones.

    Returns
    -------
    ndarray of complex
        Growing ones, with a negative real part, first; each part sorted by magnitude.

    Raises
    ------
    SolverError
        If the eigensolver finds none.
    """
    value = drive(state.voltage, state.current)
    newton.linearise(state, DriveAt(drive, value, newton.film.voltage_scale))
    size = ((newton.layout.nodes, None), (newton.layout.nodes, None))
    operator = PETSc.Mat().createPython(size, _Inverse(newton), comm=newton.layout.comm)
    operator.setUp()
    slow = _eigenvalues(operator, SLEPc.EPS.Which.LARGEST_MAGNITUDE, count, relative=True)
    low = _eigenvalues(operator, SLEPc.EPS.Which.SMALLEST_REAL, count, relative=False)
    operator.destroy()
    if not slow.size:
        raise SolverError("no eigenvalue of the linearised film converged in 200 iterations")
    growing = 1 / low[low.real < -_RESOLVED]
    decaying = 1 / slow[slow.real > 0]
    return np.concatenate([rates[np.argsort(np.abs(rates))] for rates in (growing, decaying)])


def _eigenvalues(
    operator: PETSc.Mat, which: SLEPc.EPS.Which, count: int, relative: bool
) -> npt.NDArray[np.complex128]:
    """Eigenvalues at one end of the spectrum; near 0, where they cluster, only absolutely so."""
    convergence = SLEPc.EPS.Conv.REL if relative else SLEPc.EPS.Conv.ABS
    solver = SLEPc.EPS().create(operator.comm)
    solver.setOperators(operator)
    solver.setProblemType(SLEPc.EPS.ProblemType.NHEP)
    solver.setWhichEigenpairs(which)
    solver.setConvergenceTest(convergence)
    solver.setDimensions(count)
    solver.setTolerances(1e-6 if relative else _RESOLVED, 200)
    solver.solve()
    found = [complex(solver.getEigenvalue(i)) for i in range(solver.getConverged())]
    solver.destroy()
    return np.array(found, dtype=complex)
