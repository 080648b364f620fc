"""Resistance of a film without a bias while its ambient is slowly taken through temperatures.

Such a film is everywhere as warm as its ambient. Its current then takes the same paths at every
temperature, whatever the shape of the film and its disorder: the resistance between the contacts is
proportional to the law of the resistivity, and one solution tells the factor.
"""

from itertools import accumulate, pairwise

import numpy as np

from mitmodels.cases.film.config import TransientConfig
from mitmodels.cases.film.sections import FilmConfig
from mitmodels.film.resistivity import HystereticResistivity
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.runs.folder import RunFolder

_POINTS = 200  # from one temperature of the history to the next


def memory(config: TransientConfig) -> float:
    """Return what the film remembers when the protocol begins [K], 0 K without a memory."""
    law = config.film.resistivity()
    if not isinstance(law, HystereticResistivity):
        return 0.0
    return float(_followed(law, _turns(config))[-1])


def resistivity(config: FilmConfig) -> float:
    """Return the resistivity of the film at its ambient temperature [ohm m]."""
    law, T = config.film.resistivity(), float(config.ambient.temperature)
    if isinstance(law, HystereticResistivity) and isinstance(config, TransientConfig):
        return float(law(T, memory(config)))
    return float(law(T))


def resistances(config: TransientConfig, film: float, contacts: float) -> tuple[Array, Array]:
    """Return temperatures [K] and the resistance of the device there [ohm], along its history.

    Parameters
    ----------
    config
    film
        Resistance of the film where the history ends [ohm].
    contacts
        That of both contacts [ohm].
    """
    law, turns = config.film.resistivity(), _turns(config)
    lines = [np.linspace(*line, _POINTS + 1)[1:] for line in pairwise(turns)]
    T = np.concatenate([turns[:1], *lines])
    rho = law(T, _followed(law, T)) if isinstance(law, HystereticResistivity) else law(T)
    return T, contacts + film * rho / rho[-1]


def write_history(
    folder: RunFolder, config: TransientConfig, contacts: float, begin: float
) -> None:
    """Write ``resistance.csv``, if there is a history. Collective.

    ``contacts`` is the resistance of both contacts and ``begin`` that of the device where the
    protocol begins [ohm].
    """
    if config.ambient.history:
        table = folder.table("resistance", {"T": "K", "R": "ohm"})
        for T, R in zip(*resistances(config, begin - contacts, contacts), strict=True):
            table.append({"T": float(T), "R": float(R)})


def _turns(config: TransientConfig) -> Array:
    ambient = config.ambient
    return np.array([*ambient.history, ambient.temperature], dtype=float)


def _followed(law: HystereticResistivity, T: Array) -> Array:
    """Temperatures [K] that the phases of a film followed on its way through others."""
    return np.array(
        list(accumulate(T, lambda before, now: law.followed(now, before), initial=0.0))[1:]
    )
