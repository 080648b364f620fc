"""PETSc's Newton method with flexible GMRES, on a system that is given by callbacks."""

from typing import Protocol

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np

from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.petsc import destroy_with, raising
from mitmodels.solvers.petsc import solve as solve_with

# Relative residuals of the linear solves: of a Newton step, whose next one corrects it (254 of them
# per branch with 1e-4 as with 1e-8, a quarter fewer products), and of what is used as it is.
_STEP, _FINAL = 1e-4, 1e-11
# Newton step over the unknown from which on a residual is rounding: that of an implicit step much
# shorter than the thermal time, or of a conductance much larger than the cold one, is no smaller.
_ROUNDING = 1e-13
# Pads that conduct well take a half-space without a matrix some fifty.
_KRYLOV_ITERATIONS = 300


class LaggedSystem(Protocol):
    """Context of PETSc's whose preconditioner may be that of an earlier Jacobian."""

    error: BaseException | None
    failed: float

    @property
    def is_lagged(self) -> bool:
        """Whether it is now."""

    def vector(self) -> PETSc.Vec:
        """Create a vector of the system."""

    def renew(self) -> None:
        """Make the next linearisation renew it."""

    def refactor(self) -> None:
        """Renew it where the system is linearised."""

    def function(self, snes: PETSc.SNES, x: PETSc.Vec, f: PETSc.Vec) -> None:
        """Evaluate the residual."""

    def jacobian(self, snes: PETSc.SNES, x: PETSc.Vec, J: PETSc.Mat, P: PETSc.Mat) -> None:
        """Linearise."""


class NewtonKrylov:
    """PETSc's Newton method on a system of callbacks, with flexible GMRES.

    Parameters
    ----------
    system : LaggedSystem
    comm : MPI.Comm
        Of its vectors.

    Attributes
    ----------
    x, f, rhs : PETSc.Vec
        Iterate or solution, residual, right-hand side of `solve_linear`.
    krylov : PETSc.KSP
    iterations : int
        Newton iterations spent so far, those of failed solves included.
    """

    def __init__(self, system: LaggedSystem, comm: MPI.Comm) -> None:
        self._system, self.iterations = system, 0
        self.x, self.f, self.rhs = (system.vector() for _ in range(3))
        size = self.x.getSizes()
        self._shell = PETSc.Mat().createPython((size, size), system, comm=comm)
        self._shell.setUp()
        self._snes = snes = PETSc.SNES().create(comm)
        snes.setOptionsPrefix("bordered_")
        snes.setFunction(system.function, self.f)
        snes.setJacobian(system.jacobian, self._shell)
        snes.getLineSearch().setType(PETSc.SNESLineSearch.Type.BASIC)
        # A good predictor is never made worse: a growing residual means the step was too long.
        snes.setDivergenceTolerance(1.0)
        snes.setConvergenceHistory(100, reset=True)
        self.krylov = ksp = snes.getKSP()
        destroy_with(self, snes, ksp, self._shell, self.x, self.f, self.rhs)
        ksp.setType(PETSc.KSP.Type.FGMRES)
        ksp.setGMRESRestart(100)
        ksp.setTolerances(rtol=_STEP, atol=0.0, max_it=_KRYLOV_ITERATIONS)
        ksp.getPC().setType(PETSc.PC.Type.PYTHON)
        ksp.getPC().setPythonContext(system)
        snes.setFromOptions()

    @property
    def history(self) -> Array:
        """Norms of the residual of the last solve."""
        return np.asarray(self._snes.getConvergenceHistory()[0])

    def solve(self, tolerance: float, max_iterations: int) -> tuple[int, int]:
        """Take Newton steps from ``x``; return their number and PETSc's reason for the end."""
        system = self._system
        iterations, reason = self._iterate(tolerance, max_iterations)
        while reason == PETSc.SNES.ConvergedReason.DIVERGED_LINEAR_SOLVE and system.is_lagged:
            system.renew()
            more, reason = self._iterate(tolerance, max_iterations - iterations)
            iterations += more
        if reason < 0:
            system.renew()
        return iterations, reason

    def _iterate(self, tolerance: float, max_iterations: int) -> tuple[int, int]:
        self._snes.setTolerances(rtol=0.0, atol=tolerance, stol=_ROUNDING, max_it=max_iterations)
        with raising(self._system):
            self._snes.solve(None, self.x)
        iterations = int(self._snes.getIterationNumber())
        self.iterations += iterations
        return iterations, int(self._snes.getConvergedReason())

    def solve_linear(self, transposed: bool = False) -> None:
        """Solve the linearised system, or the transposed one, for ``rhs`` into ``x``.

        Raises
        ------
        SolverError
            If the Krylov method fails even with a fresh factorisation.
        """
        system, ksp = self._system, self.krylov
        ksp.setOperators(self._shell)
        step, *_ = ksp.getTolerances()
        ksp.setTolerances(rtol=_FINAL)
        try:
            with raising(system):
                (ksp.solveTranspose if transposed else ksp.solve)(self.rhs, self.x)
            if ksp.getConvergedReason() < 0:
                system.refactor()
                with raising(system):
                    solve_with(ksp, self.rhs, self.x, "the linearised film", transposed)
        finally:
            ksp.setTolerances(rtol=step)
