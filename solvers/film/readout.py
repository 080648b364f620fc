"""Read-out of a film: the row of ``iv.csv``, the heated part of a line, the steepest element."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mpi4py import MPI

from dolfinx import fem

import numpy as np

from mitmodels.film.observables import Reading
from mitmodels.meshes.device import Device, facet_dofs
from mitmodels.meshes.probes import Probes
from mitmodels.solvers.film.electrothermal import TEMPERATURE, ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array

_STEEP = 4.0  # ratio of resistivities within one element from which on it catches a wall,
_WHOLE = 0.5  # if that is more of the change within the film than this part of its logarithm


class Readout:
    """Reads the present state of a film; ``film`` holds the fields."""

    def __init__(self, film: ElectrothermalFilm) -> None:
        self.film = film
        self._along, self._across = self._line("midline", 0), self._line("midplane", 1)

    def __call__(self) -> Reading:
        """Collect the readings of the present state. Collective."""
        film = self.film
        V = float(film.voltage.value)
        conductance, contacts = film.conductance(), film.contacts.resistance
        current = V * conductance
        device = V + contacts * current
        T = film.state.x.array[TEMPERATURE::2]
        width, position = self._hot(self._along, T)
        return Reading(
            V_film=V,
            V_device=device,
            I=current,
            R=contacts + 1 / conductance,
            R_contact=film.contact_resistance(conductance),
            P=current * device,
            T_max=film.comm.allreduce(float(T[: film.owned].max(initial=-np.inf)), MPI.MAX),
            T_center=self._temperature_at("centre"),
            T_edge=self._temperature_at("contact_centre"),
            barrier_width=width,
            barrier_position=position,
            hot_across=self._hot(self._across, T)[0],
        )

    def _line(self, name: str, axis: int) -> "LineProfile | None":
        device = self.film.device
        return LineProfile(device, self.film.space, name, axis) if name in device.names else None

    def _hot(self, line: "LineProfile | None", T: Array) -> tuple[float, float]:
        """Length and centre [m] of what is hot of a line, NaN of none."""
        threshold = self.film.properties.barrier_temperature
        return line.above(T, threshold) if line else (np.nan, np.nan)

    def _temperature_at(self, point: str) -> float:
        """Temperature [K] at a named point, NaN of none."""
        film = self.film
        if point not in film.device.names:
            return np.nan
        here = film.indicator(point) @ film.state.x.array[TEMPERATURE : 2 * film.owned : 2]
        return float(film.comm.allreduce(here))


def temperatures_at(
    film: ElectrothermalFilm, places: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    """Return the temperature [K] of the present state at named places [m], NaN outside."""
    if not places:
        return {}
    values = Probes(film.device, list(places.values()))(film.state)[:, TEMPERATURE]
    return {f"T_{name}": float(value) for name, value in zip(places, values, strict=True)}


class LineProfile:
    """Temperature along a named line, in node pairs on the ranks that own their facets.

    Parameters
    ----------
    device : Device
    space : FunctionSpace
        Lagrange; a quadratic edge is two pieces.
    name : str
        Of a boundary of the device.
    axis : int
        Coordinate that runs along the line, in which the device may be a half.
    """

    def __init__(self, device: Device, space: fem.FunctionSpace, name: str, axis: int) -> None:
        self._comm, self._copies = device.mesh.comm, device.copies[axis]
        dim, facets = device.entities(name)
        facets = facets[facets < device.mesh.topology.index_map(dim).size_local]
        chains, x = facet_dofs(space, facets), space.tabulate_dof_coordinates()
        distances = np.linalg.norm(x[chains] - x[chains[:, :1]], axis=2)
        chains = np.take_along_axis(chains, distances.argsort(axis=1), axis=1)
        self._nodes = np.stack([chains[:, :-1], chains[:, 1:]], axis=2).reshape(-1, 2)
        self._lengths = np.linalg.norm(x[self._nodes[:, 0]] - x[self._nodes[:, 1]], axis=1)
        self._positions = x[self._nodes, axis]

    def above(self, temperature: Array, threshold: float) -> tuple[float, float]:
        """Length [m] of the whole device's line above a threshold and its centre of mass [m].

        The temperature is linear between nodes; the centre is 0 where nothing is hot.

        Parameters
        ----------
        temperature : ndarray
            Of all local nodes, ghosts included [K].
        threshold : float
            In the same unit.
        """
        excess = temperature[self._nodes] - threshold
        low, high = excess.min(axis=1), excess.max(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            fraction = np.where(low >= 0, 1.0, np.where(high <= 0, 0.0, high / (high - low)))
        # The hot part of a piece begins at its hotter end.
        hotter = np.take_along_axis(self._positions, excess.argmax(axis=1)[:, None], 1)[:, 0]
        colder = self._positions.sum(axis=1) - hotter
        centres = hotter + fraction / 2 * (colder - hotter)
        hot = fraction * self._lengths
        length, moment = self._comm.allreduce(np.array([hot.sum(), hot @ centres]))
        if not length or self._copies == 2:
            return float(self._copies * length), 0.0
        return float(length), float(moment / length)

    def length_by_temperature(self, temperature: Array, threshold: float) -> Array:
        """Derivative of that length by the temperature of all local nodes, ghosts included."""
        return self._by_temperature(temperature, threshold, lambda ends: np.ones_like(ends))

    def centre_by_temperature(
        self, temperature: Array, threshold: float, length: float, centre: float
    ) -> Array:
        """Derivative of the centre of a length by the temperature of all local nodes."""
        return self._by_temperature(temperature, threshold, lambda ends: (ends - centre) / length)

    def _by_temperature(
        self, temperature: Array, threshold: float, weight: Callable[[Array], Array]
    ) -> Array:
        """Sum over the ends of what is hot, of how far each moves times a weight at its place."""
        found = np.zeros_like(temperature)
        excess = temperature[self._nodes] - threshold
        low, high = excess.min(axis=1), excess.max(axis=1)
        ends = np.flatnonzero((low < 0) & (high > 0))
        low, high, rows, row = low[ends], high[ends], self._nodes[ends], np.arange(len(ends))
        hotter = excess[ends].argmax(axis=1)
        begin, end = (self._positions[ends][row, k] for k in (hotter, 1 - hotter))
        places = begin + high / (high - low) * (end - begin)
        scale = weight(places) * self._copies * self._lengths[ends] / (high - low) ** 2
        np.add.at(found, rows[row, hotter], -scale * low)
        np.add.at(found, rows[row, 1 - hotter], scale * high)
        return found


@dataclass(frozen=True, order=True)
class Steepest:
    """The element of a film in which the resistivity changes most.

    Attributes
    ----------
    ratio : float
        Largest over smallest resistivity in it.
    part : float
        Its logarithm over that of the largest over the smallest resistivity in the film.
    x, y : float
        One of its nodes [m].
    is_along : bool
        Whether the temperature changes along the current rather than across it.
    """

    ratio: float
    part: float
    x: float
    y: float
    is_along: bool

    @property
    def catches(self) -> bool:
        """Whether more of a wall between cold and hot parts stands on it than lets walls move."""
        return self.ratio > _STEEP and self.part > _WHOLE


def steepest(film: ElectrothermalFilm) -> Steepest:
    """Find the steepest element of the present state. Collective."""
    dim, cells = film.device.entities("film")
    cells = cells[cells < film.device.mesh.topology.index_map(dim).size_local]
    found, extremes = Steepest(1.0, 0.0, 0.0, 0.0, True), np.full(2, -np.inf)
    if cells.size:
        dofs, followed = film.space.dofmap.list[cells], film.resistivity.followed
        fields = (film.state,) if followed is None else (film.state, followed)
        values = (field.x.array[TEMPERATURE::2][dofs] for field in fields)
        resistivity = film.properties.resistivity(*values)
        ratios = resistivity.max(axis=1) / resistivity.min(axis=1)
        cell = int(ratios.argmax())
        x, rho = film.space.tabulate_dof_coordinates()[dofs[cell]], resistivity[cell]
        dx, dy, _ = np.abs(x[rho.argmax()] - x[rho.argmin()])
        place = float(x[0, 0]), float(x[0, 1])
        found = Steepest(float(ratios[cell]), 0.0, *place, bool(dx >= dy))
        extremes = np.log([resistivity.max(), 1 / resistivity.min()])
    all_found, all_extremes = zip(*film.comm.allgather((found, extremes)), strict=True)
    found, span = max(all_found), float(np.max(all_extremes, axis=0).sum())
    return replace(found, part=float(np.log(found.ratio)) / span if span else 0.0)
