"""Local heat loss of a film, ``sheet`` in a TOML file: the temperature itself is the unknown."""

from petsc4py import PETSc

import numpy as np

from mitmodels.solvers.film.electrothermal import PSI, TEMPERATURE, ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array, Layout, TemperatureOfHeat
from mitmodels.solvers.petsc import (
    TransposedSolver,
    destroy_with,
    factors_prefix,
    set_defaults,
    set_matrix,
    solve,
    use_lu,
)
from mitmodels.solvers.runs.numbering import Numbering

# Unknowns from which on factors no longer fit a workstation. Below, MUMPS wins on a branch:
# multigrid takes 10 iterations where little heat feeds back, but 50 to 100 near a fold.
_DIRECT_LIMIT = 1_000_000
# Iterations that cost as much as new factors, or a new hierarchy.
_PATIENCE_DIRECT, _PATIENCE_MULTIGRID = 4, 12
_WHAT = "the linearised film"


class _Itself:
    """Derivative of the temperature by itself."""

    def __call__(self, change: Array, /) -> Array:
        return change

    transposed = __call__


class LocalHeatLoss:
    """The loss g (T - T0) is a term of the film's forms; J is its sparse matrix.

    Parameters
    ----------
    film : ElectrothermalFilm
        Built with its ``loss``.
    direct_limit : int
        Unknowns up to which MUMPS factorises J; above, a cycle of algebraic multigrid
        preconditions the outer Krylov method.
    """

    def __init__(self, film: ElectrothermalFilm, direct_limit: int = _DIRECT_LIMIT) -> None:
        self.layout = Layout(film.comm, film.owned, replicated=False)
        self.start, self.ambient, self._space = film.fields, film.ambient, film.space
        self.initial_state = np.zeros(self.layout.nodes)  # the film's temperature rise: all states
        self._x, self._b = film.matrix.createVecs()
        self.krylov = ksp = PETSc.KSP().create(film.comm)
        unknowns = film.matrix.getSize()[0]
        self._is_direct = unknowns <= direct_limit
        self._solve_transposed = TransposedSolver(ksp, "sheet_transposed_")
        self._scalar = PETSc.Mat()  # J without blocks, which the split by fields asks for
        destroy_with(self, ksp, self._scalar, self._x, self._b)
        self.patience = _PATIENCE_DIRECT if self._is_direct else _PATIENCE_MULTIGRID
        if self._is_direct:
            # PORD: from 1e4 to 1e6 unknowns factors in 0.8 to 0.9 of the time that MUMPS takes with
            # the ordering of its own choice. Minimum fill is as good, but on one mesh in five, of
            # neighbouring sizes, fills in twice as much.
            set_defaults(factors_prefix("sheet_", film.comm, unknowns), {"mat_mumps_icntl_7": 4})
            use_lu(ksp, "sheet_", unknowns)
        else:
            # Each diagonal block is definite, the coupled matrix is not: multigrid on it stalls.
            ksp.setOptionsPrefix("sheet_")
            ksp.setType(PETSc.KSP.Type.PREONLY)
            pc = ksp.getPC()
            pc.setType(PETSc.PC.Type.FIELDSPLIT)
            pc.setFieldSplitFields(2, ("potential", [PSI]), ("temperature", [TEMPERATURE]))
            pc.setFieldSplitType(PETSc.PC.CompositeType.MULTIPLICATIVE)
            # Gauss-Seidel sweeps: a state of 1e6 unknowns takes 0.85 of the time with Chebyshev's.
            each = {
                "ksp_type": "preonly",
                "pc_type": "gamg",
                "pc_gamg_threshold": 0.02,
                "mg_levels_ksp_type": "richardson",
                "mg_levels_ksp_max_it": 1,
                "mg_levels_pc_type": "sor",
            }
            for name in ("potential", "temperature"):
                set_defaults(f"sheet_fieldsplit_{name}_", each)
            ksp.setFromOptions()

    def temperature(self, unknown: Array, /) -> Array:
        """Return what is given: the unknown is the temperature, its rise the thermal state."""
        return unknown

    rise = to_nodes = from_nodes = temperature

    @property
    def numbering(self) -> Numbering:
        """Order of the film's nodes."""
        return Numbering(self._space)

    def derivative(self, _unknown: Array, _temperature: Array, /) -> TemperatureOfHeat:
        """Return the identity."""
        return _Itself()

    def heat(self, unknown: Array) -> Array:
        """Nothing: the loss is in the film's residual."""
        return np.zeros_like(unknown)

    def start_step(self, before: Array, duration: float) -> None:
        """Nothing: only the film stores heat."""

    def thermal_state(self, unknown: Array) -> Array:
        """Thermal state of a solution: the temperature rise of the film."""
        return unknown - self.ambient

    def factor(self, matrix: PETSc.Mat, _by_heat: TemperatureOfHeat, renew: bool) -> None:
        """Factorise J, or build its multigrid hierarchy; keep that of an earlier J if possible."""
        self._matrix = matrix
        if not self._is_direct:
            matrix = matrix.convert(PETSc.Mat.Type.AIJ, self._scalar)
        set_matrix(self.krylov, matrix, _WHAT)
        self.krylov.getPC().setReusePreconditioner(not renew)
        self._solve_transposed.renew |= renew
        self.krylov.setUp()

    def multiply(self, change: Array) -> Array:
        """Apply J."""
        self._x.array_w = change.reshape(-1)
        self._matrix.mult(self._x, self._b)
        return self._b.array_r.reshape(-1, 2).copy()

    def multiply_transposed(self, rows: Array) -> Array:
        """Apply the transposed J."""
        self._b.array_w = rows.reshape(-1)
        self._matrix.multTranspose(self._b, self._x)
        return self._x.array_r.reshape(-1, 2).copy()

    def solve_transposed(self, rhs: Array) -> Array:
        """Apply the transposed J^-1 (direct) or that of a multigrid cycle."""
        self._x.array_w = rhs.reshape(-1)
        self._solve_transposed(self._x, self._b, _WHAT)
        return self._b.array_r.reshape(-1, 2).copy()

    def solve(self, rhs: Array) -> tuple[Array, Array]:
        """Apply J^-1 (direct) or a multigrid cycle for it."""
        self._b.array_w = rhs.reshape(-1)
        solve(self.krylov, self._b, self._x, _WHAT)
        change = self._x.array_r.reshape(-1, 2).copy()
        return change, change
