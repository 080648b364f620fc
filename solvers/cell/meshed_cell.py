"""New meshes from the outline, and the fields on the mesh in use."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from mpi4py import MPI

from dolfinx.common import Timer
from dolfinx.fem.forms import CompiledForm

import numpy as np

from mitmodels.cell.model import CellModel
from mitmodels.cell.nucleation import Nucleation
from mitmodels.errors import RunError
from mitmodels.meshes.ecm_stack import EcmMesh, EcmStack
from mitmodels.solvers.cell.electrode import ActiveElectrode, Dissolution, Shape
from mitmodels.solvers.cell.fields import CellSolver, CellState
from mitmodels.solvers.cell.forms import CompiledForms
from mitmodels.solvers.cell.mesh_motion import MeshMotion
from mitmodels.solvers.cell.outline import Array, Outline

_NUCLEUS_NODES = 8
_UNUSABLE = 0.05  # quality of a triangle


class InvalidMeshError(RunError):
    """The mesh that follows an outline is folded or too distorted."""


@dataclass(frozen=True)
class Cell:
    """A metallization cell: its laws, its layers and the dissolution of its active electrode.

    Without a law of nucleation there is a nucleus from the beginning.
    """

    model: CellModel
    stack: EcmStack
    dissolution: Dissolution
    nucleation: Nucleation | None = None

    def __post_init__(self) -> None:
        """Refuse a nucleus or an electrode's recess that does not fit."""
        stack, dissolution = self.stack, self.dissolution
        for small, large in (("nucleus", "oxide"), ("nucleus", "radius"), ("deepest", "active")):
            given, limit = getattr(dissolution, small), getattr(stack, large)
            if given >= limit:
                raise ValueError(
                    f"{small} = {given:g} m must be smaller than {large} = {limit:g} m"
                )

    def nucleus(self) -> Shape:
        """Return the filament that growth begins with."""
        return self.shape(Outline.nucleus(self.dissolution.nucleus, _NUCLEUS_NODES))

    @property
    def critical_voltage(self) -> float:
        """Voltage up to which a surface energy keeps the nucleus from growing [V]."""
        return float(self.model.capillary(2 / self.dissolution.nucleus))

    def holds(self, outline: Outline) -> bool:
        """Whether an outline lies within the cell, whose mesh it would else turn inside out."""
        return outline.radius < self.stack.radius and outline.height < self.stack.height

    def shape(self, outline: Outline) -> Shape:
        """Return a filament with the electrode above it."""
        recess = self.dissolution.recess(outline)
        return Shape(outline, ActiveElectrode(self.stack.oxide, self.stack.radius, recess))


@dataclass(frozen=True)
class Spacing:
    """Distance between the nodes of an outline.

    Attributes
    ----------
    coarsest, finest : float
        Bounds [m].
    per_gap : float
        Spacing over the distance to the opposite electrode.
    per_curvature : float
        Spacing over the radius of curvature.
    growth : float
        Of the spacing per distance from the ends, where it is the finest: at the triple point the
        heat and the current that spread into the counter electrode are singular, and at the tip
        the speed has a cusp, that of the barrier at the axis.
    """

    coarsest: float = 0.35e-9
    finest: float = 0.06e-9
    per_gap: float = 0.45
    per_curvature: float = 0.3
    growth: float = 0.3

    def refined(self, factor: float) -> "Spacing":
        """Return a spacing that is ``factor`` times finer everywhere."""
        finer = ("coarsest", "finest", "per_gap", "per_curvature")
        return replace(self, **{name: getattr(self, name) / factor for name in finer})

    def at(self, gap: Array, curvature: Array, from_end: Array) -> Array:
        """Spacing [m] for a gap [m], a curvature [1/m] and a distance from an end [m]."""
        size = self.per_curvature / np.maximum(np.abs(curvature), 1e-3 / self.coarsest)
        size = np.minimum(
            size, np.minimum(self.per_gap * gap, self.finest + self.growth * from_end)
        )
        return np.clip(size, self.finest, self.coarsest)


@dataclass(frozen=True)
class MeshControl:
    """When the mesh is made anew, and how fine.

    Attributes
    ----------
    spacing : Spacing
        Of the nodes of the outline.
    worst_quality : float
        A moved mesh with a worse triangle is replaced, see `mitmodels.meshes.quality`.
    longest_travel : float
        Likewise one whose outline went further, in units of the spacing.
    longest_segment : float
        Likewise one whose outline has a longer segment, in units of the spacing.
    degree : int
        Of the Lagrange elements.
    """

    spacing: Spacing = field(default_factory=Spacing)
    worst_quality: float = 0.2
    longest_travel: float = 4.0
    longest_segment: float = 1.3
    degree: int = 1

    def wanted(self, shape: Shape) -> Array:
        """Spacing of the nodes of the outline [m]."""
        outline = shape.outline
        from_end = np.minimum(outline.knots, outline.knots[-1] - outline.knots)
        return self.spacing.at(shape.gaps, outline.curvature, from_end)


