"""PETSc: who destroys its objects, how errors pass through it, whose options count.

Ownership: whoever creates a PETSc object destroys it when it dies itself, by `destroy_with`, as
DOLFINx's problems do in their ``__del__``; what was passed in belongs to the caller. Destruction is
collective, so it must happen at the same place on every rank: by counted references, not by the
garbage collector. So nothing that PETSc holds (the context of a shell matrix or preconditioner, a
callback) may lead back to the owner of the object that holds it; no collector sees such a circle.
On several ranks petsc4py leaves an object whose last reference is its own for later clean-up: so
what is kept in an attribute is destroyed too, even if PETSc made it, such as the KSP of a SNES.

Errors: an exception that passes through C leaves vectors locked and solvers half-way. A callback
keeps it, returns what makes PETSc give up, and `raising` raises it behind PETSc.
"""

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Protocol

from mpi4py import MPI
from petsc4py import PETSc
from slepc4py import SLEPc

import numpy as np

from mitmodels.errors import RunError

_FEW_UNKNOWNS = 10_000


class SolverError(RunError):
    """A solve that did not converge; the message has the reason and how far it came."""


class Context(Protocol):
    """Whose methods PETSc calls.

    ``error`` is the exception of a callback on its way to the caller, ``failed`` what the entries
    of a result are set to then: NaN stops PETSc's linear and nonlinear solvers, but breaks SLEPc's,
    which zeros bring to an end.
    """

    error: BaseException | None
    failed: float


def destroy_with(owner: object, *objects: PETSc.Object) -> None:
    """Destroy PETSc objects in this order when their owner dies, or at the end of the program."""
    weakref.finalize(owner, _destroy, objects)


def _destroy(objects: tuple[PETSc.Object, ...]) -> None:
    for item in objects:
        item.destroy()


def callback(method: Callable[..., None]) -> Callable[..., None]:
    """Decorate a method that PETSc calls: keep its exception, Ctrl-C included, for `raising`.

    The result, if there is one, is the method's last argument.
    """

    @wraps(method)
    def guarded(self: Context, *arguments: Any) -> None:
        if self.error is None:
            try:
                method(self, *arguments)
            except BaseException as error:
                self.error = error
        if self.error is not None and isinstance(arguments[-1], PETSc.Vec):
            arguments[-1].array_w = self.failed

    return guarded


@contextmanager
def raising(context: Context) -> Iterator[None]:
    """Raise the exception that a callback has kept, once PETSc has returned."""
    context.error = None
    try:
        yield
    except PETSc.Error:
        if context.error is None:
            raise
    error, context.error = context.error, None
    try:
        if error is not None:
            raise error
    finally:
        del error  # its traceback holds this frame


def solve(
    solver: PETSc.KSP, rhs: PETSc.Vec, solution: PETSc.Vec, what: str, transposed: bool = False
) -> None:
    """Solve a linear system, or the transposed one.

    Raises
    ------
    SolverError
        If PETSc gives up; ``what`` was to be solved.
    """
    (solver.solveTranspose if transposed else solver.solve)(rhs, solution)
    reason = solver.getConvergedReason()
    if reason < 0:
        raise SolverError(
            f"{what} was not solved ({name_of(PETSc.KSP.ConvergedReason, reason)}): residual "
            f"{solver.getResidualNorm():.2e} after {solver.getIterationNumber()} iterations"
        )


def set_matrix(solver: PETSc.KSP, matrix: PETSc.Mat, what: str) -> None:
    """Let the next solve factorise a matrix.

    Raises
    ------
    SolverError
        If it has an entry that is no number: factors that fail once, PETSc never makes anew.
    """
    if not np.isfinite(matrix.norm(PETSc.NormType.FROBENIUS)):
        raise SolverError(f"{what} has an entry that is no number")
    solver.setOperators(matrix)


def name_of(reasons: type, reason: int) -> str:
    """Return PETSc's name of a reason to stop."""
    names = {value: name for name, value in vars(reasons).items() if isinstance(value, int)}
    return str(names.get(reason, reason))


