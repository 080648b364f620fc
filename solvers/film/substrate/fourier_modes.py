"""Modes of the half-space in time by Fourier transforms, for many nodes; see `heat_modes`.

On a uniform grid, whose period leaves the heat room to spread, every mode of the depth is diagonal
in the waves along the surface: an implicit step of any length is a division.
"""

from dataclasses import dataclass
from typing import Self

from mpi4py import MPI

import numpy as np

from mitmodels.errors import RunError
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.film.substrate.convolution import Transform
from mitmodels.solvers.film.substrate.fourier_operator import NodesOnGrid
from mitmodels.solvers.film.substrate.grid_transfer import Grid, Surface
from mitmodels.solvers.film.substrate.kirchhoff import SpreadDerivative
from mitmodels.solvers.film.substrate.quadrature import half_space_quadrature
from mitmodels.solvers.runs.parallel import on_root

_STEP = 0.5  # of the quadrature, as of `HeatModes`
_SHALLOW = 100.0  # largest wavenumber of the depth times the spacing: heat of 1 ns goes 0.1 um deep
_SPREAD = 3.0  # times sqrt(4 D t), beyond which exp(-9) of the heat is


@dataclass(frozen=True, eq=False)
class FourierStep:
    """What an implicit step of the modes needs.

    Attributes
    ----------
    modes : FourierModes
    screening : float
        1/(D tau) [1/m2].
    spectrum : ndarray
        Temperature rise [K] at the end of the step per heat flow [W] during it.
    """

    modes: "FourierModes"
    screening: float
    spectrum: Array

    def surface(self, heat: Array) -> Array:
        """Temperature rise [K] at the end of the step for the heat flow [W] during it."""
        return self.modes.of_spectrum(self.spectrum * self.modes.to_spectrum(heat))

    def derivative(self, scale: float) -> SpreadDerivative:
        """Derivative of the temperature by the heat in units of a scale [W]."""
        root = np.sqrt(self.screening)
        return SpreadDerivative(self.surface, self.modes.conductivity, root, scale)


class FourierModes:
    """Modes of the half-space on a grid; a state has shape (modes, waves along x, along y).

    Parameters
    ----------
    comm : MPI.Comm
        Of the mesh.
    owned : int
        Number of nodes of this rank.
    surface : Surface
        Film and pads, equal on all ranks.
    conductivity : float
        kappa [W/(m K)].
    capacity : float
        rho c_p [J/(m3 K)].
    duration : float
        Time [s] for which the heat has room to spread.
    """

    def __init__(
        self,
        comm: MPI.Comm,
        owned: int,
        surface: Surface,
        conductivity: float,
        capacity: float,
        duration: float,
    ) -> None:
        self.comm, self.conductivity, self.capacity = comm, conductivity, capacity
        grid = Grid.over(surface, surface.half_a_cell)
        self._nodes = NodesOnGrid(comm, owned, surface, grid)
        room = _SPREAD * np.sqrt(4 * conductivity / capacity * duration)
        self._transform = Transform(grid, (room, room))
        x, y = (
            np.arange(half + 1) * np.pi / (half * h)
            for half, h in zip(self._transform.halves, grid.spacing, strict=True)
        )
        # The hats, to and from the grid, damp a wave by (k h)^2/6.
        even = np.full((len(x), len(y)), 1 / (grid.spacing[0] * grid.spacing[1]))
        self._sharper = self._transform.of_even(even, 1 / 3)
        self._squares = self._transform.of_even(x[:, None] ** 2 + y**2, 0.0)
        smallest = 1e-4 / max(np.pi / x[1], np.pi / y[1])
        self.quadrature = half_space_quadrature(smallest, _SHALLOW / min(grid.spacing), _STEP)
        self.coordinates = np.array([x[1], y[1], self.quadrature.wavenumbers[0]])

    @staticmethod
    def points(surface: Surface, diffusivity: float, duration: float) -> float:
        """About how many points the grid with its room has."""
        room = _SPREAD * np.sqrt(4 * diffusivity * duration)
        grid = Grid.over(surface, surface.half_a_cell)
        x, y = (
            points + room / h / (2 if mirrored else 1)
            for points, h, mirrored in zip(grid.shape, grid.spacing, grid.mirrored, strict=True)
        )
        return float(x * y)

    @property
    def initial_state(self) -> Array:
        """State without heat."""
        shape = (len(self.quadrature.weights), *self._squares.shape)
        none = self._transform.forward(np.zeros(self._nodes.points))
        return np.zeros(shape, dtype=none.dtype)

    def to_spectrum(self, heat: Array) -> Array:
        """Spectrum of the heat [W] per owned node over the conductivity. Collective."""
        return self._transform.forward(self._nodes.flow(heat)) / self.conductivity

    def of_spectrum(self, spectrum: Array) -> Array:
        """Temperature rise [K] of the owned nodes."""
        return self._nodes.values(self._transform.inverse(spectrum * self._sharper))

    def _gains(self, screening: float) -> Array:
        squares = self.quadrature.wavenumbers**2 + screening
        return np.asarray(1 / (self._squares + squares[:, None, None]))

    def step(self, duration: float) -> FourierStep:
        """Operators of an implicit step [s], see `HeatModes.step`."""
        screening = self.capacity / self.conductivity / duration
        spectrum = np.tensordot(self.quadrature.weights, self._gains(screening), 1)
        return FourierStep(self, screening, spectrum)

    def advance(self, step: FourierStep, before: Array, heat: Array | None) -> Array:
        """State at the end of an implicit step from that before it and the heat flow [W] per node.

        Without ``heat`` no heat flows.
        """
        load = step.screening * before
        if heat is not None:
            load += self.to_spectrum(heat)
        load *= self._gains(step.screening)
        return load

    def rise(self, state: Array) -> Array:
        """Temperature rise [K] of the owned nodes."""
        return self.of_spectrum(np.tensordot(self.quadrature.weights, state, 1))

    def content(self, state: Array) -> float:
        """Heat in the substrate [J]: the even part of the mode of the smallest wavenumber."""
        return float(self.capacity * state[0, 0, 0].real)

    @property
    def numbering(self) -> Self:
        """Itself: the waves have an order of their own."""
        return self

    def to_nodes(self, state: Array) -> Array:
        """Return the state."""
        return state

    from_nodes = to_nodes

    def gather(self, state: Array) -> Array:
        """State on rank 0, nothing elsewhere: all ranks have it."""
        return state if self.comm.rank == 0 else state[:0]

    def scatter(self, rows: Array) -> Array:
        """State of rank 0 on all. Collective."""
        return np.asarray(self.comm.bcast(rows))

    def check(self, coordinates: Array) -> None:
        """Make sure that a state belongs to this grid. Collective.

        Raises
        ------
        RunError
            If it does not.
        """
        on_root(self.comm, lambda: self._compare(coordinates))

    def _compare(self, coordinates: Array) -> None:
        own = self.coordinates
        if own.shape != coordinates.shape or not np.allclose(own, coordinates, rtol=1e-9):
            raise RunError("the checkpoint belongs to another mesh or protocol: begin a new run")
