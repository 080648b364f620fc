"""Salev et al. 2021: how the switching depends on the temperature, and their second device.

Nothing here was fitted. The map of jumps and smooth curves is in `test_lsmo_iv.py`.
"""

from importlib.resources import files

from mpi4py import MPI

import numpy as np
import pytest
from films import COARSE, GRADED, continuation, full_barrier, joint_set, trace

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.device import build_device
from mitmodels.cases.film.steady import Config
from mitmodels.solvers.film.points import Steps

pytestmark = pytest.mark.serial
TEMPERATURES = (60, 100, 150, 200, 250, 300)  # [K]
MESHES = [
    pytest.param(COARSE, id="small"),
    pytest.param(GRADED, id="production", marks=pytest.mark.slow),
]


def maximum_of_current(*overrides):
    """First maximum of the current, None if it rises all the way to 16 V."""
    return trace(continuation(joint_set(*overrides)), 16.0, lambda p: p.d_current < 0).maximum()


@pytest.mark.parametrize("mesh", MESHES)
def test_switching_power_and_voltage(mesh, record):
    """'Switching power steadily decreases with increasing temperature', the voltage does not.

    The power of the model has its largest value at 100 K; 60 K is recorded, not asserted.
    """
    peaks = [maximum_of_current(*mesh, f"ambient.temperature={T} K") for T in TEMPERATURES]
    P = [peak.state.reading.P for peak in peaks]
    V = [peak.state.reading.V_device for peak in peaks]
    powers = ", ".join(f"{p * 1e3:.4g}" for p in P)
    voltages = ", ".join(f"{v:.4g}" for v in V)
    record(f"Salev et al.: power at I_max [mW] at {TEMPERATURES} K", "falls from 100 K", powers)
    record(f"Salev et al.: V at I_max [V] at {TEMPERATURES} K", "maximum inside", voltages)
    assert (np.diff(P[1:]) < 0).all()
    assert 0 < np.argmax(V) < len(V) - 1


def smallest_slope(*overrides):
    """Smallest dI/dV [S] up to 16 V, in steps short enough for a flat stretch of the curve."""
    branch = trace(continuation(joint_set(*overrides), Steps(largest=0.05)), 16.0)
    return min(point.d_current / point.d_drive for point in branch.points)


@pytest.mark.parametrize("mesh", MESHES)
def test_last_temperature_with_negative_resistance(mesh, record):
    """'The strong nonlinearities disappear' near T_c of 340 K: in the model between 315 and 325.

    At 320 K the slope is just negative, 0.1 % of that of the cold film.
    """
    slopes = [smallest_slope(*mesh, f"ambient.temperature={T} K") for T in (315, 320, 325)]
    found = ", ".join(f"{slope:.3g}" for slope in slopes)
    record("50 x 100 um2: smallest dI/dV [S] at 315, 320 and 325 K", "rises through 0", found)
    assert slopes[0] < 0 < slopes[2]


@pytest.mark.parametrize(
    "mesh",
    [
        pytest.param(("mesh.size=1 um", "mesh.edge_size=1 um", "mesh.cells_across=6"), id="small"),
        pytest.param((), id="production", marks=pytest.mark.slow),
    ],
)
def test_second_device(mesh, record):
    """'The same behavior' of 50 x 50 um2 and 50 nm: a barrier that fills the device at the end."""
    config = load_config(files("mitmodels.cases") / "lsmo_50x50.toml", mesh, Config)
    branch = trace(continuation(build_device(config, MPI.COMM_WORLD)), 24.0)
    jump, full = branch.jumps()[0], full_barrier(branch)
    readings = {
        "V_up [V]": jump.drive,
        "V_full [V]": full,
        "barrier width after the jump [m]": jump.after.reading.barrier_width,
    }
    for name, value in readings.items():
        record(f"50 x 50 um2, 50 nm, 100 K, predicted: {name}", "reported", value)
    assert jump.upward
    assert jump.after.current < 0.9 * jump.before.current
    assert 1.5 < full / jump.drive < 2.5
