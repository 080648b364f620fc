r"""Surface operator of a substrate: from the heat flux to the surface.

In a half-space of conductivity kappa(T) with an adiabatic surface the integral of kappa over the
temperature obeys Laplace's equation: a heat flux q through the surface raises it there by

.. math:: \Theta(T) - \Theta(T_0) = \int_{T_0}^T \kappa(T')\, dT' = (-\Delta)^{-1/2} q
          = \frac{2}{\pi}\int_0^\infty (-\Delta + k^2)^{-1} q \, dk ,

a sum of screened Poisson problems on the plan mesh, in which the depth appears nowhere. A slab of
thickness d on a heat sink has the discrete wavenumbers of its depth, :math:`k_n = (n + 1/2)\pi/d`,
in the place of the integral:

.. math:: \frac{\tanh(\sqrt{-\Delta}\,d)}{\sqrt{-\Delta}}
          = \frac{2}{d} \sum_{n=0}^\infty (-\Delta + k_n^2)^{-1} .
"""

from __future__ import annotations

from mpi4py import MPI
from petsc4py import PETSc

import dolfinx
import ufl
from dolfinx.fem.petsc import assemble_matrix

import numpy as np
import numpy.typing as npt
import scipy

from mitmodels.meshes.device import Device
from mitmodels.solvers.film.interfaces import Array, Layout
from mitmodels.solvers.film.substrate.banded import Band, BandedCholesky, band_order
from mitmodels.solvers.film.substrate.kirchhoff import symmetric_times
from mitmodels.solvers.film.substrate.quadrature import (
    Quadrature,
    far_field,
    half_space_quadrature,
    slab_quadrature,
)


def plan_forms(plan: Device, degree: int) -> tuple[ufl.Form, ufl.Form, ufl.Form]:
    """Stiffness and mass [m2] of the plan and mass [m] of its far circle, elements of a degree."""
    space = dolfinx.fem.functionspace(plan.mesh, ("Lagrange", degree))
    u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
    return (
        ufl.inner(ufl.grad(u), ufl.grad(v)) * plan.dA(),
        u * v * plan.dA(),
        u * v * plan.dl("far"),
    )


class HalfSpace:
    """Surface operator of a half-space or a slab, whatever it conducts, as a dense matrix.

    It leads from the heat per node [W] to the integral of the conductivity over the temperature
    [W/m]: the temperature rise times the conductivity where that is constant.

    Parameters
    ----------
    plan : Device
        Film, pads and bare substrate out to the circle ``far``.
    radius : float
        Of the far circle [m]; beyond it every mode goes on as K0(k r).
    nodes : ndarray of int64, shape (n,)
        Global plan degrees of freedom of the film and pad nodes that this rank owns.
    smallest_cell : float
        Shortest element edge [m]; sets the largest wavenumber.
    thickness : float
        To the heat sink [m].
    degree : int
        Of the plan's elements, that of the film's.

    Attributes
    ----------
    plan, radius, thickness, degree
        See above.
    nodes : ndarray of int64
        Those of all ranks.
    matrix : ndarray
        Of all film and pad nodes [1/m], on every rank.
    """

    def __init__(
        self,
        plan: Device,
        radius: float,
        nodes: npt.NDArray[np.int64],
        smallest_cell: float,
        thickness: float = np.inf,
        degree: int = 1,
    ) -> None:
        comm = plan.mesh.comm
        largest = 20 / smallest_cell
        if np.isfinite(thickness):
            self.quadrature = slab_quadrature(thickness, largest)
        else:
            self.quadrature = half_space_quadrature(1e-3 / radius, largest)
        self.layout = Layout(comm, len(nodes), replicated=True)
        self.plan, self.degree, self.radius, self.thickness = plan, degree, radius, thickness
        self.nodes = whole = np.concatenate(comm.allgather(nodes))
        self.matrix = _condensed(plan_arrays(plan, degree), radius, self.quadrature, whole, comm)

    def __call__(self, heat: Array) -> Array:
        """Rise of the conductivity's integral [W/m] for the heat [W], both in ``layout``."""
        return symmetric_times(self.matrix, heat)


