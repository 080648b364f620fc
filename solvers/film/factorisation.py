"""Lagged factors of a film's Jacobian, and where they were made."""

from dataclasses import dataclass

from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array, Substrate, TemperatureOfHeat


@dataclass(frozen=True, eq=False)
class Linearisation:
    """Where J was assembled: unknown, voltage [V], length of the implicit step [s], memory [K]."""

    unknown: Array
    voltage: float
    step: float
    memory: Array | None


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
    made_at : Linearisation
    border : ndarray, shape (nodes, 2)
        J^-1 F_V by these factors: a change of z.
    """

    def __init__(self, film: ElectrothermalFilm, substrate: Substrate) -> None:
        self._matrix, self._substrate = film.matrix, substrate
        self.renew, self.is_lagged = True, False

    def is_stale(self, iterations: int) -> bool:
        """Whether the factors are renewed after a Krylov solve of so many iterations."""
        return self.renew or iterations > self._substrate.patience

    def update(
        self, at: Linearisation, by_voltage: Array, by_heat: TemperatureOfHeat, iterations: int
    ) -> None:
        """Factorise J, or keep the factors."""
        self.renew = renew = self.is_stale(iterations)  # also next time, if it fails
        self._substrate.factor(self._matrix, by_heat, renew)
        if renew:
            self.made_at, (self.border, _) = at, self._substrate.solve(by_voltage)
        self.renew, self.is_lagged = False, not renew
