"""How long a linear system that loses what it stores takes to forget."""

from petsc4py import PETSc
from slepc4py import SLEPc

from mitmodels.errors import RunError


def slowest_decay(conductance: PETSc.Mat, capacity: PETSc.Mat) -> float:
    r"""Return the largest time constant of :math:`C\,dx/dt = -Kx` [s].

    The inverse of the smallest eigenvalue of :math:`Kx = \lambda Cx`. Collective.

    Parameters
    ----------
    conductance, capacity : Mat
        K, symmetric and positive definite, and C, symmetric and semidefinite.

    Raises
    ------
    RunError
        If the eigensolver finds none.
    """
    solver = SLEPc.EPS().create(conductance.comm)
    solver.setOperators(conductance, capacity)
    solver.setProblemType(SLEPc.EPS.ProblemType.GHEP)
    solver.setWhichEigenpairs(SLEPc.EPS.Which.TARGET_MAGNITUDE)
    solver.setTarget(0.0)
    transform = solver.getST()
    transform.setType(SLEPc.ST.Type.SINVERT)
    linear = transform.getKSP()
    linear.setType(PETSc.KSP.Type.PREONLY)
    linear.getPC().setType(PETSc.PC.Type.LU)
    linear.getPC().setFactorSolverType(PETSc.Mat.SolverType.MUMPS)
    solver.setTolerances(1e-10, 200)
    solver.solve()
    found = solver.getConverged()
    rate = solver.getEigenvalue(0).real if found else 0.0
    solver.destroy()
    if not found:
        raise RunError("the slowest decay of the heat did not converge in 200 iterations")
    return float(1 / rate)
