"""Devices of a chip with their meshes, and the solver of all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mpi4py import MPI

from mitmodels.cases.chip.config import ChipConfig, Placed
from mitmodels.cases.film.device import PreparedFilm
from mitmodels.errors import InputError


@dataclass(frozen=True, eq=False)
class PreparedChip[C: ChipConfig, P: PreparedFilm[Any]]:
    """A checked configuration with the meshes of its devices.

    Attributes
    ----------
    config : ChipConfig
    films : tuple of PreparedFilm
        In the order of ``config.device``.
    """

    config: C
    films: tuple[P, ...]

    @property
    def members(self) -> Iterator[tuple[Placed, P]]:
        """Each device as its section and as a film."""
        return zip(self.config.device, self.films, strict=True)

    @property
    def nodes(self) -> int:
        """Nodes of all films and pads."""
        return sum(film.device.nodes for film in self.films)


def prepare_each[E, P: PreparedFilm[Any]](
    config: ChipConfig,
    experiments: Iterator[E],
    prepare: Callable[[E, MPI.Comm], P],
    comm: MPI.Comm,
) -> tuple[P, ...]:
    """Check devices against each other and each for itself, and mesh them.

    Raises
    ------
    InputError
        If devices overlap, one is no film that can be solved, or has too many nodes.
    """
    config.check_apart()
    films = []
    for number, experiment in enumerate(experiments):
        try:
            film = prepare(experiment, comm)
        except InputError as error:
            raise _of_device(number, error) from None
        if film.device.config.mesh.degree == 2:
            raise InputError(
                f"device.{number}.mesh.degree = 2 is for a film alone on its substrate: set it to 1"
            )
        if not film.device.is_dense:
            raise InputError(
                f"device.{number}.mesh: {film.device.nodes} nodes of film and pads are solved for "
                "by Fourier transforms, which a device among others is not: give a larger "
                "mesh.size or fewer mesh.cells_across"
            )
        films.append(film)
    return tuple(films)


def _of_device(number: int, error: InputError) -> InputError:
    """Return the error with the device before a key that each device has of its own."""
    own = str(error).partition(".")[0].partition(":")[0] in Placed.model_fields
    return InputError(f"device.{number}.{error}" if own else str(error))


def remarks(config: ChipConfig) -> list[str]:
    """Say what is approximated."""
    quarters = [d.name for d in config.device if d.geometry.domain == "quarter"]
    if not quarters or len(config.device) == 1:
        return []
    return [
        f'{", ".join(quarters)}: geometry.domain = "quarter" takes the heat of the other devices '
        "as its mean over the four mirror images, and gives its own likewise"
    ]


def summary_of(prepared: PreparedChip[Any, Any]) -> dict[str, str]:
    """Say where the devices are and how many unknowns there are."""
    found = {}
    for device, film in prepared.members:
        x, y = (value * 1e6 for value in device.position)
        geometry = device.geometry
        found[device.name] = (
            f"{geometry.length * 1e6:g} x {geometry.width * 1e6:g} um2 at ({x:g}, {y:g}) um, "
            f"turned by {device.rotation} degrees, {film.device.nodes} nodes"
        )
    return found | {"unknowns": f"{2 * prepared.nodes}"}
