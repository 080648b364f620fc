"""A film with a declared inhomogeneity: no rank changes it, and a uniform factor is a rescaling."""

from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest
from films import continuation, sheet, trace
from scipy.interpolate import LinearNDInterpolator

from mitmodels.cases.film.device import build_solver
from mitmodels.errors import InputError
from mitmodels.solvers.film.constraints import Drive, drive_at
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.small_signal.stability import slowest_rates
from mitmodels.solvers.film.substrate.local_heat_loss import LocalHeatLoss

DISORDER = (
    "inhomogeneity={quantity='resistivity', amplitude='3 %', correlation_length='4 um', seed=5}"
)
WARM = "film.thermal_conductivity=400 W/(m K)"  # walls of 4 um
DEVICE = ("geometry.length=40 um", "geometry.width=20 um", "mesh.size=2 um", "mesh.edge_size=2 um")
FULL = (*DEVICE, "geometry.domain=full", "mesh.cells_across=5", "mesh.degree=1", WARM)


def state_at(voltage, *overrides, comm=MPI.COMM_WORLD):
    newton = build_solver(sheet(*overrides, comm=comm))
    condition = drive_at(Drive.voltage_source(), voltage, newton.film.voltage_scale)
    return newton.solve(condition, newton.substrate.start, voltage)


@pytest.mark.three_ranks
@pytest.mark.parametrize("quantity", ["resistivity", "loss"])
def test_ranks_see_the_same_film(quantity, record):
    """Evaluated at coordinates: random numbers per rank would change the current by per cent."""
    overrides = (*FULL, DISORDER, f"inhomogeneity.quantity={quantity}")
    ours = state_at(2.0, *overrides)
    alone = state_at(2.0, *overrides, comm=MPI.COMM_SELF)
    even = state_at(2.0, *FULL, comm=MPI.COMM_SELF)
    error = abs(ours.current / alone.current - 1)
    record(f"{quantity} varied by 3 %, all ranks against one: current", 1e-8, error)
    assert error < 1e-8
    assert abs(ours.reading.T_max / alone.reading.T_max - 1) < 1e-8
    assert ours.reading.T_max > even.reading.T_max + 0.02


def test_uniform_factor_is_another_resistivity():
    """Current of a cold film: exactly 1/2 for twice the resistivity, in all of its forms."""
    film = build_solver(sheet(*FULL)).film

    def current(properties):
        twice = ElectrothermalFilm(
            film.device, properties, film.contacts, film.ambient, 4e-4, loss=5e5
        )
        newton = BorderedNewton(twice, LocalHeatLoss(twice))
        condition = drive_at(Drive.voltage_source(), 1e-3, twice.voltage_scale)
        return newton.solve(condition, newton.substrate.start, 1e-3).current

    even = current(film.properties)
    doubled = current(replace(film.properties, resistivity_factor=lambda x: np.full(len(x), 2.0)))
    assert doubled == pytest.approx(even / 2, rel=1e-9)


@pytest.mark.serial
def test_barrier_opens_where_the_film_is_weak(record):
    """Off the centre, on the same side and within a quarter of a wall on a mesh of other triangles.

    Elements of an eighth of the wall are needed: at a quarter the mesh decides on the side.
    """
    places = []
    for structure in ("blocks", "free"):
        mesh = ("mesh.size=0.5 um", "mesh.edge_size=1 um", "geometry.width=10 um")
        film = sheet(*FULL, DISORDER, *mesh, f"mesh.structure={structure}")
        branch = trace(continuation(film), 6.2)
        assert len(branch.folds) == 2
        places.append(branch.points[-1].state.reading.barrier_position)
    blocks, free = places
    record("sheet, 3 %, h = wall/8, 6.2 V: barrier at x [m] in blocks", "reported", blocks)
    record("sheet, 3 %, h = wall/8, 6.2 V: the same on free triangles [m]", "1e-6", free)
    assert blocks < -2e-6
    assert free == pytest.approx(blocks, abs=1e-6)


def widths_across(newton):
    """Length [m] of the hot part of rows from one lateral edge to the other."""
    film = newton.film
    points = film.space.tabulate_dof_coordinates()[: film.owned, :2]
    T = LinearNDInterpolator(points, film.fields[:, 1])
    x, y = np.linspace(-20e-6, 20e-6, 4001), np.linspace(-9.9e-6, 9.9e-6, 34)
    return (T(*np.meshgrid(x, y)) > 340).sum(axis=1) * (x[1] - x[0])


@pytest.mark.serial
def test_barrier_is_straight_after_a_kick(record):
    """Full width, free triangles: after 0.5 K at random at nucleation all rows are as wide.

    Perturbations that vary across the width decay; the slowest one is the barrier's drift.
    """
    size = 0.75e-6
    mesh = (f"mesh.size={size} m", f"mesh.edge_size={size} m", "mesh.cells_across=13")
    branch = trace(continuation(sheet(*FULL, *mesh, "mesh.structure=free")), 7.0)
    newton, drive = branch.continuation.newton, branch.continuation.drive
    jump = branch.jumps()[0]
    kicked = jump.after.unknown.copy()
    kicked[:, 1] += np.random.default_rng(11).uniform(-0.5, 0.5, len(kicked))
    condition = drive_at(drive, jump.drive, newton.film.voltage_scale)
    newton.set_fields(newton.solve(condition, kicked, jump.after.voltage))
    widths = widths_across(newton)
    rates = slowest_rates(newton, jump.after, drive, 4).real
    spread = float(np.ptp(widths))
    record("sheet, 0.5 K kick at nucleation: spread of d across the width [m]", size, spread)
    record("sheet, at nucleation: slowest rates", "reported", ", ".join(f"{r:.3g}" for r in rates))
    assert widths.mean() > 2e-6
    assert spread < size
    assert abs(rates[0]) < 0.1 * rates[1]


@pytest.mark.serial
@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("geometry.domain=quarter", 'inhomogeneity needs geometry.domain = "full"'),
        ("inhomogeneity.amplitude=0", "inhomogeneity.amplitude = 0 varies nothing"),
        ("inhomogeneity.amplitude=30", "inhomogeneity.amplitude"),
    ],
)
def test_inhomogeneity_that_is_none_is_refused(override, message):
    with pytest.raises(InputError, match=message):
        sheet(*FULL, DISORDER, override)
