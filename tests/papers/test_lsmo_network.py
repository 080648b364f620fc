"""Salev et al. 2021, Supporting Information 6: the resistor network against what the text states.

The 1D chain is one row of the 50 x 100 grid; its currents are multiplied by the 50 rows.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from mitmodels.network.network import NetworkState, ResistorNetwork
from mitmodels.network.resistance import ArmResistance

pytestmark = pytest.mark.serial

ROWS, COLUMNS = 50, 100
COARSE = np.arange(15e3, 110e3 + 1, 2500.0)
VOLTAGES = np.concatenate([np.arange(500.0, 4501, 500), np.arange(5e3, 12001, 100), COARSE])


@dataclass(frozen=True)
class Curve:
    """I-V curve of the chain: voltages, currents of 50 rows and cells above T_c."""

    V: np.ndarray
    current: np.ndarray
    width: np.ndarray
    last: NetworkState

    @property
    def first_barrier(self):
        return int(np.argmax(self.width > 0))


def trace(T_substrate, levels, start=None, control="voltage", until=COLUMNS):
    network = ResistorNetwork(T_substrate, columns=COLUMNS, rows=1)
    states = []
    for state in network.sweep(levels, control, T=start):
        states.append(state)
        if network.barrier_width(state.T)[0] >= until:
            break
    return Curve(
        V=np.array([state.voltage for state in states]),
        current=ROWS * np.array([state.current for state in states]),
        width=np.array([network.barrier_width(state.T)[0] for state in states]),
        last=states[-1],
    )


@cache
def up_sweep(T_substrate):
    return trace(T_substrate, VOLTAGES, until=96)


def test_resistance_of_the_network():
    """R(T) of Fig. S6b by direct solution, per cell of four arms R; reference to three digits."""
    network = ResistorNetwork(100.0)
    T = np.array([100.0, 250.0, 300.0, 340.0, 400.0])
    R = [network.resistance(np.full((COLUMNS, ROWS), t)) for t in T]
    np.testing.assert_allclose(R, [81.9, 497.0, 983.0, 2918.0, 8963.0], rtol=6e-4)
    np.testing.assert_allclose(R, 4 * ArmResistance()(T), rtol=1e-12)
    assert R[4] / R[0] == pytest.approx(109, abs=0.5)
    assert R[4] / R[1] == pytest.approx(18, abs=0.05)


def test_literal_exponent_has_no_transition():
    """-lambda (T - T_c) as printed: a factor of one half at every temperature, and no MIT."""
    T = np.arange(0.0, 401.0)
    literal = 1 / (1 + np.exp(-1.2e-4 * (T - 340.0)))
    assert literal.min() == pytest.approx(0.490, abs=5e-4)
    assert literal.max() == pytest.approx(0.502, abs=5e-4)
    R = 18.5 / 3 * np.exp(0.012 * T) * (1 + 2 * literal)
    independent = [40.65, 450.8, 729.5, 822.7, 1501.0]  # to four digits
    np.testing.assert_allclose(R[[100, 300, 340, 350, 400]], independent, rtol=3e-4)
    arm = ArmResistance()
    steepness = arm.derivative(T) / arm(T)
    assert steepness.max() == pytest.approx(0.0335, abs=5e-5)
    assert T[np.argmax(steepness)] == 334.0
    # the literal law rises by its metallic slope alone, hardly more
    assert np.diff(np.log(R)).max() < 0.0121


# I_max, voltage and power at it, first barrier voltage and cells, current after, V_full
TABLE = {
    100.0: (27.36, 5800.0, 158.7e3, 5900.0, 5, 10.8, 102.5e3),
    250.0: (10.11, 10100.0, 102e3, 10200.0, 12, 6.7, 60e3),
    300.0: (5.35, 10900.0, 58.3e3, 11000.0, 14, 4.9, 42.5e3),
}


@pytest.mark.parametrize("T_substrate", TABLE)
def test_voltage_sweep_up(T_substrate):
    """Currents within 1 %, voltages within one step of the sweep."""
    I_max, V_max, P_max, V_barrier, cells, I_after, V_full = TABLE[T_substrate]
    curve = up_sweep(T_substrate)
    barrier = curve.first_barrier
    peak = int(np.argmax(curve.current[:barrier]))
    assert curve.current[peak] == pytest.approx(I_max, rel=0.01)
    assert curve.V[peak] == pytest.approx(V_max, abs=100.0)
    assert curve.V[peak] * curve.current[peak] == pytest.approx(P_max, rel=0.01)
    assert curve.V[barrier] == pytest.approx(V_barrier, abs=100.0)
    assert curve.width[barrier] == cells
    assert curve.current[barrier] == pytest.approx(I_after, rel=0.01)
    assert curve.V[-1] == pytest.approx(V_full, abs=2500.0)
    assert curve.width[-1] >= 96


@pytest.mark.parametrize("T_substrate", TABLE)
def test_negative_differential_resistance_at_low_temperature(T_substrate):
    """'N-type NDR region at the temperatures below 300 K', 300 K included in this reading."""
    curve = up_sweep(T_substrate)
    assert (np.diff(curve.current) < 0).any()


@pytest.mark.parametrize("T_substrate", [315.0, 330.0])
def test_no_negative_differential_resistance_above(T_substrate):
    curve = up_sweep(T_substrate)
    assert curve.width[-1] >= 96
    assert (np.diff(curve.current) > 0).all()


@pytest.mark.parametrize(
    ("T_substrate", "V_lost"), [(100.0, 2200.0), (250.0, 5600.0), (300.0, 9000.0)]
)
def test_voltage_sweep_down(T_substrate, V_lost):
    """The barrier survives to far below the voltage that made it: hysteresis, not in the paper."""
    up = up_sweep(T_substrate)
    approach = np.arange(12e3, V_lost + 500, -500.0)
    levels = [COARSE[up.V[-1] >= COARSE][::-1], approach, np.arange(V_lost + 500, 1900.0, -100.0)]
    down = trace(T_substrate, np.concatenate(levels), start=up.last.T, until=COLUMNS + 1)
    lost = down.V[down.width > 0].min()
    assert lost == pytest.approx(V_lost, abs=100.0)
    assert lost < up.V[up.first_barrier] - 1000.0
    # without the barrier the sweep is back on the metallic branch
    metallic = down.width == 0
    V, i, j = np.intersect1d(up.V, down.V[metallic], return_indices=True)
    assert V.size > 0
    np.testing.assert_allclose(down.current[metallic][j], up.current[i], rtol=1e-4)


def test_barrier_grows_in_the_centre_between_cold_ends():
    """'The temperature at the device center abruptly increases well above T_c'; the rest cools."""
    network = ResistorNetwork(100.0, columns=COLUMNS, rows=1)
    before, after, wide = network.sweep([5800.0, 5900.0, 20e3])
    assert before.T[[0, -1]].max() < before.T[50, 0] < 340.0
    hot = np.flatnonzero(after.T[:, 0] > 340.0)
    assert abs(hot.mean() - 49.5) <= 0.5
    assert 500.0 < after.T.max() < 715.0
    assert after.T[[20, -20]].max() < 110.0
    assert network.barrier_width(wide.T)[0] > 3 * hot.size


@pytest.mark.parametrize(
    ("T_substrate", "I_jump", "I_low", "I_return"),
    [(100.0, 27.5, 4.8e3, (9.5, 10.0)), (250.0, 10.5, 9.0e3, (6.5, 7.0))],
)
def test_current_control_switches_the_whole_device(T_substrate, I_jump, I_low, I_return):
    """'The entire device switches at a threshold current', abruptly and with hysteresis."""
    levels = np.arange(I_jump - 1.5, I_jump + 0.1, 0.5)
    up = trace(T_substrate, levels / ROWS, control="current", until=COLUMNS + 1)
    np.testing.assert_array_equal(up.width, [0, 0, 0, 100])
    assert up.V[-2] == pytest.approx(I_low, rel=0.01)
    down = trace(
        T_substrate,
        np.arange(I_jump, 5.0, -0.5) / ROWS,
        start=up.last.T,
        control="current",
        until=COLUMNS + 1,
    )
    insulating = down.width > 90
    assert (down.width[~insulating] == 0).all()
    assert down.current[~insulating].max() == pytest.approx(I_return[0])
    assert down.current[insulating].min() == pytest.approx(I_return[1])


def test_current_control_overheats_at_low_temperature():
    """Nothing limits the power after the jump: 247 kV-units and 3500 K, which no film survives."""
    network = ResistorNetwork(100.0, columns=COLUMNS, rows=1)
    (state,) = network.sweep([27.5 / ROWS], "current")
    assert state.T.max() == pytest.approx(3500.0, rel=0.01)
    assert state.voltage == pytest.approx(247e3, rel=0.01)


def test_controls_coincide_outside_the_negative_differential_resistance():
    network = ResistorNetwork(100.0, columns=COLUMNS, rows=1)
    for state in network.sweep([2000.0, 4000.0], refine=True):
        (driven,) = network.sweep([state.current], "current", refine=True)
        assert driven.voltage == pytest.approx(state.voltage, rel=1e-6)


def test_full_device_against_nucleation_voltage():
    """The paper measures 48 V / 16 V = 3; the network needs 17 times its nucleation voltage."""
    curve = up_sweep(100.0)
    assert curve.V[-1] / curve.V[curve.first_barrier] == pytest.approx(17, abs=0.6)


@pytest.mark.parametrize(
    ("T_substrate", "V_last", "power"),
    [(60.0, 4550.0, 158.3e3), (150.0, 7800.0, 158.0e3), (200.0, 9850.0, 146.3e3)],
)
def test_switching_power_stops_rising_at_low_temperature(T_substrate, V_last, power):
    """'The switching power steadily increases with decreasing temperature': only down to 150 K.

    Below, it stays within 1 %; V_last is the last step of 50 without a barrier.
    """
    curve = trace(T_substrate, [0.9 * V_last, V_last, V_last + 50.0])
    np.testing.assert_array_equal(curve.width > 0, [False, False, True])
    assert V_last * curve.current[1] == pytest.approx(power, rel=1e-3)


def test_barrier_is_straight_across_the_width():
    """0.5 K of noise at every voltage: all rows are as wide, and the currents those of the chain.

    Ten rows suffice for a barrier to bend; at 5900 V it nucleates where the film is warmest.
    """
    network = ResistorNetwork(100.0, columns=COLUMNS, rows=10)
    rng = np.random.default_rng(0)
    T = np.full((COLUMNS, 10), 100.0)
    for level, current, cells in [(2000.0, 19.40, 0), (5000.0, 27.15, 0), (5900.0, 10.83, 5)]:
        state = network.relax(T + rng.normal(0.0, 0.5, T.shape), level)
        T = state.T
        assert 5 * state.current == pytest.approx(current, rel=1e-3)
        np.testing.assert_array_equal(network.barrier_width(T), cells)
    assert abs(np.flatnonzero(T[:, 0] > 340.0).mean() - 49.5) <= 5
    for level in (8000.0, 20e3):
        T = network.relax(T + rng.normal(0.0, 0.5, T.shape), level).T
        width = network.barrier_width(T)
        assert width.min() == width.max() > 5


def test_fast_step_lets_the_noise_place_the_barrier():
    """Stepped far past the threshold, the flat middle of the film is unstable as a whole."""
    network = ResistorNetwork(100.0, columns=COLUMNS, rows=1)
    (warm,) = network.sweep([5000.0])
    centres = []
    for seed in range(6):
        noise = np.random.default_rng(seed).normal(0.0, 0.5, warm.T.shape)
        T = network.relax(warm.T + noise, 8000.0).T
        centres.append(np.flatnonzero(T[:, 0] > 340.0).mean())
    assert np.ptp(centres) > 20
