"""The half-space in time by Fourier transforms: closed forms, and the film on the dense modes."""

from mpi4py import MPI

from dolfinx import fem

import numpy as np
import pytest
from films import in_time

from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.solvers.film.checkpoint import TransientCheckpoint
from mitmodels.solvers.film.substrate.fourier_modes import FourierModes
from mitmodels.solvers.film.substrate.grid_transfer import Surface

KAPPA, CAPACITY, SIDE, FLUX, END = 8.0, 3e6, 50e-6, 1e7, 1e-5
TAU, WEIGHT = 1 - np.sqrt(0.5), np.sqrt(2) / 4  # of TR-BDF2
SMALL = ("mesh.size=5 um", "mesh.edge_size=2 um", "mesh.cells_across=4", "geometry.far=250 um")
SHORT = (
    *SMALL,
    "protocol=[{ step = 'ramp', to = '20 V', duration = '2 us' }]",
    "output.fields_at.t=[]",
    "numerics.error=0.5 K",
)


@pytest.fixture(scope="module")
def square():
    """Modes under a square of even flux, and its heat per node."""
    device = PlanarChannel(SIDE, SIDE, 20e-9, 0.0, 0.0, 2.5e-6, 0.5e-6, 8).build(MPI.COMM_SELF)
    space = fem.functionspace(device.mesh, ("Lagrange", 1))
    surface = Surface.of(space, device.copies)
    modes = FourierModes(MPI.COMM_SELF, surface.size, surface, KAPPA, CAPACITY, END)
    heat = 4 * FLUX * surface.mass @ np.ones(surface.size)
    return modes, heat, device.dofs(space, "centre")


@pytest.mark.serial
def test_even_flux_heats_as_the_root_of_time(square, record):
    modes, load, centre = square
    state = modes.advance(modes.step(1e-13), modes.initial_state, load)
    t, rate, worst, lost = 1e-13, state / 1e-13, 0.0, 0.0
    while t < END:
        dt = min(0.15 * t, END - t)
        step = modes.step(TAU * dt)
        known = state + TAU * dt * rate
        middle = (modes.advance(step, known, load) - known) / (TAU * dt)
        known = state + WEIGHT * dt * (rate + middle)
        state = modes.advance(step, known, load)
        rate, t = (state - known) / (TAU * dt), t + dt
        if t > 1e-9:
            exact = 2 * FLUX / KAPPA * np.sqrt(KAPPA / CAPACITY * t / np.pi)
            worst = max(worst, np.abs(modes.rise(state)[centre] / exact - 1).max())
            lost = max(lost, abs(modes.content(state) / (t * load.sum()) - 1))
    record("fourier modes, flux step: T over (2 q/kappa) sqrt(D t/pi), 1 ns to 10 us", 1e-3, worst)
    record("fourier modes, flux step: heat stored over heat fed - 1", 1e-9, lost)
    assert worst < 1e-3
    assert lost < 1e-9


@pytest.mark.serial
def test_reciprocity(square, record):
    modes, heat, _ = square
    S = modes.step(1e-7).surface
    a, b = np.random.default_rng(0).random((2, len(heat)))
    error = a @ S(b) / (b @ S(a)) - 1
    record("fourier modes, implicit step of 0.1 us: reciprocity", 1e-14, error)
    assert abs(error) < 1e-14


def test_film_in_time_is_that_of_the_dense_modes(record):
    """A ramp to 20 V in 2 us, and the state that a checkpoint at its half gives back."""
    ends = {}
    for operator in ("dense", "fourier"):
        film = in_time(*SHORT, f"substrate.operator={operator}")
        steps = [accepted.point for accepted in film.follow()]
        ends[operator] = steps[-1].state.state.reading
    for key in ("I", "T_max"):
        rise = {n: getattr(r, key) - 100 * (key == "T_max") for n, r in ends.items()}
        error = rise["fourier"] / rise["dense"] - 1
        record(f"film in time, fourier against dense modes: {key} - 1", 5e-3, error)
        assert abs(error) < 5e-3
    assert ends["dense"].T_max > 120
    kept, checkpoint = steps[len(steps) // 2], TransientCheckpoint(film.stepper)
    again = checkpoint.unpack(checkpoint.pack(kept))
    np.testing.assert_array_equal(again.state.thermal, kept.state.thermal)


@pytest.mark.skipif(MPI.COMM_WORLD.size == 1, reason="compares several ranks with one")
def test_film_in_time_does_not_depend_on_the_number_of_ranks():
    ends = []
    for comm in (MPI.COMM_WORLD, MPI.COMM_SELF):
        *_, last = in_time(*SHORT, "substrate.operator=fourier", comm=comm).follow()
        ends.append(last.point.state.state.reading)
    for key in ("I", "T_max"):
        several, alone = (getattr(reading, key) for reading in ends)
        assert several == pytest.approx(alone, rel=1e-8)
