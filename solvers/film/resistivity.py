"""Law of a film's resistivity in forms: a formula, or a table that is sampled."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

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
from mitmodels.solvers.film.properties import law_numbers
from mitmodels.solvers.petsc import destroy_with

Array = npt.NDArray[np.float64]
_DEGREE = 4  # of a quadrature that nobody has chosen


class ResistivityInForms:
    """Resistivity of a film as forms have it: a formula, or a table sampled where it is evaluated.

    A form does not contain the table: it is compiled once for tables of any length.

    Parameters
    ----------
    law : callable or TabulatedResistivity
    state : Function
        (psi, T).
    numbers : mapping
        Constants of a law that is a formula, as ``law.NAME``.
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
        self,
        law: Callable[[Any], Any],
        state: fem.Function,
        numbers: Mapping[str, fem.Constant],
        degree: int | None = None,
    ) -> None:
        self._law, self._state, self._degree = law, state, degree or _DEGREE
        self.followed: fem.Function | None = None
        self._samples: dict[int, _Sample] = {}
        if names := law_numbers(law):  # constants of the forms: others need no compilation
            self._law = replace(law, **{n: numbers[f"law.{n}"] for n in names})  # type: ignore[type-var]
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
    """Linear interpolation of a variation along the film, a constant 1 if there is none."""
    if factor is None:
        return fem.Constant(mesh, 1.0)
    field = fem.Function(fem.functionspace(mesh, ("Lagrange", 1)))
    field.interpolate(lambda x: factor(x[:2].T))
    return field
