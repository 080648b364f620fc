r"""What lies under the film: the map between heat flux and surface temperature.

A half-space of conductivity kappa with an adiabatic surface answers a heat flux q through that
surface with the surface temperature

.. math:: T = T_0 + \frac{1}{\kappa} (-\Delta)^{-1/2} q
          = T_0 + \frac{1}{\kappa}\,\frac{2}{\pi}\int_0^\infty (-\Delta + k^2)^{-1} q \, dk ,

a sum of screened Poisson problems on the plan mesh, in which the depth appears nowhere. A slab of
thickness d on a heat sink has the discrete wavenumbers of its depth, :math:`k_n = (n + 1/2)\pi/d`,
in the place of the integral:

.. math:: \frac{\tanh(\sqrt{-\Delta}\,d)}{\sqrt{-\Delta}}
          = \frac{2}{d} \sum_{n=0}^\infty (-\Delta + k_n^2)^{-1} .
"""

from copy import copy
from dataclasses import dataclass
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import dolfinx
import ufl
from dolfinx.fem.petsc import assemble_matrix

import numpy as np
import numpy.typing as npt
import scipy.linalg
import scipy.sparse as sp
from scipy.sparse.linalg import splu
from scipy.special import k0e, k1e

from mitmodels.meshes.device import Device
from mitmodels.solvers.film.layout import Layout

Array = npt.NDArray[np.float64]

DENSE_LIMIT = 6000  # nodes of film and pads
_DEPTH_MODES = 8
# Couplings weaker than this share are left out where multigrid coarsens: meshes are graded, and
# flat cells need 20 iterations with it, 270 without at a hundred thousand nodes.
_WEAK = 0.05
# Levels whose graph is squared before it is coarsened: without weak couplings the nodes have few
# neighbours, and with one such level the coarse matrices cost as much as the fine one.
_SQUARED = 3
# Modes above this share of the largest wavenumber decay within some elements: Jacobi's iterations,
# 100 at most, take less time there than multigrid's, and no memory.
_LOCAL = 0.01


@dataclass(frozen=True)
class Modes:
    """Quadrature of the half-space: T = sum_j w_j (-lap + k_j^2)^-1 q / kappa.

    Attributes
    ----------
    wavenumbers : ndarray, shape (n,)
        k_j [1/m].
    weights : ndarray, shape (n,)
        w_j [1/m].
    """

    wavenumbers: Array
    weights: Array


def half_space_modes(smallest: float, largest: float, step: float = 0.75) -> Modes:
    """Sinc quadrature of (2/pi) int dk (lambda + k^2)^-1 in t = ln k.

    The error of the rule is about 4 exp(-pi^2/step): 8e-6 at the default. Beyond both ends the
    integrand is constant or falls as 1/k^2, so that its geometric series is summed into the end
    weights; ``smallest`` must lie below and ``largest`` above the wavenumbers of the mesh.
    """
    count = int(np.ceil(np.log(largest / smallest) / step)) + 1
    k = np.exp(np.log(smallest) + step * np.arange(count))
    weights = 2 / np.pi * step * k
    weights[[0, -1]] /= -np.expm1(-step)
    return Modes(k, weights)


def slab_modes(thickness: float, largest: float) -> Modes:
    """Modes of a slab [m] on a heat sink up to wavenumbers that are large for its mesh.

    The first `_DEPTH_MODES` are those of the depth themselves. The sum of all others is an integral
    that begins half a distance before the next one, by the rule of Euler and Maclaurin with its
    first correction, and by Gauss and Legendre in ln k. The error is 1e-5 at most for waves of 20
    cells and longer, whatever the thickness.
    """
    distance = np.pi / thickness
    k = distance * (np.arange(_DEPTH_MODES + 1) + 0.5)
    weights = np.full(_DEPTH_MODES + 1, 2 / thickness)
    weights[-2:] *= 1 - 1 / 24, 1 / 24
    begin = distance * _DEPTH_MODES
    end = 2 * max(largest, begin)
    span = np.log(end / begin)
    places, shares = np.polynomial.legendre.leggauss(8 + int(np.ceil(1.5 * span)))
    between = begin * np.exp(span * (places + 1) / 2)
    # Beyond the end the integrand falls as 1/k^2.
    return Modes(
        np.concatenate([k, between, [end]]),
        np.concatenate([weights, span / np.pi * shares * between, [2 / np.pi * end]]),
    )


