"""The half-space: a heated square with a known answer, and its quadrature."""

from mpi4py import MPI

import dolfinx
import ufl
from dolfinx import fem

import numpy as np
import pytest
from films import COARSE, joint_set

from mitmodels.cases.film.device import build_solver
from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.solvers.film.substrate.fourier_operator import FourierOperator
from mitmodels.solvers.film.substrate.grid_transfer import Surface
from mitmodels.solvers.film.substrate.half_space import film_nodes
from mitmodels.solvers.film.substrate.quadrature import half_space_quadrature, slab_quadrature
from mitmodels.solvers.film.substrate.surface_operator import HalfSpace

KAPPA, SIDE, FLUX = 8.0, 50e-6, 1e7


class HeatedSquare:
    """A quarter of a square on a half-space, and the operator between them."""

    def __init__(
        self, size, comm=MPI.COMM_WORLD, cells_across=None, thickness=np.inf, fourier=False
    ):
        cells = cells_across or round(SIDE / 2 / size)
        channel = PlanarChannel(SIDE, SIDE, 20e-9, 0.0, 300e-6, size, 0.3e-6, cells)
        plan = channel.build(comm)
        self.film, cells = plan.restrict("film")
        self.space = fem.functionspace(self.film.mesh, ("Lagrange", 1))
        nodes = film_nodes(self.space, plan, cells)
        if fourier:
            surface = Surface.of(self.space, plan.copies)
            self.operator = FourierOperator.of(comm, len(nodes), surface, thickness)
        else:
            self.operator = HalfSpace(plan, 300e-6, nodes, 0.3e-6, thickness)

    def temperatures(self):
        """Rise [K] in the centre, in the middle of a side, and at the corner for an even flux."""
        load = fem.assemble_vector(fem.form(FLUX * ufl.TestFunction(self.space) * self.film.dA()))
        load.scatter_reverse(dolfinx.la.InsertMode.add)
        owned = self.space.dofmap.index_map.size_local
        layout = self.operator.layout
        T = layout.owned(self.operator(layout.gather(load.array[:owned]))) / KAPPA
        dofs = self.film.dofs
        corner = np.intersect1d(dofs(self.space, "contact_right"), dofs(self.space, "lateral_edge"))
        places = (dofs(self.space, "centre"), dofs(self.space, "contact_centre"), corner)
        here = [T[place[place < owned]].sum() for place in places]
        return np.array([self.film.mesh.comm.allreduce(value) for value in here])


def exact():
    """Integrals of q / (2 pi kappa r) over the square: Carslaw and Jaeger, section 10.5."""
    centre = 4 * np.arcsinh(1)
    middle = 2 * np.arcsinh(0.5) + np.arcsinh(2)
    return FLUX * SIDE / (2 * np.pi * KAPPA) * np.array([centre, middle, centre / 2])


def test_heated_square_at_the_default_mesh(record):
    T = HeatedSquare(0.625e-6, cells_across=14).temperatures()
    assert exact()[1] / exact()[0] == pytest.approx(0.682475, abs=1e-6)
    ratios = T[1:] / T[0]
    record("heated square: mid-edge over centre = 0.682475", "1%", ratios[0])
    record("heated square: corner over centre = 0.5", "1%", ratios[1])
    record("heated square: centre over 2 q a ln(1 + sqrt 2) / (pi kappa)", "1%", T[0] / exact()[0])
    np.testing.assert_allclose(ratios, [0.682475, 0.5], rtol=0.01)
    np.testing.assert_allclose(T, exact(), rtol=0.01)


@pytest.mark.serial
@pytest.mark.parametrize("fourier", [False, True], ids=["dense", "fourier"])
@pytest.mark.parametrize("thickness", [5e-6, 20e-6, 100e-6])
def test_heated_square_on_a_slab(thickness, fourier, record):
    """Against the sum over the images of the square below the heat sink, tanh(k d) in k."""
    T = HeatedSquare(2.5e-6, thickness=thickness, fourier=fourier).temperatures()[0]
    a, half_space = SIDE / 2, HeatedSquare(2.5e-6, fourier=fourier).temperatures()[0]
    z = 2 * thickness * np.arange(1, 200_001)
    away = 8 * a * np.arcsinh(a / np.hypot(a, z)) - 4 * z * np.arctan(
        a**2 / (z * np.hypot(z, 2**0.5 * a))
    )
    signs = np.where(np.arange(len(z)) % 2, 1.0, -1.0)
    images = 2 * (signs * away).cumsum()[-2:].mean() * FLUX / (2 * np.pi * KAPPA)
    error, by_images = T / (exact()[0] + images) - 1, (T - half_space) / images - 1
    name = f"{thickness * 1e6:g} um{', fourier' if fourier else ''}"
    record(f"heated square on a slab of {name}: centre over images - 1", "1%", error)
    row = f"the same for {name}: less that on the half-space, over images - 1"
    record(row, "0.5%", by_images)
    assert abs(error) < 0.01
    assert abs(by_images) < 0.005


