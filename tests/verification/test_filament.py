"""The mirror case: a film whose hot phase conducts better carries its current in a filament.

The straight filament in the middle of an even film (a quarter of it is meshed) is a steady state
that the branch of the even film does not lead to: it is started from a hot strip.
"""

from dataclasses import replace
from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest
from films import trace

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.device import build_device, build_solver
from mitmodels.cases.film.sections import wall_warning
from mitmodels.cases.film.steady import Config
from mitmodels.solvers.film.constraints import Drive, drive_at
from mitmodels.solvers.film.continuation import Continuation
from mitmodels.solvers.film.points import Steps
from mitmodels.solvers.film.small_signal.stability import slowest_rates

pytestmark = pytest.mark.serial
FILM = Path(__file__).parents[1] / "helpers" / "vo2.toml"
CURRENT, VOLTAGE = Drive.current_source(), Drive.voltage_source()
PLATEAU = 2.35573  # [V] equal areas of the law
WIDTH = 2.58e-6 / 1e-3  # [m/A] of an independent study; equal areas give 2.547


def film(*overrides):
    return build_device(load_config(FILM, overrides, Config), MPI.COMM_WORLD)


def filament(newton, width, current):
    """Straight filament [m] in the middle, from the two temperatures of equal areas."""
    y = newton.film.space.tabulate_dof_coordinates()[: newton.film.owned, 1]
    guess = newton.substrate.start.copy()
    wall = np.tanh((y - width / 2) / 1e-6)
    guess[:, 1] = 346.4 - 46.1 * wall
    condition = drive_at(CURRENT, current, newton.film.power_scale / newton.film.voltage_scale)
    return newton.solve(condition, guess, PLATEAU, 40)


@pytest.fixture(scope="module")
def states():
    newton = build_solver(film())
    return newton, [filament(newton, WIDTH * i, i) for i in (1e-3, 2e-3, 3e-3, 4e-3)]


def test_plateau_and_width(states, record):
    """The voltage is that of equal areas, and the width proportional to the current.

    At 1 mA the filament is no wider than its two walls, and needs 5 % more.
    """
    found = states[1][1:]
    V = np.array([state.voltage for state in found])
    slope = np.polyfit([s.current for s in found], [s.reading.hot_across for s in found], 1)[0]
    T_hot = found[-1].reading.T_max
    record(
        "sheet VO2, 2 to 4 mA: filament voltage [V] = 2.3557",
        "1%",
        f"{V.max():.5g} .. {V.min():.5g}",
    )
    record("sheet VO2: width per current [um/mA] = 2.58", "5%", slope * 1e3)
    record("sheet VO2: temperature of the filament [K] = 392.49", "0.2%", T_hot)
    np.testing.assert_allclose(V, PLATEAU, rtol=0.01)
    assert slope == pytest.approx(WIDTH, rel=0.05)
    assert T_hot == pytest.approx(392.49, rel=2e-3)
    assert found[0].reading.barrier_width == pytest.approx(20e-6)


def test_gradual_under_current_and_abrupt_under_voltage(states, record):
    """A current holds the filament at any width; under a voltage it grows or dies.

    Under a voltage the even film is lost at 22.46 V and the filament lives from 2.36 V on: the
    source jumps, with a wide hysteresis.
    """
    newton, found = states
    even = trace(
        Continuation(newton, VOLTAGE, Steps(), newton.film.voltage_scale),
        25.0,
        lambda point: point.kind == "fold",
    ).points[-1]
    record("sheet VO2: the even film is lost at [V] = 22.46", "0.1%", even.drive)
    record("sheet VO2: with a current of [A] = 0.25e-3", "2%", even.state.current)
    assert even.kind == "fold"
    assert even.drive == pytest.approx(22.46, rel=1e-3)
    assert even.state.current == pytest.approx(0.25e-3, rel=0.02)
    held = slowest_rates(newton, found[1], CURRENT)
    let_go = slowest_rates(newton, found[1], VOLTAGE)
    growing = [int((rates.real < 0).sum()) for rates in (held, let_go)]
    record("sheet VO2, 2 mA: perturbations growing under current, voltage", "0, 1", str(growing))
    assert growing == [0, 1]


def test_negative_differential_resistance(states, record):
    """Down from 1 mA the voltage rises over its plateau: the filament ends at a fold of I."""
    newton, found = states
    scale = newton.film.power_scale / newton.film.voltage_scale
    continuation = Continuation(newton, CURRENT, Steps(), scale)
    start = continuation.point_at(found[0], 0.0, drive_at(CURRENT, 1e-3, scale))
    down = replace(
        start,
        tangent=-start.tangent,
        dT=-start.dT,
        dV=-start.dV,
        d_drive=-start.d_drive,
        d_current=-start.d_current,
    )
    points = []
    for point in continuation.trace(down, 1.0):
        points += [point] if hasattr(point, "kind") else []
        if points and points[-1].kind == "fold":
            break
    end = points[-1]
    record("sheet VO2: filament is lost below I [A]", "reported", end.drive)
    record("sheet VO2: at V [V]", "reported", end.state.voltage)
    assert end.drive < 0.3e-3
    assert end.state.voltage > 1.5 * PLATEAU


def test_warning_looks_across_the_filament():
    assert wall_warning(film().config) is None
    coarse = wall_warning(film("mesh.edge_size=0.3 um").config)
    assert coarse is not None
    assert coarse.startswith("mesh.edge_size = 0.3 um is too coarse")
