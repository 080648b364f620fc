"""The film fitted anew on a substrate with kappa(T), on coarse meshes, beside the papers."""

from mpi4py import MPI

import pytest
from films import COARSE, SHIPPED, SMALL_DEVICE, continuation, full_barrier, trace

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.device import build_device
from mitmodels.cases.film.steady import Config
from mitmodels.cases.papers import chen2024, salev2021

pytestmark = [pytest.mark.slow, pytest.mark.serial]
CASE = SHIPPED.with_name("lsmo_falling_kappa.toml")
SMALL = (*SMALL_DEVICE[:3], "mesh.size=0.4 um", "mesh.edge_size=0.2 um", "mesh.cells_across=6")


def film(*overrides):
    return continuation(build_device(load_config(CASE, overrides, Config), MPI.COMM_SELF))


@pytest.fixture(scope="module")
def large():
    """Branch of the large device at 100 K."""
    return trace(film(*COARSE), 70.0, lambda p: p.state.reading.T_edge > 340)


@pytest.fixture(scope="module")
def small():
    """Branches of the small device by temperature [K]."""
    return {T: trace(film(*SMALL, f"ambient.temperature={T} K"), 16.0) for T in (100, 150, 200)}


def test_voltages_of_the_large_device(large, record):
    V_up, V_full = large.folds[0].drive, full_barrier(large)
    d = large.jumps()[0].after.reading.barrier_width
    record("falling kappa: V_up [V]", f"{salev2021.V_NUCLEATION:g} +- 10 %", V_up)
    record("falling kappa: V_full [V]", f"{salev2021.V_FULL:g} +- 10 %", V_full)
    record("falling kappa: width after the jump [um]", "5 to 10", d * 1e6)
    assert V_up == pytest.approx(salev2021.V_NUCLEATION, rel=0.1)
    assert V_full == pytest.approx(salev2021.V_FULL, rel=0.1)
    assert 5e-6 < d < 10e-6


def test_switching_power_falls_from_60_K_on(record):
    power = []
    for T in (60, 100, 150, 200):
        device = film(*COARSE, f"ambient.temperature={T} K")
        power.append(trace(device, 40.0, lambda p: p.d_current < 0).maximum().state.reading.P)
        record(f"falling kappa: P_switch at {T} K [mW]", "falls", 1e3 * power[-1])
    assert power == sorted(power, reverse=True)


def test_small_device_switches_at_the_voltages_of_the_paper(small, record):
    for T, V in chen2024.V_SWITCH.items():
        found = small[T].folds[0].drive
        record(f"falling kappa: 10 x 10 um2, V_up at {T} K [V]", f"{V:g} +- 10 %", found)
        assert found == pytest.approx(V, rel=0.1)


def test_small_device_has_a_loop_at_150_K_and_below_only(small, record):
    loops = {}
    for T, branch in small.items():
        folds = [fold.drive for fold in branch.folds]
        loops[T] = folds[0] - folds[1] if folds else 0.0
        record(f"falling kappa: 10 x 10 um2, hysteresis at {T} K [V]", "-", loops[T])
    assert loops[100] > loops[150] > 0.2 > 0.05 > loops[200]
