"""This package: a film on a half-space by its surface operator, linear elements."""

from importlib.metadata import version

from mpi4py import MPI

from codes.drivers import Kind, falling
from mitmodels import expressions
from mitmodels.film.conductivity import TabulatedConductivity
from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.solvers.film.constraints import Drive, drive_at, temperature_at
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.properties import Contacts, FilmProperties
from mitmodels.solvers.film.substrate.fourier_operator import FourierOperator
from mitmodels.solvers.film.substrate.grid_transfer import Surface
from mitmodels.solvers.film.substrate.half_space import HalfSpaceSubstrate

NAME, VERSION = "mitmodels", version("mitmodels")
AMBIENT = 1.0  # the laws are those of the temperature above it


class Film:
    """Film of length 1 and width 2 in so many elements; the last state is a guess."""

    def __init__(self, cells: int = 80) -> None:
        h = 1 / cells
        plan = PlanarChannel(1.0, 2.0, 1.0, 0.0, 0.0, h, h, cells).build(MPI.COMM_SELF)
        device = plan.restrict("film")[0]
        law, _ = falling(0.1)
        properties = FilmProperties(lambda T: 1 / law(T - AMBIENT, expressions), 0.02)
        film = ElectrothermalFilm(device, properties, Contacts(), AMBIENT, 0.01)
        surface = Surface.of(film.space, device.copies)
        operator = FourierOperator.of(MPI.COMM_SELF, film.owned, surface, float("inf"))
        one = TabulatedConductivity.power(1.0)
        self.newton = BorderedNewton(film, HalfSpaceSubstrate(film, operator, one))
        self.unknown, self.V = self.newton.start, 1e-3

    def middle(self) -> float:
        """Temperature of the centre."""
        newton = self.newton
        return float(newton.layout.dot(newton.pick("centre"), self.state.fields[:, 1])) - AMBIENT

    def solve(self, kind: Kind, value: float) -> tuple[float, float]:
        """Return voltage and current with a voltage or the temperature of the centre given."""
        newton = self.newton
        if kind == "voltage":
            constraint = drive_at(Drive.voltage_source(), value, value)
        else:
            constraint = temperature_at(newton.layout, newton.pick("centre"), value + AMBIENT)
        self.state = newton.solve(constraint, self.unknown, self.V, 60, 1e-9)
        self.unknown, self.V = self.state.unknown, self.state.voltage
        return self.V, self.state.current
