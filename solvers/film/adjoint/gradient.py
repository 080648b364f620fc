r"""Derivatives of a reading by everything that the equations of a steady film contain.

With the residual F(z, V), its unknown z, and the constraint c(z, V) = 0 that closes it, one solve

.. math::
    \begin{pmatrix} J^T & c_z \\ F_V^T & c_V \end{pmatrix}
    \begin{pmatrix} w \\ g \end{pmatrix} = \begin{pmatrix} R_z \\ R_V \end{pmatrix}, \qquad
    \frac{dR}{dp} = R_p - w \cdot F_p - g\, c_p

gives those of a reading R by all p. The multiplier g is the derivative of R by the value of c, that
is along the branch: at an extremum of R it is 0 and any constraint will do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mitmodels.solvers.film.adjoint.lagrangian import Lagrangian
from mitmodels.solvers.film.adjoint.readings import Reading
from mitmodels.solvers.film.interfaces import Array, State
from mitmodels.solvers.film.newton import BorderedNewton


@dataclass(frozen=True, eq=False)
class Gradient:
    """Derivatives of a reading, in its unit over that of what it is derived by.

    Attributes
    ----------
    numbers : mapping
        By the numbers of the forms, see `form_numbers`.
    contact, load : float
        By the resistances of the contacts in series and of the load [ohm].
    threshold : float
        By the temperature from which on the film counts as barrier [K].
    stretch : float
        By the logarithm of the film's length, where what is read is a length itself.
    positions : ndarray or None
        By the places of the owned vertices [1/m], shape (vertices, 2), if asked for.
    temperature : ndarray
        By the temperature per node of the layout, the unknown kept.
    resistivity, loss : ndarray
        By the logarithms of the local ones, per owned vertex.
    """

    numbers: Mapping[str, float]
    contact: float
    load: float
    threshold: float
    stretch: float
    positions: Array | None
    temperature: Array
    resistivity: Array
    loss: Array


class Adjoint:
    """Derives readings at steady states of a film.

    Parameters
    ----------
    newton : BorderedNewton
    by_position : bool
        Whether they are also derived by the places of the mesh.
    """

    def __init__(self, newton: BorderedNewton, by_position: bool = False) -> None:
        self.newton, self._by_position = newton, by_position
        self.lagrangian = Lagrangian(newton.film)

    def derive(self, state: State, reading: Reading, held: Reading) -> tuple[Gradient, float]:
        """Derivatives of a reading while another one is held, and that by the held one. Collective.

        Raises
        ------
        SolverError
            If the transposed system cannot be solved.
        """
        newton, film, layout = self.newton, self.newton.film, self.newton.layout
        newton.linearise(state, lambda *_: held.linearised)
        system = newton.system
        row, last = system.row_of(reading.linearised)
        multipliers, along = newton.solve_transposed(system.by_unknown(row), last)
        multipliers[layout.gather(film.fixed) > 0] = 0.0
        pads = layout.dot(multipliers, layout.gather(film.pad_heat))
        current, R = state.current, film.contacts.resistance
        by_current = reading.by_I - along * held.by_I - 2 * R * current * pads
        found = self.lagrangian.derivatives(layout.owned(multipliers), by_current)
        by_T = layout.gather(found.temperature)
        for each, factor in ((reading, 1.0), (held, -along)):
            if each.by_T is not None:
                by_T = by_T + factor * np.asarray(each.by_T)
        gradient = Gradient(
            found.numbers,
            reading.by_contact - along * held.by_contact - current**2 * pads,
            reading.by_load - along * held.by_load,
            reading.by_threshold - along * held.by_threshold,
            reading.by_stretch - along * held.by_stretch,
            self.lagrangian.by_position() if self._by_position else None,
            by_T,
            found.resistivity,
            found.loss,
        )
        return gradient, along
