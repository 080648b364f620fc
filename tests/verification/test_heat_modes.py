"""Heat flowing into the half-space in time: exact solutions at short and long times."""

from mpi4py import MPI

import dolfinx
import ufl
from dolfinx import fem

import numpy as np
import pytest

from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.solvers.film.substrate.half_space import film_nodes
from mitmodels.solvers.film.substrate.heat_modes import HeatModes
from mitmodels.solvers.film.substrate.surface_operator import HalfSpace

KAPPA, CAPACITY, SIDE, FLUX, FAR = 8.0, 3e6, 50e-6, 1e7, 300e-6
TAU = 1 - np.sqrt(0.5)  # both stages of TR-BDF2, in steps
WEIGHT = np.sqrt(2) / 4


class HeatedSquare:
    """A quarter of a square on a half-space that is heated evenly from t = 0 on."""

    def __init__(self, comm=MPI.COMM_WORLD):
        plan = PlanarChannel(SIDE, SIDE, 20e-9, 0.0, FAR, 2.5e-6, 0.5e-6, 8).build(comm)
        film, cells = plan.restrict("film")
        space = fem.functionspace(film.mesh, ("Lagrange", 1))
        nodes = film_nodes(space, plan, cells)
        self.steady = HalfSpace(plan, FAR, nodes, 0.5e-6)
        self.modes = HeatModes(plan, KAPPA, CAPACITY, FAR, nodes, 0.5e-6)
        load = fem.assemble_vector(fem.form(FLUX * ufl.TestFunction(space) * film.dA()))
        load.scatter_reverse(dolfinx.la.InsertMode.add)
        owned = space.dofmap.index_map.size_local
        gather = self.steady.layout.gather
        self.load = gather(load.array[:owned])
        centre = np.zeros(owned)
        nodes = film.dofs(space, "centre")
        centre[nodes[nodes < owned]] = 1.0
        self.centre = gather(centre)

    def history(self, first, last, ratio=0.15):
        """Times [s], temperature rise in the centre [K], heat in the substrate over that fed."""
        modes, step = self.modes, self.modes.step(first)
        state = modes.advance(step, modes.initial_state, self.load)
        t, rate = first, state / first
        while t < last:
            dt = min(ratio * t, last - t)
            step = modes.step(TAU * dt)
            known = state + TAU * dt * rate
            middle = (modes.advance(step, known, self.load) - known) / (TAU * dt)
            known = state + WEIGHT * dt * (rate + middle)
            state = modes.advance(step, known, self.load)
            rate, t = (state - known) / (TAU * dt), t + dt
            heat = modes.content(state) / (t * self.load.sum())
            yield t, self.centre @ modes.rise(state), heat


@pytest.fixture(scope="module")
def square():
    return HeatedSquare()


def test_even_flux_heats_as_the_root_of_time(square, record):
    # Until heat from the sides arrives, at about (side/4)^2/D = 60 us, the centre knows of none.
    # Carslaw and Jaeger, section 2.9: T = (2 q/kappa) sqrt(D t/pi).
    found = np.array([row for row in square.history(1e-13, 1e-5) if row[0] > 1e-9])
    exact = 2 * FLUX / KAPPA * np.sqrt(KAPPA / CAPACITY * found[:, 0] / np.pi)
    error = np.abs(found[:, 1] / exact - 1).max()
    record("half-space, flux step: T over (2 q/kappa) sqrt(D t/pi), 1 ns to 10 us", "1%", error)
    assert error < 1e-2
    lost = np.abs(found[:, 2] - 1).max()
    record("half-space, flux step: heat stored over heat fed - 1", 1e-9, lost)
    assert lost < 1e-9


def test_the_steady_half_space_stays_in_short_steps(square, record):
    # 200 steps of 5 us: each too short, all together long enough for a wave from the far circle.
    modes, step = square.modes, square.modes.step(5e-6)
    state = modes.advance(modes.step(np.inf), modes.initial_state, square.load)
    rise = modes.rise(state)
    for _ in range(200):
        state = modes.advance(step, state, square.load)
    error = np.abs(modes.rise(state) / rise - 1).max()
    record("half-space: steady temperature after 200 short steps - 1", 1e-8, error)
    assert error < 1e-8


def test_a_product_with_an_operator_in_frequency_is_that_of_a_step(square, record):
    worst = 0.0
    for duration in (1e-8, 1e-5, 1e-2, np.inf):
        expected = square.modes.step(duration).surface @ square.load
        found = square.modes.response(1 / duration)(square.load.astype(complex))
        worst = max(worst, np.abs(found / expected - 1).max())
    record("half-space in the frequency domain: real rate against the implicit step", 1e-9, worst)
    assert worst < 1e-9


def test_long_time_is_the_steady_half_space(square, record):
    # Heat leaves through the far circle, 0.3 mm away, within (0.3 mm)^2/D = 34 ms.
    *_, (_, rise, _) = square.history(1e-3, 30.0)
    steady = square.centre @ square.steady(square.load) / KAPPA
    error = abs(rise / steady - 1)
    record("half-space, flux step: 30 s against the steady operator", 1e-4, error)
    assert error < 1e-4
    at_once = square.centre @ square.modes.step(np.inf).surface @ square.load
    assert at_once == pytest.approx(steady, rel=1e-5)


@pytest.mark.three_ranks
def test_nodal_values_hold_the_whole_state(square):
    modes = square.modes
    state = modes.advance(modes.step(1e-6), modes.initial_state, square.load)
    again = modes.from_nodes(modes.to_nodes(state))
    assert np.abs(modes.rise(again - state)).max() < 1e-11 * modes.rise(state).max()
