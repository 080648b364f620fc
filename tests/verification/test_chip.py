"""Several films on one substrate: what heat does between them, alone and all together."""

import numpy as np
import pytest
from chips import QUARTER, at, chip, prepared

from mitmodels.cases.film.device import build_solver
from mitmodels.chip.footprint import Footprint
from mitmodels.chip.kernel import even_rectangles, heated_rectangle, steady_kernel
from mitmodels.solvers.chip.coupled import films_of
from mitmodels.solvers.film.constraints import Drive, drive_at

IDEAL = {"resistance_width": "0 ohm m"}
AT_ONCE = Drive(1.0, 0.0)
# Wide enough cells would show: the even heat itself is not resolved by five of them.
FINE = {"size": "5 um", "edge_size": "2 um", "cells_across": 8}


def solved(newton, drive=0.5, tolerance=1e-12):
    """State of a chip at a value of the common drive, in four steps."""
    state = None
    for value in drive * np.arange(1, 5) / 4:
        guess = newton.start if state is None else state.unknown
        near = 0.0 if state is None else state.voltage
        state = newton.solve(drive_at(AT_ONCE, value, 1.0), guess, near, 30, tolerance)
    return state


@pytest.mark.serial
@pytest.mark.parametrize(
    ("x", "y", "turned"), [(0.0, 75.0, False), (13.7, 103.1, False), (21.3, 151.7, True)]
)
def test_mutual_heating_is_that_of_superposed_love_integrals(x, y, turned, record):
    """Two films on meshes of their own, which no common grid aligns."""
    newton = chip(at(0, 0), at(x, y, rotation=90 if turned else 0), mesh=FINE)
    other = newton.system.members[1].newton.film
    layout = newton.system.members[0].newton.layout
    weights = newton.system.members[0].newton.weights
    exchange, kernel = newton.system.exchange, newton.system.kernel
    rise = exchange.to_nodes(kernel @ exchange.charges([weights, 0 * weights]))[1]
    own = layout.gather(other.space.tabulate_dof_coordinates()[: other.owned, :2].copy())
    source = Footprint(0, 0, 1e-4, 5e-5)
    receiver = Footprint(x * 1e-6, y * 1e-6, 1e-4, 5e-5, turned)
    exact = heated_rectangle(receiver.on_chip(own), 1e-4, 5e-5)
    on_film = layout.gather(other.node_areas("film")) > 0
    mean = (weights @ rise) / even_rectangles(source, receiver)
    worst = np.max(np.abs(rise / exact - 1)[on_film])
    record(f"mutual resistance at ({x:g}, {y:g}) um over Love's integrals: mean 1", "1e-3", mean)
    record("the same, largest error of a node of the film", "5e-3", worst)
    assert mean == pytest.approx(1, abs=1e-3)
    assert worst < 5e-3


@pytest.mark.serial
def test_far_apart_two_films_are_points():
    quarter = {"geometry": QUARTER}
    distance = 1000.0  # ten lengths of the film
    resistances = chip(at(0, 0), at(distance, 0), **quarter).system.thermal_resistances()
    assert resistances[0, 1] == pytest.approx(1 / (2 * np.pi * 8.0 * distance * 1e-6), rel=0.01)


@pytest.mark.serial
def test_slab_is_the_sum_of_its_images():
    r, thickness = np.array([1e-6, 30e-6, 400e-6]), 100e-6
    n = np.arange(1, 400_001)[:, None]
    signs = np.where(n % 2, -1.0, 1.0)
    partial = np.cumsum(signs / np.hypot(r, 2 * n * thickness), axis=0)
    images = (1 / r + partial[-2:].sum(axis=0)) / (2 * np.pi)
    assert np.all(np.abs(steady_kernel(r, thickness) - images) < 1e-8 / r)


def test_matrix_is_reciprocal_and_heat_is_conserved():
    """Unlike films on a slab that conducts worse when it is hot, on a mount."""
    substrate = {
        "material": "unset",
        "model": "half_space",
        "conductivity": "10 W/(m K)",
        "conductivity_exponent": 0.8,
        "thickness": "400 um",
        "mount_resistance": "30 K/W",
    }
    small = {"length": "40 um", "width": "30 um", "pad_length": "20 um"}
    newton = chip(
        at(0, 0), at(10, 90, rotation=90, geometry=small), substrate=substrate, contact=IDEAL
    )
    matrix = newton.system.thermal_resistances()
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-10)
    state = solved(newton, 0.5)
    assert newton.iterations < 40  # with the exact derivative of the mutual heating
    assert sum(newton.heats(state)) == pytest.approx(state.reading.P, rel=1e-9)
    assert min(newton.warming_by_others(state)) > 5.0


def test_one_device_is_a_film_alone():
    one = prepared(at(30, -20))
    alone = build_solver(one.films[0].device)
    source = one.films[0].drive
    limit = drive_at(source, 0.5 * one.films[0].limit, alone.film.voltage_scale)
    single = alone.solve(limit, alone.start, 0.0, 30, 1e-13)
    (found,) = films_of(solved(chip(at(30, -20)), 0.5, 1e-13))
    assert found.current == pytest.approx(single.current, rel=1e-9)
    np.testing.assert_allclose(found.fields[:, 1], single.fields[:, 1], rtol=1e-9)


@pytest.mark.serial
def test_two_devices_that_mirror_each_other_are_alike():
    state = solved(chip(at(0, 0), at(0, 75), geometry=QUARTER), 0.7)
    left, right = films_of(state)
    assert left.current == pytest.approx(right.current, rel=1e-8)
    np.testing.assert_allclose(left.fields, right.fields, rtol=1e-8)