@pytest.mark.serial
def test_thick_slab_is_the_half_space(record):
    """A heat sink a metre below 50 um: 1e-6 of the rise is left to it."""
    cells = {"size": 2.5e-6}
    slab, half_space = HeatedSquare(**cells, thickness=1.0), HeatedSquare(**cells)
    error = np.abs(slab.temperatures() / half_space.temperatures() - 1).max()
    record("slab of 1 m against the half-space: heated square", 1e-4, error)
    assert error < 1e-4


def test_boundary_resistance_adds_a_temperature_difference(record):
    """An even flux q over film and pads: warmer by R q everywhere, to rounding."""
    flux, resistance = 1e7, 1e-8
    with_it, without = (
        build_solver(joint_set(*COARSE, *options))
        for options in ((f"substrate.boundary_resistance={resistance} m2 K/W",), ())
    )
    rises = []
    for newton in (with_it, without):
        areas = newton.layout.gather(newton.film.node_areas("film", *newton.film.pads))
        rises.append(newton.substrate.temperature(flux * areas / newton.substrate.scale))
    error = np.abs((rises[0] - rises[1]) / (resistance * flux) - 1).max()
    record("boundary resistance: rise over R q - 1", 1e-10, error)
    assert error < 1e-10


def test_heated_square_converges(record):
    sizes = (5e-6, 2.5e-6, 1.25e-6)
    errors = np.array([np.abs(HeatedSquare(h).temperatures() / exact() - 1).max() for h in sizes])
    record("heated square: largest error at h = 5, 2.5, 1.25 um", "falls", str(errors.round(5)))
    assert (errors[1:] < 0.75 * errors[:-1]).all()


@pytest.mark.serial
def test_quadrature_of_the_inverse_root(record):
    """The rule errs by 4 exp(-pi^2 / step), and for the shortest waves by its cut end."""
    cell = 0.3e-6

    def error(step, largest):
        modes = half_space_quadrature(1e-3 / 300e-6, 20 / cell, step)
        root = np.geomspace(1 / 300e-6, largest, 400)
        found = (modes.weights / (root[:, None] ** 2 + modes.wavenumbers**2)).sum(axis=1)
        return np.abs(found * root - 1).max()

    resolved, highest = error(0.75, 0.3 / cell), error(0.75, np.sqrt(24) / cell)
    record("half-space quadrature, waves of 20 cells and longer", 1e-5, resolved)
    record("half-space quadrature, all waves of the mesh", 2e-3, highest)
    assert resolved < 1e-5
    assert highest < 2e-3
    for step in (1.5, 1.0):
        assert error(step, 0.3 / cell) == pytest.approx(4 * np.exp(-(np.pi**2) / step), rel=0.05)


@pytest.mark.serial
@pytest.mark.parametrize("thickness", [0.1e-6, 20e-6, 500e-6, 0.1])
def test_quadrature_of_a_slab(thickness, record):
    """tanh(k d)/k, from the first wave of the depth to integrals over all of them."""
    cell = 0.3e-6
    modes = slab_quadrature(thickness, 20 / cell)
    root = np.geomspace(0.01 / 300e-6, 0.3 / cell, 400)
    found = (modes.weights / (root[:, None] ** 2 + modes.wavenumbers**2)).sum(axis=1)
    error = np.abs(found * root / np.tanh(root * thickness) - 1).max()
    record(f"quadrature of a slab of {thickness * 1e6:g} um, 20 cells and longer", 1e-5, error)
    assert error < 1e-5


@pytest.mark.three_ranks
@pytest.mark.skipif(MPI.COMM_WORLD.size == 1, reason="compares several ranks with one")
@pytest.mark.parametrize("fourier", [False, True], ids=["dense", "fourier"])
def test_operator_does_not_depend_on_the_number_of_ranks(fourier):
    T, alone = (
        HeatedSquare(2.5e-6, comm, fourier=fourier).temperatures()
        for comm in (MPI.COMM_WORLD, MPI.COMM_SELF)
    )
    np.testing.assert_allclose(T, alone, rtol=1e-11)
