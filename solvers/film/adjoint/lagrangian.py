r"""Forms whose derivatives are those of a reading by everything that a film's forms depend on.

With multipliers w of the residual F and :math:`\ell` of the current :math:`I = V G`, the scalar

.. math:: \Lambda = -F \cdot w + \ell\, V G

is derived by UFL: by every number, as one field that is even in each element; by the logarithms of
the local resistivity and of the local loss; by the temperature; and by the places of the vertices,
which take what is at them along.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import ufl
from dolfinx import fem

import numpy as np

from mitmodels.solvers.film.electrothermal import TEMPERATURE, ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.film.resistivity import summed


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Derivatives of the scalar.

    Attributes
    ----------
    numbers : mapping
        By the numbers of the forms, see `form_numbers`.
    temperature : ndarray, shape (owned nodes,)
        By T [1/K].
    resistivity, loss : ndarray, shape (owned vertices,)
        By the logarithms of the local ones.
    """

    numbers: Mapping[str, float]
    temperature: Array
    resistivity: Array
    loss: Array


class Lagrangian:
    """Derivatives of the scalar at the present state of a film.

    Parameters
    ----------
    film : ElectrothermalFilm
    """

    def __init__(self, film: ElectrothermalFilm) -> None:
        mesh, self.film = film.device.mesh, film
        self._multipliers = fem.Function(film.space)
        self._by_current = fem.Constant(mesh, 0.0)
        self._names = tuple(film.numbers)
        even = fem.functionspace(mesh, ("DG", 0, (len(self._names),)))
        self._numbers = fem.Function(even)
        self.variations = fem.functionspace(mesh, ("Lagrange", 1, (2,)))
        varied = fem.Function(self.variations)
        current = self._by_current * film.voltage * film.conductance_form
        self._scalar = scalar = current - ufl.action(film.residual_form, self._multipliers)
        self._by_state = film.resistivity.derivative(scalar)
        handles = dict(zip(film.numbers.values(), ufl.split(self._numbers), strict=True))
        by_number = ufl.derivative(ufl.replace(scalar, handles), self._numbers)
        factors = film.resistivity_factor, film.loss_factor
        local = {f: f + v for f, v in zip(factors, ufl.split(varied), strict=True)}
        by_variation = ufl.derivative(ufl.replace(scalar, local), varied)
        self._by_number, self._by_variation = fem.form(by_number), fem.form(by_variation)

    def by_position(self) -> Array:
        """Derive it by the places of the owned vertices [1/m], shape (vertices, 2). Collective.

        It is that of the multipliers for which it was derived last.
        """
        owned = self.variations.dofmap.index_map.size_local
        return summed(self._by_position).array[: 2 * owned].reshape(-1, 2).copy()

    @cached_property
    def _by_position(self) -> fem.Form:
        places = ufl.SpatialCoordinate(self.film.device.mesh)
        return fem.form(ufl.derivative(self._scalar, places, ufl.TestFunction(self.variations)))

    def derivatives(self, multipliers: Array, by_current: float) -> Derivatives:
        """Derive it for multipliers of the owned rows and of the current. Collective."""
        film, count = self.film, len(self._names)
        self._multipliers.x.array[: 2 * film.owned] = multipliers.reshape(-1)
        self._multipliers.x.scatter_forward()
        self._by_current.value = by_current
        array, values = self._numbers.x.array, [float(c.value) for c in film.numbers.values()]
        array[:] = np.tile(values, len(array) // count)
        by_number = fem.assemble_vector(self._by_number).array.reshape(-1, count).sum(axis=0)
        numbers = film.comm.allreduce(by_number)
        owned = self.variations.dofmap.index_map.size_local
        local = summed(self._by_variation).array[: 2 * owned].reshape(-1, 2)
        factors = film.resistivity_factor, film.loss_factor
        by_logarithm = (
            by * (f.x.array[:owned] if isinstance(f, fem.Function) else float(f.value))
            for by, f in zip(local.T, factors, strict=True)
        )
        by_state = self._by_state.vector().array[: 2 * film.owned].reshape(-1, 2)
        return Derivatives(
            dict(zip(self._names, numbers.tolist(), strict=True)),
            by_state[:, TEMPERATURE].copy(),
            *by_logarithm,
        )
