"""One branch, however it is followed: parametrisation, steps, folds, stability, failures."""

from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from films import COARSE, continuation, heated, is_fold, joint_set, sheet, trace

from mitmodels.cases.film.device import build_solver
from mitmodels.solvers.film.constraints import Drive, drive_at, temperature_at
from mitmodels.solvers.film.continuation import Continuation
from mitmodels.solvers.film.interfaces import Rejection
from mitmodels.solvers.film.points import StallError, Steps, blend
from mitmodels.solvers.film.small_signal.stability import slowest_rates
from mitmodels.solvers.petsc import SolverError

PRODUCTION = pytest.param((), marks=pytest.mark.slow, id="production")
SHORT_SHEET = ("geometry.length=40 um", "mesh.size=0.5 um")


@pytest.mark.serial
@pytest.mark.parametrize("mesh", [pytest.param(COARSE, id="small"), PRODUCTION])
def test_parametrisations_give_the_same_branch(mesh, record):
    """A voltage source, a current source and a load line of 2 kohm, at equal centres."""
    device = joint_set(*mesh)
    newton = build_solver(device)
    volts, amperes = newton.film.voltage_scale, newton.film.power_scale / newton.film.voltage_scale
    drives = {
        "voltage": (Drive.voltage_source(device.contact_resistance), volts),
        "current": (Drive.current_source(), amperes),
        "load line": (Drive.voltage_source(2000.0), 2 * volts),
    }
    temperatures = (150.0, 200.0, 260.0, 330.0, 380.0)
    rows = {}
    for name, (drive, scale) in drives.items():
        follow = Continuation(newton, drive, Steps(), scale)
        branch = trace(follow, np.inf, lambda p: p.state.reading.T_center > temperatures[-1])
        states = [heated(branch, "centre", T).state for T in temperatures]
        rows[name] = np.array([(s.voltage, s.current, s.reading.T_max) for s in states])
    for name in ("current", "load line"):
        error = np.abs(rows[name] / rows["voltage"] - 1).max()
        record(f"branch under {name} and under voltage: V, I, T_max at equal T", 1e-8, error)
        assert error < 1e-8


@pytest.mark.serial
@pytest.mark.parametrize("mesh", [pytest.param(COARSE, id="small"), PRODUCTION])
def test_small_pair_of_folds_is_not_stepped_over(mesh, record):
    """At 150 K the voltages of the two folds are close; twice as long steps find the same."""
    folds = {}
    for largest in (1.0, 2.0):
        device = joint_set(*mesh, "ambient.temperature=150 K")
        branch = trace(continuation(device, Steps(largest=largest)), 17.0)
        folds[largest] = [fold.drive for fold in branch.folds]
    record("50 x 100 um2, 150 K: V_up and V_down [V], step cap doubled", "2 folds", str(folds[2.0]))
    assert len(folds[1.0]) == 2
    assert folds[2.0] == pytest.approx(folds[1.0], rel=1e-7)


@pytest.mark.serial
def test_refined_fold_does_not_depend_on_the_steps(record):
    device = joint_set(*COARSE)
    settings = (Steps(), Steps(first=0.07, largest=0.3))
    branches = [trace(continuation(device, steps), 30.0, is_fold) for steps in settings]
    a, b = (branch.points[-1] for branch in branches)
    assert len(branches[1].points) > 1.3 * len(branches[0].points)
    record("V_up with two step settings", 1e-7, abs(a.drive / b.drive - 1))
    assert a.kind == b.kind == "fold"
    assert a.drive == pytest.approx(b.drive, rel=1e-7)
    # At the extremum the voltage is flat to second order; the current is not.
    assert a.state.current == pytest.approx(b.state.current, rel=1e-4)


