"""Volatile switch: a film of one time and a constant conductance has closed forms."""

import numpy as np
import pytest

from mitmodels.compact.film import FilmModel
from mitmodels.compact.presets import volatile_presets
from mitmodels.compact.table import Table
from mitmodels.compact.volatile import _COLUMNS, volatile_switch

G, R, TAU, T0, HOT = 1e-3, 2e3, 1e-6, 300.0, 340.0
FLAT = Table(np.array([T0, 900.0]), np.array([[np.log(G), R]] * 2), "T_hot [K]", ("ln(G/S)", "R_1"))


@pytest.mark.parametrize("by_voltage", [True, False])
def test_widths_energies_and_retention(by_voltage):
    """T = T_0 + R P (1 - exp(-t/tau)) up to the pulse's end, an exponential behind it."""
    model = FilmModel(FLAT, (TAU,), T0, 0.0, pads_heat=False)
    V = np.array([2.0, 5.0, 8.0, 10.0])
    found = volatile_switch(model, V if by_voltage else G * V, by_voltage, HOT)
    P = G * V[1:] ** 2  # 2 V warm it by 8 K
    width = -TAU * np.log(1 - (HOT - T0) / (R * P))
    rise = R * P * (1 - np.exp(-2 * width / TAU))
    assert found.x == pytest.approx(V[1:] if by_voltage else G * V[1:])
    assert found.values[:, 0] == pytest.approx(width, rel=2e-3)
    assert found.values[:, 1] == pytest.approx(P * width, rel=2e-3)
    assert found.values[:, 2:4] == pytest.approx(np.full((3, 2), G))
    assert found.values[:, 4] == pytest.approx(TAU * np.log(rise / (HOT - T0)), rel=5e-3)


def test_film_that_stays_cold_has_no_table():
    model = FilmModel(FLAT, (TAU,), T0, 0.0, pads_heat=False)
    assert volatile_switch(model, np.array([0.1, 0.2]), True, HOT) is None


def test_presets_are_those_of_the_pulse_in_the_middle():
    """A weight fades by exp(-width/retention) in a mini-batch as long as the pulse."""
    rows = np.array([[1.0, 1.0, 1e-5, 1e-3, 2.0], [0.5, 1.0, 1e-5, 2e-3, 3.0], [0.1] * 5])
    pulses = Table(np.array([10.0, 20.0, 30.0]), rows, "writeVoltage [V]", _COLUMNS)
    found = volatile_presets(pulses)
    assert found["NeuroSim RealDevice"]["writeVoltageLTP"] == 20.0
    assert found["NeuroSim RealDevice"]["maxConductance"] == 2e-3
    lifetime = found["aihwkit ConstantStepDevice"]["lifetime"]
    assert 1 - 1 / lifetime == pytest.approx(np.exp(-0.5 / 3.0))
