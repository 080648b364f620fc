"""This package: quadratic elements, the bordered Newton's method of its films."""

from importlib.metadata import version

from mpi4py import MPI

import dolfinx
import ufl
from dolfinx import fem
from dolfinx.io.gmsh import PhysicalGroup

import numpy as np

from codes.drivers import Found, Kind, Setup
from mitmodels import expressions
from mitmodels.meshes.device import Device
from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.solvers.film.constraints import Drive, drive_at, temperature_at
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.properties import Contacts, FilmProperties
from mitmodels.solvers.film.substrate.fourier_operator import FourierOperator
from mitmodels.solvers.film.substrate.grid_transfer import Surface
from mitmodels.solvers.film.substrate.half_space import film_nodes
from mitmodels.solvers.film.substrate.local_heat_loss import LocalHeatLoss

NAME, VERSION = "mitmodels", version("mitmodels")
PARTS = {"film": (2, 1), "contact_left": (1, 1), "contact_right": (1, 2), "centre": (0, 1)}


class Coupled:
    """A film, and the last state as guess of the next."""

    def __init__(self, setup: Setup) -> None:
        device = device_of(setup)
        space = fem.functionspace(device.mesh, ("Lagrange", 2, (2,)))  # that of the film
        self.at, points = space.tabulate_dof_coordinates()[:, :2].T, device.mesh.geometry.x
        if setup.bend:
            points[:, :2] = np.transpose(setup.bend(*points.T[:2]))
        properties = FilmProperties(lambda T: 1 / setup.law(T, expressions), 1.0)
        contacts = Contacts(ideal_sink=setup.cooled)
        film = ElectrothermalFilm(device, properties, contacts, 0.0, 1.0, setup.loss, 2)
        self.newton = BorderedNewton(film, LocalHeatLoss(film))
        self.begin(lambda x, *_: 0 * x, 1e-3)

    def begin(self, temperature, voltage: float) -> None:
        x = self.at[0]
        psi = (x - x.min()) / np.ptp(x) - 0.5
        self.unknown, self.V = np.column_stack((psi, temperature(*self.at, np))), voltage

    def middle(self) -> float:
        return float(self.newton.layout.dot(self.newton.pick("centre"), self.state.fields[:, 1]))

    def solve(self, kind: Kind, value: float) -> tuple[float, float]:
        newton = self.newton
        constraint = {
            "voltage": lambda: drive_at(Drive.voltage_source(), value, value),
            "current": lambda: drive_at(Drive.current_source(), value, value),
            "temperature": lambda: temperature_at(newton.layout, newton.pick("centre"), value),
        }[kind]()
        self.state = newton.solve(constraint, self.unknown, self.V, 60, 1e-11)
        self.unknown, self.V = self.state.unknown, self.state.voltage
        return self.V, self.state.current


def device_of(setup: Setup) -> Device:
    """Quadrilaterals on the lines of a setup, with the names of a film; not bent yet."""
    x, y = (finer(lines) if setup.bend else lines for lines in (setup.x, setup.y))
    mesh = dolfinx.mesh.create_rectangle(
        MPI.COMM_SELF,
        ((0.0, 0.0), (1.0, 1.0)),
        (len(x) - 1, len(y) - 1),
        dolfinx.mesh.CellType.quadrilateral,
    )
    points = mesh.geometry.x
    points[:, 0] = np.interp(points[:, 0], np.linspace(0, 1, len(x)), x)
    points[:, 1] = np.interp(points[:, 1], np.linspace(0, 1, len(y)), y)
    middle = (x[0] + x[-1]) / 2
    places = [
        (2, [lambda at: np.full(at.shape[1], True)]),
        (1, [lambda at, end=end: np.isclose(at[0], end) for end in x[[0, -1]]]),
        (0, [lambda at: np.isclose(at[0], middle) & np.isclose(at[1], y[0])]),
    ]
    tags = []
    for dim, conditions in places:
        found = [dolfinx.mesh.locate_entities(mesh, dim, there) for there in conditions]
        marks = [np.full(len(each), i + 1, np.int32) for i, each in enumerate(found)]
        entities, marks = np.concatenate(found), np.concatenate(marks)
        order = np.argsort(entities)
        tags.append(dolfinx.mesh.meshtags(mesh, dim, entities[order], marks[order]))
    names = {name: PhysicalGroup(*part) for name, part in PARTS.items()}
    return Device(mesh, tuple(tags), names, axisymmetric=setup.axisymmetric, quadrature_degree=6)


def finer(lines: np.ndarray) -> np.ndarray:
    """Lines of a mesh with straight edges that is bent."""
    return np.interp(np.linspace(0, 1, 8 * len(lines) - 7), np.linspace(0, 1, len(lines)), lines)


def heated_square() -> Found:
    """Problem 3 by the operator between the nodes of a film, here one of 50 um."""
    side, places = 50e-6, ("centre", "contact_centre", "corner")
    names = dict(zip(places, ("T_centre", "T_side", "T_corner"), strict=True))
    plan = PlanarChannel(side, side, 20e-9, 0.0, 300e-6, 0.5e-6, 0.1e-6, 40).build(MPI.COMM_SELF)
    film, cells = plan.restrict("film")
    space = fem.functionspace(film.mesh, ("Lagrange", 1))
    load = fem.assemble_vector(fem.form(ufl.TestFunction(space) * film.dA())).array
    corner = np.intersect1d(film.dofs(space, "contact_right"), film.dofs(space, "lateral_edge"))
    nodes, surface = film_nodes(space, plan, cells), Surface.of(space, plan.copies)
    found = {}
    for thickness, named in ((np.inf, names), (0.4 * side, {"centre": "T_slab"})):
        operator = FourierOperator.of(MPI.COMM_SELF, len(nodes), surface, thickness)
        T = operator.layout.owned(operator(operator.layout.gather(load))) / side
        for place, name in named.items():
            dof = corner if place == "corner" else film.dofs(space, place)
            found[name] = float(T[dof[0]])
        if "T_mean" not in found:
            found["T_mean"] = float(load @ T / load.sum())
    return found