def far_field(k: Any, radius: float) -> Any:
    """Decay rate -T'/T [1/m] of the cylindrical wave K0(k r) at the far circle."""
    return k * k1e(k * radius) / k0e(k * radius)


def plan_matrices(plan: Device) -> tuple[PETSc.Mat, PETSc.Mat, PETSc.Mat]:
    """Stiffness and mass [m2] of the plan and mass [m] of its far circle, linear elements."""
    space = dolfinx.fem.functionspace(plan.mesh, ("Lagrange", 1))
    u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
    forms = (
        ufl.inner(ufl.grad(u), ufl.grad(v)) * plan.dA(),
        u * v * plan.dA(),
        u * v * plan.dl("far"),
    )
    matrices = tuple(assemble_matrix(dolfinx.fem.form(form)) for form in forms)
    for matrix in matrices:
        matrix.assemble()
    return matrices


class HalfSpace:
    """Surface operator from heat per node [W] to temperature rise [K], of a half-space or a slab.

    Parameters
    ----------
    plan : Device
        Film, pads and bare substrate out to the circle ``far``.
    conductivity : float
        kappa [W/(m K)].
    radius : float
        Of the far circle [m]; beyond it every mode goes on as K0(k r).
    nodes : ndarray of int64, shape (n,)
        Global plan degrees of freedom of the film and pad nodes that this rank owns.
    smallest_cell : float
        Shortest element edge [m]; sets the largest wavenumber.
    dense_limit : int
        Up to this many film and pad nodes the operator is a dense matrix, held on every rank.
    thickness : float
        To the heat sink [m].
    """

    def __init__(
        self,
        plan: Device,
        conductivity: float,
        radius: float,
        nodes: npt.NDArray[np.int64],
        smallest_cell: float,
        dense_limit: int = DENSE_LIMIT,
        thickness: float = np.inf,
    ) -> None:
        self.comm = plan.mesh.comm
        self.conductivity, self.radius = conductivity, radius
        largest = 20 / smallest_cell
        if np.isfinite(thickness):
            self.modes = slab_modes(thickness, largest)
        else:
            self.modes = half_space_modes(1e-3 / radius, largest)
        dense = self.comm.allreduce(len(nodes)) <= dense_limit
        self.layout = Layout(self.comm, len(nodes), replicated=dense)
        self.matrix: Array | None = None
        self.stiffness, self.mass, self.rim = plan_matrices(plan)
        if dense:
            self.matrix = self._condense(np.concatenate(self.comm.allgather(nodes)))
        else:
            self._iterate(nodes)

    def __call__(self, heat: Array) -> Array:
        """Temperature rise [K] for the heat [W] per node, both in ``layout``."""
        return self._apply(heat) if self.matrix is None else self.matrix @ heat

    def of(self, conductivity: float) -> "HalfSpace":
        """The same half-space of another conductivity [W/(m K)]; nothing is condensed again."""
        other = copy(self)
        other.conductivity = conductivity
        if self.matrix is not None:
            other.matrix = self.matrix * (self.conductivity / conductivity)
        return other

    def _condense(self, nodes: npt.NDArray[np.int64]) -> Array:
        """Dense operator: each rank condenses some of the modes onto the film and pad nodes."""
        stiffness, mass, rim = (replicate(m) for m in (self.stiffness, self.mass, self.rim))
        outside = np.setdiff1d(np.arange(stiffness.shape[0]), nodes)
        total = np.zeros((len(nodes), len(nodes)))
        mine = slice(self.comm.rank, None, self.comm.size)
        for k, w in zip(self.modes.wavenumbers[mine], self.modes.weights[mine], strict=True):
            screened = (stiffness + k**2 * mass + far_field(k, self.radius) * rim).tocsr()
            total += w * _inverse_block(screened, nodes, outside)
        self.comm.Allreduce(MPI.IN_PLACE, total)
        total = np.tril(total) + np.tril(total, -1).T
        return total / self.conductivity

    def _iterate(self, nodes: npt.NDArray[np.int64]) -> None:
        """Matrix-free operator: one preconditioned CG per mode."""
        self.rhs, self.temperature = self.stiffness.createVecs()
        self.local = PETSc.Vec().createMPI((len(nodes), None), comm=self.comm)
        index = PETSc.IS().createGeneral(nodes.astype(PETSc.IntType), comm=self.comm)
        self.scatter = PETSc.Scatter().create(self.rhs, index, self.local, None)
        options = PETSc.Options()
        options.setValue("half_space_pc_gamg_threshold", _WEAK)
        options.setValue("half_space_pc_gamg_aggressive_coarsening", _SQUARED)
        self.solvers = [self._mode_solver(k) for k in self.modes.wavenumbers]

    def _mode_solver(self, k: float) -> PETSc.KSP:
        matrix = self.stiffness.copy()
        matrix.axpy(k**2, self.mass, PETSc.Mat.Structure.SAME_NONZERO_PATTERN)
        matrix.axpy(far_field(k, self.radius), self.rim, PETSc.Mat.Structure.SUBSET_NONZERO_PATTERN)
        matrix.setOption(PETSc.Mat.Option.SPD, True)
        solver = PETSc.KSP().create(self.comm)
        solver.setOperators(matrix)
        solver.setType(PETSc.KSP.Type.CG)
        solver.setOptionsPrefix("half_space_")
        solver.setTolerances(rtol=1e-12)
        is_local = k > _LOCAL * self.modes.wavenumbers[-1]
        solver.getPC().setType(PETSc.PC.Type.JACOBI if is_local else PETSc.PC.Type.GAMG)
        solver.setFromOptions()
        solver.setErrorIfNotConverged(True)
        solver.setUp()
        return solver

    def _apply(self, heat: Array) -> Array:
        self.local.array_w = heat
        self.rhs.zeroEntries()
        self.scatter.scatter(
            self.local, self.rhs, addv=PETSc.InsertMode.INSERT, mode=PETSc.ScatterMode.REVERSE
        )
        rise = np.zeros_like(heat)
        for solver, weight in zip(self.solvers, self.modes.weights, strict=True):
            solver.solve(self.rhs, self.temperature)
            self.scatter.scatter(
                self.temperature,
                self.local,
                addv=PETSc.InsertMode.INSERT,
                mode=PETSc.ScatterMode.FORWARD,
            )
            rise += weight / self.conductivity * self.local.array_r
        return rise


