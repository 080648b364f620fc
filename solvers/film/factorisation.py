"""Lagged factorisation of a film's Jacobian, which outlives Newton steps and solves."""

from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array, Substrate


class LaggedFactorisation:
    """Factors of J, renewed once a Krylov solve with them has taken too many iterations.

    Parameters
    ----------
    film : ElectrothermalFilm
    substrate : Substrate

    Attributes
    ----------
    renew : bool
        The next `update` factorises anew, whatever the iterations.
    is_lagged : bool
        The factors in use are those of an earlier J.
    made_at : tuple of ndarray and float
        Unknown and voltage [V] at which they were made.
    border : ndarray, shape (nodes, 2)
        J^-1 F_V by these factors.
    """

    def __init__(self, film: ElectrothermalFilm, substrate: Substrate) -> None:
        self._matrix, self._substrate = film.matrix, substrate
        self.renew, self.is_lagged = True, False

    def is_stale(self, iterations: int) -> bool:
        """Whether the factors are renewed after a Krylov solve of so many iterations."""
        return self.renew or iterations > self._substrate.patience

    def update(self, at: tuple[Array, float], by_voltage: Array, iterations: int) -> None:
        """Factorise J, assembled at an unknown and a voltage [V], or keep the factors."""
        renew = self.is_stale(iterations)
        self._substrate.factor(self._matrix, renew)
        self.renew, self.is_lagged = False, not renew
        if renew:
            self.made_at, self.border = at, self._substrate.solve(by_voltage)