def surface_nodes(shape: Shape, control: MeshControl, far: float) -> Array:
    """Nodes of the active electrode's surface [m], shape (m, 2), dense near the filament.

    Far from it they are as far apart as the elements are long there, or a little more [m].
    """
    spacing, electrode = control.spacing, shape.electrode
    r = np.linspace(0.0, electrode.radius, 1000)
    curve = np.column_stack((r, electrode.height(r)))
    size = spacing.per_gap * shape.outline.distance(curve)
    size = np.clip(size, spacing.finest, max(6 * spacing.coarsest, far))
    density = np.hypot(1.0, np.gradient(curve[:, 1], r)) / size
    count = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(r))))
    nodes = max(int(np.ceil(count[-1])), 4)
    radii = np.interp(np.linspace(0.0, count[-1], nodes + 1), count, r)
    return np.column_stack((radii, electrode.height(radii)))


def mesh_cell(cell: Cell, shape: Shape, control: MeshControl, comm: MPI.Comm) -> EcmMesh:
    """Make a mesh whose nodes include those of the outline.

    Raises
    ------
    OutlineError
        If the outline does not bound a filament.
    MeshingError
        If Gmsh fails.
    """
    shape.outline.check()
    return cell.stack.build(
        shape.outline.points, surface_nodes(shape, control, cell.stack.coarsest), comm
    )


class MeshedCell:
    """The fields of a cell on one mesh that follows the outline until it is replaced.

    Parameters
    ----------
    cell : Cell
    shape : Shape
        For which the mesh is made.
    control : MeshControl
    comm : MPI.Comm
    previous : MeshedCell, optional
        Of the same cell; its compiled forms are used again.
    mesh : EcmMesh, optional
        One that was made for the shape before.

    Attributes
    ----------
    made_for : Outline
        For which the mesh was made.
    """

    def __init__(
        self,
        cell: Cell,
        shape: Shape,
        control: MeshControl,
        comm: MPI.Comm,
        previous: "MeshedCell | None" = None,
        mesh: EcmMesh | None = None,
    ) -> None:
        self.cell, self.control, self.made_for = cell, control, shape.outline
        with Timer("cell: mesh"):
            self.mesh = mesh or mesh_cell(cell, shape, control, comm)
        with Timer("cell: set-up"):
            motion, forms = previous.compiled if previous else (None, None)
            self.motion = MeshMotion(self.mesh, motion)
            self.fields: CellSolver = CellSolver(
                self.mesh, cell.model, cell.stack.oxide, control.degree, forms
            )

    @property
    def compiled(self) -> tuple[CompiledForm, CompiledForms]:
        """What another mesh of the same cell uses again: forms of its motion and of its fields."""
        return self.motion.compiled, self.fields.compiled

    def evaluate(
        self, shape: Shape, source: float, drop_at: Callable[[float], float] | None = None
    ) -> CellState:
        """Move the mesh to a shape and solve at a voltage of the source [V].

        ``drop_at`` as of `CellSolver.solve`.

        Raises
        ------
        InvalidMeshError
            If the moved mesh is folded or nearly so.
        SolverError
            If a field cannot be solved for.
        """
        with Timer("cell: motion"):
            self.motion.move(shape)
            quality = self.motion.worst_quality()
        if quality < _UNUSABLE:
            raise InvalidMeshError(f"the moved mesh has a triangle of quality {quality:.2g}")
        return self.fields.solve(shape, source, drop_at)

    def needs_remeshing(self, shape: Shape) -> str | None:
        """Return why the mesh, moved to a shape, ought to be replaced, if it ought to."""
        outline, wanted = shape.outline, self.control.wanted(shape)
        travel = np.linalg.norm(outline.points - self.made_for.points, axis=1) / wanted
        rule = wanted, self.control.longest_segment
        if outline.violations(*rule) and outline.resampled(*rule) is not outline:
            return "segment length"
        if travel.max() > self.control.longest_travel:
            return "distance travelled"
        if self.motion.worst_quality() < self.control.worst_quality:
            return "quality"
        return None
