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
    """Decay rates of the slowest perturbations at a fixed drive, in units of the thermal rate.

    Parameters
    ----------
    newton : BorderedNewton
    state : State
        A solution.
    drive : Drive
        What the source holds.
    count : int
        How many rates at least.

    Returns
    -------
    ndarray of complex
        Sorted by magnitude; a negative real part is a growing perturbation.

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
    solver = SLEPc.EPS().create(newton.layout.comm)
    solver.setOperators(operator)
    solver.setProblemType(SLEPc.EPS.ProblemType.NHEP)
    solver.setWhichEigenpairs(SLEPc.EPS.Which.LARGEST_MAGNITUDE)
    solver.setDimensions(count)
    solver.setTolerances(1e-6, 200)
    solver.solve()
    found = solver.getConverged()
    rates = np.array([1 / complex(solver.getEigenvalue(i)) for i in range(found)])
    solver.destroy()
    operator.destroy()
    if not found:
        raise SolverError("no eigenvalue of the linearised film converged in 200 iterations")
    return rates[np.argsort(np.abs(rates))]