def _condensed(
    matrices: list[scipy.sparse.csr_matrix],
    radius: float,
    quadrature: Quadrature,
    nodes: npt.NDArray[np.int64],
    comm: MPI.Comm,
) -> Array:
    """Dense operator: each rank condenses some of the modes onto the film and pad nodes."""
    stiffness, mass, far = matrices
    outside = np.setdiff1d(np.arange(stiffness.shape[0]), nodes)
    is_rim = np.diff(stiffness[nodes][:, outside].tocsr().indptr) > 0
    inside, rim = np.flatnonzero(~is_rim), np.flatnonzero(is_rim)
    inside = inside[band_order(stiffness[nodes[inside]][:, nodes[inside]].tocsr())]
    outside = outside[band_order(stiffness[outside][:, outside].tocsr())]
    total = np.zeros((len(nodes), len(nodes)))
    mine = slice(comm.rank, None, comm.size)
    for k, w in zip(quadrature.wavenumbers[mine], quadrature.weights[mine], strict=True):
        screened = (stiffness + k**2 * mass + far_field(k, radius) * far).tocsr()
        _add_inverse(total, w, screened, (nodes[inside], nodes[rim], outside))
    comm.Allreduce(MPI.IN_PLACE, total)
    order = np.concatenate([inside, rim])
    operator = np.empty_like(total)
    operator[np.ix_(order, order)] = total
    return (operator + operator.T) / 2


def _add_inverse(
    total: Array,
    weight: float,
    matrix: scipy.sparse.csr_matrix,
    parts: tuple[npt.NDArray[np.int64], ...],
) -> None:
    """Add the block of a symmetric definite matrix's inverse, times a weight.

    ``parts`` are the rows of ``total`` in its order, those without and those with a neighbour
    outside, and the rows outside. Inside and outside meet in the rim only.
    """
    inside, rim, outside = parts
    rows = matrix[rim]
    schur, size = rows[:, rim].toarray(), len(inside)
    link = rows[:, outside]
    schur -= link @ BandedCholesky(Band(matrix, outside), matrix).solve(link.T.toarray())
    link, interior = rows[:, inside], BandedCholesky(Band(matrix, inside), matrix)
    response = interior.solve(link.T.toarray())
    schur -= link @ response
    root = scipy.linalg.solve_triangular(
        scipy.linalg.cholesky(schur, lower=True),
        np.column_stack([-response.T, np.eye(len(rim))]),
        lower=True,
    )
    root *= np.sqrt(weight)
    total += root.T @ root
    total[:size, :size] += interior.solve(weight * np.eye(size))


def plan_arrays(plan: Device, degree: int = 1) -> list[scipy.sparse.csr_matrix]:
    """Matrices of the plan, see `plan_forms`, whole on every rank."""
    return [array_of(form) for form in plan_forms(plan, degree)]


def array_of(form: ufl.Form) -> scipy.sparse.csr_matrix:
    """Assemble a form of a matrix, whole on every rank."""
    matrix = assemble_matrix(dolfinx.fem.form(form))
    matrix.assemble()
    array = replicate(matrix)
    matrix.destroy()
    return array


def replicate(matrix: PETSc.Mat) -> scipy.sparse.csr_matrix:
    """Return the whole of a distributed matrix on every rank."""
    rows, columns = (PETSc.IS().createStride(n, comm=PETSc.COMM_SELF) for n in matrix.getSize())
    (whole,) = matrix.createSubMatrices(rows, columns)
    whole.convert(PETSc.Mat.Type.AIJ)
    indptr, indices, values = whole.getValuesCSR()
    result = scipy.sparse.csr_matrix((values, indices, indptr), shape=matrix.getSize())
    whole.destroy()
    return result
