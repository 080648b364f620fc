r"""Derivative of the temperature of film and pads by the heat into a substrate.

With Kirchhoff's transform Theta, the surface operator S of a half-space or slab, the resistance R_B
of the boundary and R_m of the mount, the heat b per node gives

.. math::
    T_b = T_0 + R_m \textstyle\sum b, \qquad T_s = \Theta^{-1}(\Theta(T_b) + S b), \qquad
    T = T_s + R_B b ,

and the derivative of T by b is :math:`\mathrm{diag}(1/\kappa(T_s))\,(S + \kappa(T_b) R_m\,1 1^T) +
R_B`: not a symmetric matrix.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from mitmodels.film.conductivity import TabulatedConductivity
from mitmodels.solvers.film.interfaces import Array, Outside


@dataclass(frozen=True, eq=False)
class Load:
    """What a heat does to the surface: S b [W/m], flux [W/m2] at the nodes, and all heat [W]."""

    rise: Array
    flux: Array
    total: float


@dataclass(frozen=True)
class HalfSpaceProperties:
    """What a half-space or slab is made of, and what it lies on.

    Attributes
    ----------
    conductivity : TabulatedConductivity
        kappa(T).
    ambient : float
        T_0 [K].
    boundary_resistance : float
        R_B of an area [m2 K/W].
    mount_resistance : float
        R_m [K/W].
    """

    conductivity: TabulatedConductivity
    ambient: float
    boundary_resistance: float = 0.0
    mount_resistance: float = 0.0

    def base(self, total: float) -> float:
        """Temperature behind the substrate [K] through which so much heat flows [W]."""
        return self.ambient + self.mount_resistance * total

    def temperature(self, load: Load) -> Array:
        """Temperature of film and pads [K] per node."""
        law = self.conductivity
        surface = law.temperature(law.integral(self.base(load.total)) + load.rise)
        return np.asarray(surface + self.boundary_resistance * load.flux)


@dataclass(frozen=True, eq=False)
class KirchhoffDerivative:
    """Derivative at one state, for a heat in units of ``scale``.

    Attributes
    ----------
    surface : callable
        S [1/m].
    matrix_of_surface : ndarray or None
        The same as a matrix, if it is one.
    total : callable
        Sum over all nodes.
    resistivity : ndarray, shape (nodes,)
        1/kappa(T_s) [m K/W].
    base : float
        kappa(T_b) R_m [1/m].
    boundary : ndarray, shape (nodes,)
        R_B [K/W].
    scale : float
        [W]
    """

    surface: Callable[[Array], Array]
    matrix_of_surface: Array | None
    total: Callable[[Array], float]
    resistivity: Array
    base: float
    boundary: Array
    scale: float

    def __call__(self, change: Array, /) -> Array:
        """Change of T [K] from one of the heat."""
        heat = self.scale * change
        return self.resistivity * self._transform(heat) + self.boundary * heat

    def transposed(self, multipliers: Array, /) -> Array:
        """Derivatives by the heat from those by T."""
        heat = self._transform(self.resistivity * multipliers) + self.boundary * multipliers
        return self.scale * heat

    def from_outside(self, change: Outside) -> Array:
        """Change of T [K] from one of what heat from elsewhere does."""
        return self.resistivity * (change.rise + self.base * change.heat)

    @property
    def matrix(self) -> Array:
        """The whole as a matrix [K], of a dense S."""
        assert self.matrix_of_surface is not None
        whole = self.matrix_of_surface + self.base
        whole *= (self.scale * self.resistivity)[:, None]
        whole[np.diag_indices_from(whole)] += self.scale * self.boundary
        return whole

    def conductance(self, discs: Array, _areas: Array) -> Array:
        """Change of the heat with T [1/K] of nodes, each alone on the substrate.

        A disc loses ``discs`` [m] times the conductivity.
        """
        return 1 / (self.scale * (self.resistivity / discs + self.boundary))

    def _transform(self, heat: Array) -> Array:
        """Rise of Theta at the surface, that of the substrate's back included."""
        rise = self.surface(heat)
        return rise + self.base * self.total(heat) if self.base else rise


@dataclass(frozen=True, eq=False)
class SymmetricDerivative:
    """Symmetric matrix [K] as derivative."""

    matrix: Array

    def __call__(self, change: Array, /) -> Array:
        """Change of T [K] from one of the heat."""
        return symmetric_times(self.matrix, change)

    transposed = __call__


@dataclass(frozen=True, eq=False)
class SpreadDerivative:
    """Derivative of an implicit step, for a heat in units of ``scale``.

    Attributes
    ----------
    surface : callable
        Temperature rise [K] for the heat flow [W].
    conductivity : float
        [W/(m K)]
    decay : float
        Of the temperature with the depth, 1/sqrt(D tau) [1/m].
    scale : float
        [W]
    """

    surface: Callable[[Array], Array]
    conductivity: float
    decay: float
    scale: float

    def __call__(self, change: Array, /) -> Array:
        """Change of T [K] from one of the heat."""
        return self.surface(self.scale * change)

    transposed = __call__

    def conductance(self, discs: Array, areas: Array) -> Array:
        """Change of the heat with T [1/K] of nodes, each alone on the substrate."""
        return self.conductivity / self.scale * (discs + self.decay * areas)


def symmetric_times(matrix: Array, vector: Array) -> Array:
    """Product with a symmetric matrix, half of which is read: memory limits it."""
    return np.asarray(scipy.linalg.blas.dsymv(1.0, matrix.T, vector))
