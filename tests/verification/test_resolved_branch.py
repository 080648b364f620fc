"""Folds and extrema that lie close together are found by the steps that nobody has chosen."""

from mpi4py import MPI

import pytest
from films import (
    COARSE,
    GRADED,
    SHEET,
    SHIPPED,
    continuation,
    in_time,
    joint_set,
    ramps,
    sheet,
    trace,
)

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.device import build_device, build_solver
from mitmodels.cases.film.steady import Config
from mitmodels.solvers.film.constraints import Drive
from mitmodels.solvers.film.continuation import Continuation
from mitmodels.solvers.film.points import Point, Steps

SMALL_FILM = SHIPPED.with_name("lsmo_10x10.toml")


def small_film(*overrides):
    """The 10 x 10 um2 film."""
    overrides = ("output.fields_at=", *overrides)
    return build_device(load_config(SMALL_FILM, overrides, Config), MPI.COMM_WORLD)


@pytest.mark.serial
def test_shallow_maximum_and_minimum_are_found(record):
    """At 320 K the current falls by 1e-4 of itself over one volt."""
    branch = trace(continuation(joint_set(*GRADED, "ambient.temperature=320 K")), 25.0)
    maximum = branch.maximum()
    minimum = branch.minimum(maximum)
    found = [(p.state.current * 1e3, p.drive) for p in (maximum, minimum)]
    record("50 x 100 um2, 320 K: I_max, I_min [mA] and their V", "3.1062, 3.1058", str(found))
    assert not branch.folds
    assert found[0] == (pytest.approx(3.1062, rel=1e-4), pytest.approx(9.411, abs=0.005))
    assert found[1] == (pytest.approx(3.1058, rel=1e-4), pytest.approx(10.268, abs=0.005))


@pytest.mark.serial
def test_pair_of_folds_within_3_mV_is_found(record):
    device = small_film("ambient.temperature=250 K", "mesh.size=0.25 um")
    branch = trace(continuation(device), 14.0)
    folds = [fold.drive for fold in branch.folds]
    record("10 x 10 um2, 250 K: folds [V]", "7.126, 7.123", str(folds))
    assert folds == pytest.approx([7.126, 7.123], abs=1e-3)


@pytest.mark.serial
def test_cubics_between_the_points_show_the_curve(record):
    """Half way between two points the current is the cubic's, within what is asked for."""
    follow = continuation(joint_set(*COARSE))
    points = trace(follow, 20.0).points
    worst = 0.0
    for before, after in zip(points[5::4], points[6::4], strict=False):
        half = follow.between(before, after, follow.length(before, after) / 2)
        worst = max(worst, abs(_middle(before, after) / half.state.current - 1))
    record("current half way between two points, by cubic and solved", 5e-3, worst)
    assert worst < 5e-3


def _middle(before: Point, after: Point) -> float:
    ds = after.s - before.s
    mean = (before.state.current + after.state.current) / 2
    return mean + ds * (before.d_current - after.d_current) / 8


@pytest.mark.serial
def test_pads_that_conduct_well_are_solved_without_a_matrix():
    """At the first step they took the Krylov method 143 iterations without a local loss."""
    device = small_film(
        "mesh.size=1 um",
        "mesh.edge_size=0.02 um",
        "mesh.cells_across=10",
        "pads.sheet_conductance=1e-4 W/K",
        "substrate.operator=fourier",
    )
    newton = build_solver(device)
    drive = Drive.voltage_source(device.contact_resistance)
    follow = Continuation(newton, drive, Steps(), newton.film.voltage_scale)
    step = next(follow.trace(follow.start(), 5.0))
    assert isinstance(step, Point)
    assert newton.krylov.getIterationNumber() < 60


@pytest.mark.parametrize(
    "loss", [pytest.param("0 W/(m2 K)", marks=pytest.mark.three_ranks), "1 W/(m2 K)"]
)
def test_bridge_cooled_through_its_ends_is_solved(loss, record):
    """The sheet's file with next to no loss; kappa t W / L alone takes the heat away.

    A cold bridge is a parabola: its centre is 1.5 times as hot as its mean, P L / (8 kappa t W).
    """
    device = sheet(f"substrate.loss={loss}", "mesh.degree=1", "mesh.size=1 um")
    follow = continuation(device)
    branch = trace(follow, 0.2)
    point = branch.points[1]
    rise = point.state.reading.T_max - follow.newton.film.ambient
    geometry, kappa = device.config.geometry, device.config.film.thermal_conductivity
    expected = point.state.reading.P * geometry.length
    expected /= 8 * kappa * geometry.thickness * geometry.width
    record(
        f"bridge, loss {loss}: rise of the centre over P L / (8 kappa t W)", 0.02, rise / expected
    )
    assert rise == pytest.approx(expected, rel=0.02)
    assert branch.points[-1].drive == 0.2


def test_ramp_much_shorter_than_the_thermal_time_is_solved(record):
    """To 1 V in 0.01 ns: the film stays cold, so the source works V I t / 3."""
    film = in_time(
        "heat_capacity.film=2e6 J/(m3 K)",
        "mesh.degree=1",
        "mesh.size=2 um",
        "output.figures=false",
        ramps("1 V", rate="1e11 V/s"),
        file=SHEET,
    )
    *_, last = film.follow()
    end = last.point.state
    ratio = end.work / (end.state.reading.P * 1e-11 / 3)
    record("ramp of 0.01 ns, thermal time 0.08 us: work over V I t / 3", 1e-3, ratio - 1)
    assert end.time == pytest.approx(1e-11)
    assert ratio == pytest.approx(1, abs=1e-3)
