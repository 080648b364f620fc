r"""Motion of the mesh between two remeshes.

The displacement of the nodes from where the mesh was made is harmonic,

.. math:: \nabla\cdot(A^{-1} \nabla u) = 0,

with the area A of the cells, so that small cells are stiff. It equals the displacement of outline
and electrode there; the counter electrode's surface and the axis are slid along.
"""

from petsc4py import PETSc

import ufl
from dolfinx import fem
from dolfinx.fem.forms import CompiledForm, compile_form, create_form
from dolfinx.fem.petsc import assemble_matrix, set_bc

import numpy as np
import numpy.typing as npt

from mitmodels.meshes.device import vertex_dofs
from mitmodels.meshes.ecm_stack import EcmMesh
from mitmodels.meshes.quality import qualities
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.forms import subdomains
from mitmodels.solvers.petsc import destroy_with, use_lu

_RADIAL = ("axis", "side", "bottom", "top", "electrode", "outline")  # where u_r is given
_VERTICAL = ("bottom", "top", "base", "floor", "electrode", "outline")  # where u_z is given


class MeshMotion:
    """Moves the nodes of one mesh with its two curves.

    Parameters
    ----------
    mesh : EcmMesh
    compiled : CompiledForm, optional
        Of the motion of another mesh.

    Attributes
    ----------
    start : ndarray, shape (n, 3)
        Where the nodes were when the mesh was made [m].
    """

    def __init__(self, mesh: EcmMesh, compiled: CompiledForm | None = None) -> None:
        self.mesh, self.domain = mesh, mesh.device.mesh
        self.start = self.domain.geometry.x.copy()
        self._orientation = np.sign(self._qualities())
        self._space = fem.functionspace(self.domain, ("Lagrange", 1))
        self._given, self._load, self._displacement = (fem.Function(self._space) for _ in range(3))
        self._node_dofs = vertex_dofs(self._space)
        self.compiled = compiled or self._compile()
        on_cells = subdomains(self.compiled, mesh.device)
        spaces = [self._space, self._space]
        stiffness = create_form(self.compiled, spaces, self.domain, on_cells, {}, {})
        self._free = assemble_matrix(stiffness)
        self._free.assemble()
        destroy_with(self, self._free)
        self._solvers = [self._factorise(stiffness, names) for names in (_RADIAL, _VERTICAL)]

    def _compile(self) -> CompiledForm:
        u, v = ufl.TrialFunction(self._space), ufl.TestFunction(self._space)
        weight = 1 / ufl.CellVolume(self.domain)
        form = weight * ufl.inner(ufl.grad(u), ufl.grad(v)) * ufl.dx
        return compile_form(self.domain.comm, form)

    def _factorise(
        self, stiffness: fem.Form, names: tuple[str, ...]
    ) -> tuple[PETSc.KSP, fem.DirichletBC]:
        bc = fem.dirichletbc(self._given, self.mesh.device.dofs(self._space, *names))
        matrix = assemble_matrix(stiffness, bcs=[bc])
        matrix.assemble()
        solver = PETSc.KSP().create(self.domain.comm)
        solver.setOperators(matrix)
        use_lu(solver, "mesh_motion_", matrix.getSize()[0], definite=True)
        destroy_with(self, solver, matrix)
        return solver, bc

    def move(self, shape: Shape) -> None:
        """Put the nodes of the curves where outline and electrode are, and the others along."""
        radii, heights = self.mesh.electrode_points.T
        surface = shape.electrode.height(radii) - heights
        shift = shape.outline.points - self.mesh.outline_points
        position = self.domain.geometry.x
        for component, on_electrode in enumerate((np.zeros_like(surface), surface)):
            given = self._given.x.array
            given[:] = 0.0
            for nodes, values in (
                (self.mesh.outline, shift[:, component]),
                (self.mesh.electrode, on_electrode),
            ):
                here = nodes >= 0
                given[self._node_dofs[nodes[here]]] = values[here]
            self._extend(*self._solvers[component])
            moved = self.start[:, component] + self._displacement.x.array[self._node_dofs]
            position[:, component] = moved

    def _extend(self, solver: PETSc.KSP, bc: fem.DirichletBC) -> None:
        load = self._load.x.petsc_vec
        self._free.mult(self._given.x.petsc_vec, load)
        load.scale(-1.0)
        set_bc(load, [bc])
        solver.solve(load, self._displacement.x.petsc_vec)
        self._displacement.x.scatter_forward()

    def worst_quality(self) -> float:
        """Smallest quality of all cells; negative if a cell is folded over."""
        worst = float(np.min(self._qualities() * self._orientation, initial=1.0))
        return float(min(self.domain.comm.allgather(worst)))

    def _qualities(self) -> npt.NDArray[np.float64]:
        """Those of the cells of this rank."""
        geometry = self.domain.geometry
        return qualities(geometry.x, geometry.dofmaps[0])