@pytest.mark.parametrize("build", [joint_set, pytest.param(sheet, marks=pytest.mark.serial)])
def test_folds_count_the_growing_perturbations(build, record):
    device = build(*(COARSE if build is joint_set else SHORT_SHEET))
    branch = trace(continuation(device), 17.0 if build is joint_set else 6.5)
    drive = branch.continuation.drive
    counts = []
    for _, points in branch.segments():
        middle = points[len(points) // 2]
        rates = slowest_rates(branch.continuation.newton, middle.state, drive)
        counts.append(int((rates.real < 0).sum()))
    record(f"growing perturbations between the folds: {build.__name__}", "0, 1, 0", str(counts))
    assert counts == [0, 1, 0]
    fold = branch.folds[0]
    before, after = (
        slowest_rates(branch.continuation.newton, s, drive)[0].real
        for s in (fold.state, branch.points[1].state)
    )
    assert abs(before) < 1e-3 * after


@pytest.fixture(scope="module")
def metal():
    """A point on the metallic part of the sheet's branch, and the continuation."""
    follow = continuation(sheet(*SHORT_SHEET), Steps(first=0.3))
    points = trace(follow, 2.0).points
    return follow, points


def test_branch_does_not_cross_to_negative_voltage(metal):
    follow, points = metal
    start = points[1]
    backwards = replace(
        start,
        tangent=-start.tangent,
        dT=-start.dT,
        dV=-start.dV,
        d_drive=-start.d_drive,
        d_current=-start.d_current,
    )
    found = []
    with pytest.raises(StallError, match="the step crosses to the branch of negative voltage"):
        found.extend(follow.trace(backwards, 2.0))
    taken = [p for p in found if not isinstance(p, Rejection)]
    assert all(p.state.voltage > 0 for p in taken)
    assert len(taken) < len(found)


@pytest.mark.serial
def test_the_end_of_a_branch_is_one_of_its_states(metal):
    """Whatever the last digit of the drive that the last solution has."""
    follow, _ = metal
    for limit in np.linspace(1.0, 2.0, 8):
        branch = trace(follow, float(limit))
        assert branch.points[-1].drive == limit
        assert branch.land(float(limit)) == branch.points[-1:]


@pytest.mark.serial
def test_landing_is_found_between_distant_points():
    """Where Newton's method at a drive fails, halving the interval leads to the same state."""
    follow = continuation(sheet("mesh.degree=1", "mesh.size=0.5 um"))
    points = [p for p in trace(follow, 17.0).points if p.kind == "step"]
    rescued = 0
    for i in range(48, len(points) - 7, 9):
        chain = points[i : i + 7]
        target = (chain[0].drive + chain[-1].drive) / 2
        (near,) = [p for p in pairwise(chain) if p[0].drive <= target < p[1].drive]
        condition = drive_at(follow.drive, target, follow.drive_scale)
        with suppress(SolverError):
            follow.newton.solve(condition, *blend(chain[0], chain[-1], 0.5))
            continue
        with suppress(SolverError):  # not even half way
            landed = follow.at_drive(chain[0], chain[-1], target).state
            expected = follow.at_drive(*near, target).state
            assert landed.current == pytest.approx(expected.current, rel=1e-9)
            rescued += 1
    assert rescued


def test_stalled_branch_says_where_and_why():
    follow = continuation(sheet(*SHORT_SHEET), Steps(smallest=0.02, iterations=1))
    message = (
        r"^the branch cannot be followed beyond s = 0, drive = 0, I = 0 A: Newton did not converge"
    )
    with pytest.raises(StallError, match=message):
        trace(follow, 2.0)


def test_failed_solve_says_why_and_changes_nothing(metal):
    follow, points = metal
    newton, point = follow.newton, points[-1]
    kept = point.state.unknown.copy(), point.state.fields.copy()
    far = drive_at(follow.drive, 60.0, follow.drive_scale)
    message = (
        r"^Newton did not converge \(DIVERGED_\w+\): residuals \d\.\d\de[+-]\d\d(, \S+)+ of the "
        r"reference power \S+ W, largest \S+ at x = \S+ um, y = \S+ um \((potential|temperature)\)$"
    )
    with pytest.raises(SolverError, match=message):
        newton.solve(far, point.state.unknown, 60.0)
    np.testing.assert_array_equal(point.state.unknown, kept[0])
    np.testing.assert_array_equal(point.state.fields, kept[1])
    same = drive_at(follow.drive, point.drive, follow.drive_scale)
    again = newton.solve(same, point.state.unknown, point.state.voltage)
    assert again.current == pytest.approx(point.state.current, rel=1e-9)


def test_search_for_an_extremum_ends_where_noise_hides_the_slope(metal):
    """A slope that is never small, but changes its sign between two points."""
    follow, (before, after) = metal[0], metal[1][-2:]
    length = follow.length(before, after)
    place = before.s + 0.3 * length
    found = follow.extremum(before, after, lambda point: 1.0 if point.s < place else -1.0)
    assert found.s == pytest.approx(place, abs=1e-8 * length)


@pytest.mark.parametrize("build", [sheet, joint_set], ids=["sheet", "half-space"])
def test_a_factorisation_that_no_longer_serves_is_renewed(build):
    """If one Krylov iteration must do, only the factors of this very state solve a step."""
    newton = build_solver(build(*COARSE))
    cold, condition = newton.substrate.start, drive_at(Drive.voltage_source(), 3.0, 1.0)
    expected = newton.solve(condition, cold, 3.0)
    newton.factor_at(cold, 0.0)
    newton.krylov.setTolerances(max_it=1)
    found = newton.solve(condition, cold, 3.0)
    assert found.current == pytest.approx(expected.current, rel=1e-9)


@pytest.mark.parametrize("build", [sheet, joint_set], ids=["sheet", "half-space"])
def test_factorisation_without_a_bias_is_renewed_for_a_temperature(build):
    """There the voltage changes nothing, and the border of the factors is zero."""
    newton = build_solver(build(*COARSE))
    cold = newton.substrate.start
    warm = newton.solve(drive_at(Drive.voltage_source(), 3.0, 1.0), cold, 3.0)
    there = temperature_at(newton.layout, newton.pick("centre"), warm.reading.T_center + 1.0)
    newton.factor_at(cold, 0.0)
    found = newton.solve(there, warm.unknown, warm.voltage)
    assert found.reading.T_center == pytest.approx(warm.reading.T_center + 1.0, abs=1e-6)


def test_too_few_iterations_are_the_reason_given(metal):
    follow, points = metal
    newton, state = follow.newton, points[-1].state
    condition = drive_at(follow.drive, 1.2 * points[-1].drive, follow.drive_scale)
    with pytest.raises(SolverError, match="DIVERGED_MAX_IT"):
        newton.solve(condition, state.unknown, state.voltage, max_iterations=1)
    assert newton.solve(condition, state.unknown, state.voltage).current > state.current


@pytest.mark.serial
def test_drive_is_what_the_source_holds():
    drive = Drive.voltage_source(200.0)
    assert drive(3.0, 0.01) == 5.0
