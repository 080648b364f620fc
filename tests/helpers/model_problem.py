"""A coupled problem that any finite-element program can solve: a unit square that heats itself."""

from dataclasses import replace

from mpi4py import MPI

from mitmodels.expressions import exp
from mitmodels.meshes.device import Device
from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.properties import Contacts, FilmProperties
from mitmodels.solvers.film.substrate.local_heat_loss import LocalHeatLoss

DEGREE = 4  # of the quadrature: with fewer points the programs differ in the ninth digit
MUMPS = {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"}


def conductivity(T):
    """Conductivity at a temperature, for arrays and UFL."""
    return 0.05 + 1 / (1 + exp((T - 1) / 0.3))


def solver(device: Device, direct_limit: int = 10**9) -> BorderedNewton:
    """Return the solver of the package; ``direct_limit`` as of `LocalHeatLoss`."""
    properties = FilmProperties(lambda T: 1 / conductivity(T), 1.0)
    film = ElectrothermalFilm(device, properties, Contacts(ideal_sink=True), 0.0, 0.01, loss=1.0)
    return BorderedNewton(film, LocalHeatLoss(film, direct_limit))


def square(cells: int, comm: MPI.Comm = MPI.COMM_SELF) -> Device:
    """Unit square with the names of a film, between contacts at x = -1/2 and 1/2."""
    h = 1 / cells
    channel = PlanarChannel(1.0, 1.0, 1.0, 0.0, 0.0, h, h, cells // 2, "full")
    return replace(channel.build(comm), quadrature_degree=DEGREE)
