"""Problem 7: extrapolated finite elements and finite volumes.

The heat into the half-space is singular at the sides of the film, which adds an error of first
order to the one of second order: three meshes, each half as fine as the next, eliminate both.
"""

from collections.abc import Callable

from codes import finite_volumes, own_film
from codes.drivers import Coupled, Found, film_on_half_space

METHODS: dict[str, tuple[Callable[[int], Coupled], tuple[int, int, int]]] = {
    "finite elements": (own_film.Film, (30, 60, 120)),
    "finite volumes": (finite_volumes.Film, (40, 80, 160)),
}


def extrapolated(method: str) -> Found:
    """Return the reference values by a method: meshes of 30 to 160 elements along the film."""
    film, cells = METHODS[method]
    coarse, middle, fine = (film_on_half_space(film(number)) for number in cells)
    return {name: (8 * fine[name] - 6 * middle[name] + coarse[name]) / 3 for name in fine}