def replicate(matrix: PETSc.Mat) -> sp.csr_matrix:
    """Return the whole of a distributed matrix on every rank."""
    rows, columns = (PETSc.IS().createStride(n, comm=PETSc.COMM_SELF) for n in matrix.getSize())
    (whole,) = matrix.createSubMatrices(rows, columns)
    whole.convert(PETSc.Mat.Type.AIJ)
    indptr, indices, values = whole.getValuesCSR()
    result = sp.csr_matrix((values, indices, indptr), shape=matrix.getSize())
    whole.destroy()
    return result


def symmetric_lu(matrix: sp.csr_matrix) -> Any:
    """Sparse factorisation with the ordering for symmetric patterns."""
    return splu(
        matrix.tocsc(),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )


def _inverse_block(
    matrix: sp.csr_matrix, inside: npt.NDArray[np.int64], outside: npt.NDArray[np.int64]
) -> Array:
    """Lower triangle of the ``inside`` block of the inverse of a symmetric definite matrix."""
    rows = matrix[inside]
    block, coupling = rows[:, inside].toarray(), rows[:, outside].tocsr()
    rim = np.flatnonzero(np.diff(coupling.indptr))
    link = coupling[rim]
    block[np.ix_(rim, rim)] -= link @ symmetric_lu(matrix[outside][:, outside]).solve(
        link.T.toarray()
    )
    factor, info = scipy.linalg.lapack.dpotrf(block.T, lower=1, overwrite_a=1, clean=0)
    if info:
        raise RuntimeError(f"the screened Poisson matrix is not definite at row {info}")
    inverse, _ = scipy.linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
    return np.asarray(inverse)