def factors_prefix(prefix: str, comm: MPI.Comm, unknowns: int) -> str:
    """Prefix of the options that reach the factors themselves, see `lu_options`."""
    return prefix if comm.size == 1 or unknowns > _FEW_UNKNOWNS else f"{prefix}telescope_"


def lu_options(
    prefix: str, comm: MPI.Comm, unknowns: int, definite: bool = False
) -> dict[str, Any]:
    """Options, below a prefix, of a direct solver on all ranks, or on one for a small system.

    What is positive definite needs no pivots, and none of its own is zero, whatever the unit: if
    small, PETSc's own factors take a third of the time (0.3 ms for 1e3 unknowns). A small system
    costs more messages than it saves work; and where ranks outnumber cores, those that wait in
    MUMPS hold their core (8 ms a solve of 1e3 unknowns on three ranks and two cores, instead of
    0.3 ms).
    """
    factors: dict[str, Any] = {"pc_factor_mat_solver_type": "mumps"}
    if definite and unknowns <= _FEW_UNKNOWNS:
        factors = {
            "pc_factor_mat_solver_type": "petsc",
            "pc_factor_mat_ordering_type": "qmd",
            "pc_factor_zeropivot": 1e-300,
        }
    options = {"ksp_type": "preonly", "pc_type": "lu", **factors}
    where = factors_prefix(prefix, comm, unknowns)
    if where == prefix:
        return options
    set_defaults(where, options)  # read at the first solve
    telescope = {"pc_type": "telescope", "pc_telescope_reduction_factor": comm.size}
    return {"ksp_type": "preonly", **telescope}


def use_lu(solver: PETSc.KSP, prefix: str, unknowns: int, definite: bool = False) -> None:
    """Let a solver factorise, see `lu_options`, unless options of the user differ."""
    options = lu_options(prefix, solver.comm.tompi4py(), unknowns, definite)
    database = PETSc.Options(prefix)
    missing = [name for name in options if not database.hasName(name)]
    set_defaults(prefix, options)
    solver.setOptionsPrefix(prefix)
    solver.setFromOptions()
    for name in missing:  # a solver on other ranks may need others
        database.delValue(name)


class TransposedSolver:
    """Solves with the transposed factors of a solver, or those of the transposed matrix.

    Factors that some ranks have for all are not transposed by PETSc, nor is multigrid.

    Parameters
    ----------
    solver : KSP
        Its matrix is the one to transpose.
    prefix : str
        Of the options of the other factors.

    Attributes
    ----------
    renew : bool
        The next solve factorises anew, if it has factors of its own.
    """

    def __init__(self, solver: PETSc.KSP, prefix: str) -> None:
        self._solver, self._prefix, self.renew = solver, prefix, True
        self._own, self._matrix = PETSc.KSP().create(solver.comm), PETSc.Mat()
        destroy_with(self, self._own, self._matrix)

    def __call__(self, rhs: PETSc.Vec, solution: PETSc.Vec, what: str) -> None:
        """Solve a transposed system.

        Raises
        ------
        SolverError
            If PETSc gives up; ``what`` was to be solved.
        """
        if self._solver.getPC().getType() == PETSc.PC.Type.LU:
            solve(self._solver, rhs, solution, what, transposed=True)
            return
        if self.renew:
            matrix = self._solver.getOperators()[1]
            if not self._matrix:
                use_lu(self._own, self._prefix, matrix.getSize()[0])
            self._own.reset()  # the transposed matrix need not have the pattern of the last one
            self._matrix.destroy()
            matrix.transpose(self._matrix)
            set_matrix(self._own, self._matrix, what)
            self.renew = False
        solve(self._own, rhs, solution, what)


def set_defaults(prefix: str, options: Mapping[str, Any]) -> None:
    """Set options of PETSc that the user has not set."""
    database = PETSc.Options(prefix)
    for name, value in options.items():
        if not database.hasName(name):
            database.setValue(name, value)


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
    use_lu(linear, "slowest_decay_", conductance.getSize()[0])
    solver.setTolerances(1e-10, 200)
    solver.solve()
    found = solver.getConverged()
    rate = solver.getEigenvalue(0).real if found else 0.0
    solver.destroy()
    if not found:
        raise RunError("the slowest decay of the heat did not converge in 200 iterations")
    return float(1 / rate)
