"""Materials of a film and its contacts, and the law of its resistivity in forms."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any, Literal

from petsc4py import PETSc

import basix.ufl
import dolfinx
import ufl
from dolfinx import fem
from dolfinx.fem.petsc import assemble_matrix, create_matrix

import numpy as np
import numpy.typing as npt

from mitmodels.film.resistivity import HystereticResistivity
from mitmodels.film.table import TabulatedResistivity
from mitmodels.meshes.device import Device
from mitmodels.solvers.petsc import destroy_with

Array = npt.NDArray[np.float64]
ENDS = {"contact_left": -0.5, "contact_right": 0.5, "pad_left": -0.5, "pad_right": 0.5}
"""psi at the contacts and in the pads."""
_DEGREE = 4  # of a quadrature that nobody has chosen


@dataclass(frozen=True)
class FilmProperties:
    """What the film and its electrodes are made of.

    Attributes
    ----------
    resistivity : callable or TabulatedResistivity
        Law of T [K] in [ohm m], for floats, arrays and UFL; a table for floats and arrays only. One
        with a memory also takes the temperature [K] that its phases follow.
    thermal_conductivity : float
        Of the film [W/(m K)].
    pad_sheet_conductance : float
        Thermal conductivity times thickness of the pads [W/K].
    barrier_temperature : float
        Above it [K] the film counts as barrier in the readings.
    resistivity_factor, loss_factor : callable or None
        Variation along the film: factor at points [m] of shape (n, 2), of the resistivity and of
        the loss into a sheet substrate.
    heat_capacity : float
        rho c_p of the film [J/(m3 K)]; without it there are steady states only.
    pad_heat_capacity : float
        That of the pads times their thickness [J/(m2 K)].
    """

    resistivity: Callable[[Any], Any]
    thermal_conductivity: float
    pad_sheet_conductance: float = 0.0
    barrier_temperature: float = 340.0
    resistivity_factor: Callable[[Array], Array] | None = None
    loss_factor: Callable[[Array], Array] | None = None
    heat_capacity: float = 0.0
    pad_heat_capacity: float = 0.0

    @property
    def detail(self) -> float:
        """Distance between details of the resistivity [K]: points of a table; infinite for none."""
        law = self.resistivity
        return law.spacing if isinstance(law, TabulatedResistivity) else np.inf


@dataclass(frozen=True)
class Contacts:
    """The contacts between film and pads.

    Attributes
    ----------
    resistance : float
        Sum of both contacts, in series with the film [ohm].
    heat : {"none", "pads"}
        Where its Joule heat goes: nowhere, or evenly into the pads.
    ideal_sink : bool
        The film's ends are held at the ambient temperature.
    resistivity : float
        Between each pad and the film under it [ohm m2]. If it is 0, the film under the pads has
        their potential and carries no current.
    """

    resistance: float = 0.0
    heat: Literal["none", "pads"] = "none"
    ideal_sink: bool = False
    resistivity: float = 0.0

    def boundary_conditions(
        self, device: Device, space: fem.FunctionSpace, ambient: float
    ) -> list[fem.DirichletBC]:
        """Values of (psi, T) at the contacts, and of psi in the middle of a quarter."""
        potential, heat = space.sub(0), space.sub(1)
        for dim in (0, 1):
            device.mesh.topology.create_connectivity(dim, device.mesh.topology.dim)

        def fix(space: fem.FunctionSpace, name: str, value: float) -> fem.DirichletBC:
            dim, entities = device.entities(name)
            return fem.dirichletbc(value, fem.locate_dofs_topological(space, dim, entities), space)

        ends = [name for name in ENDS if name in device.names]
        bcs = [] if "contact_left" in ends else [fix(potential, "midplane", 0.0)]
        if not self.resistivity:
            bcs += [fix(potential, name, ENDS[name]) for name in ends]
        if self.ideal_sink:
            bcs += [fix(heat, name, ambient) for name in ends if name.startswith("contact")]
        return bcs


class ResistivityInForms:
    """Resistivity of a film as forms have it: a formula, or a table sampled where it is evaluated.

    A form does not contain the table: it is compiled once for tables of any length.

    Parameters
    ----------
    law : callable or TabulatedResistivity
    state : Function
        (psi, T).
    degree : int or None
        Of the quadrature of the forms.

    Attributes
    ----------
    followed : Function or None
        Its second component is what the phases of a law with a memory follow [K].
    before : ndarray
        What they followed before at the local nodes [K].
    moves : ndarray
        Derivative of the one by the temperature at the local nodes, 0 or 1.
    """

    def __init__(
        self, law: Callable[[Any], Any], state: fem.Function, degree: int | None = None
    ) -> None:
        self._law, self._state, self._degree = law, state, degree or _DEGREE
        self.followed: fem.Function | None = None
        self._samples: dict[int, _Sample] = {}
        if not isinstance(law, TabulatedResistivity):
            self._law = _with_constants(law, state.function_space.mesh)
        if isinstance(law, HystereticResistivity):
            self._memory, self.followed = law, fem.Function(state.function_space)
            self.before = np.zeros(len(state.x.array) // 2)
            self.update()

    def __call__(self, T: Any, degree: int | None = None) -> Any:
        """Resistivity [ohm m] in UFL.

        Parameters
        ----------
        T
            Temperature of the state [K].
        degree
            Of the quadrature at whose points it is evaluated, if it is another one.
        """
        if self.followed is not None:
            return self._law(T, self.followed[1])  # type: ignore[call-arg]
        if not isinstance(self._law, TabulatedResistivity):
            return self._law(T)
        degree = degree or self._degree
        if degree not in self._samples:
            self._samples[degree] = _Sample(self._law, self._state, degree)
        return self._samples[degree].value

    def derivative(self, form: ufl.Form) -> "StateDerivative":
        """Derivative of a form with this resistivity by the state."""
        slopes = {s.value: ufl.as_vector([0, s.slope]) for s in self._samples.values()}
        explicit = ufl.derivative(form, self._state, coefficient_derivatives=slopes)
        return StateDerivative(self, fem.form(explicit), form)

    def remember(self, before: Array) -> None:
        """Take over what the phases at the owned nodes followed before [K], if they remember."""
        if self.followed is not None:
            self.followed.x.array[1 : 2 * len(before) : 2] = before
            self.followed.x.scatter_forward()
            self.before = self.followed.x.array[1::2].copy()
            self.update()

    def update(self) -> None:
        """Follow the state."""
        if self.followed is not None:
            T = self._state.x.array[1::2]
            self.followed.x.array[1::2] = self._memory.followed(T, self.before)
            self.moves = self._memory.moves(T, self.before)
        for sample in self._samples.values():
            sample.update()


class StateDerivative:
    """Derivative of a form by the state, with what the phases of a law with a memory follow.

    These follow the temperature node by node: the columns of their part count where they move.

    Parameters
    ----------
    resistivity : ResistivityInForms
    explicit : Form
        Derivative without that part.
    form : ufl.Form
        What is derived.
    """

    def __init__(self, resistivity: ResistivityInForms, explicit: fem.Form, form: ufl.Form) -> None:
        self._resistivity, self.explicit = resistivity, explicit
        self._by_followed: fem.Form | None = None
        if resistivity.followed is not None:
            self._by_followed = fem.form(ufl.derivative(form, resistivity.followed))

    def assemble(self, matrix: PETSc.Mat, bcs: list[fem.DirichletBC]) -> None:
        """Assemble it into a matrix."""
        matrix.zeroEntries()
        assemble_matrix(matrix, self.explicit, bcs=bcs)
        matrix.assemble()
        if self._by_followed is not None:
            part, columns = self._part
            part.zeroEntries()
            assemble_matrix(part, self._by_followed, bcs=bcs, diag=0.0)
            part.assemble()
            columns.array_w = self._columns[: columns.getLocalSize()]
            part.diagonalScale(None, columns)
            matrix.axpy(1.0, part, PETSc.Mat.Structure.SUBSET_NONZERO_PATTERN)

    def vector(self) -> dolfinx.la.Vector:
        """Assemble it into a vector."""
        vector = summed(self.explicit)
        if self._by_followed is not None:
            vector.array[:] += self._columns * summed(self._by_followed).array
        return vector

    @cached_property
    def _part(self) -> tuple[PETSc.Mat, PETSc.Vec]:
        """Matrix of the part by what is followed, and the factors of its columns."""
        part = create_matrix(self._by_followed, kind=PETSc.Mat.Type.BAIJ)
        columns = part.createVecRight()
        destroy_with(self, part, columns)
        return part, columns

    @property
    def _columns(self) -> Array:
        moves = self._resistivity.moves
        return np.column_stack([np.zeros_like(moves), moves]).reshape(-1)


def summed(form: fem.Form) -> dolfinx.la.Vector:
    """Vector of a form, whose owned rows are complete."""
    vector = fem.assemble_vector(form)
    vector.scatter_reverse(dolfinx.la.InsertMode.add)
    return vector


class _Sample:
    """Value and slope of a table at the points of a quadrature."""

    def __init__(self, law: TabulatedResistivity, state: fem.Function, degree: int) -> None:
        self._law, self._mesh = law, state.function_space.mesh
        element = basix.ufl.quadrature_element(self._mesh.basix_cell(), degree=degree)
        space = fem.functionspace(self._mesh, element)
        self.value, self.slope = fem.Function(space), fem.Function(space)
        self._temperature = fem.Expression(state[1], space.element.interpolation_points)
        self._dofs = space.dofmap.list
        self._cells = np.arange(len(self._dofs), dtype=np.int32)
        self.update()

    def update(self) -> None:
        """Evaluate the table at the present state."""
        T = self._temperature.eval(self._mesh, self._cells).reshape(self._dofs.shape)
        self.value.x.array[self._dofs] = self._law(T)
        self.slope.x.array[self._dofs] = self._law.slope(T)


def varied(factor: Callable[[Array], Array] | None, mesh: dolfinx.mesh.Mesh) -> Any:
    """Linear interpolation of a variation along the film, 1 if there is none."""
    if factor is None:
        return 1
    field = fem.Function(fem.functionspace(mesh, ("Lagrange", 1)))
    field.interpolate(lambda x: factor(x[:2].T))
    return field


def _with_constants(law: Callable[[Any], Any], mesh: Any) -> Callable[[Any], Any]:
    """The law with its numbers as constants of the forms: others need no compilation."""
    if not is_dataclass(law) or isinstance(law, type):
        return law
    values = {field.name: getattr(law, field.name) for field in fields(law)}
    numbers = {name: value for name, value in values.items() if isinstance(value, float)}
    return replace(law, **{name: fem.Constant(mesh, x) for name, x in numbers.items()})
