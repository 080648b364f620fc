"""Resistor network: circuit and heat laws on grids small enough to solve another way."""

import dataclasses

import numpy as np
import pytest
from scipy.optimize import brentq

from mitmodels.network.grid import ResistorGrid
from mitmodels.network.network import NetworkState, ResistorNetwork
from mitmodels.network.resistance import ArmResistance

ARM = ArmResistance()


def test_arm_resistance_to_the_digits_of_an_independent_evaluation():
    R = ARM(np.array([100.0, 300.0, 340.0, 350.0, 400.0]))
    np.testing.assert_allclose(R, [20.47, 245.7, 729.5, 983.6, 2240.7], atol=0.05, rtol=0)
    assert R[0] == pytest.approx(20.474, abs=5e-4)


def test_arm_resistance_derivative():
    """The slope jumps at T_cap alone; a wrong chain rule in either factor shows elsewhere."""
    T = np.concatenate([np.linspace(50.0, 399.0, 40), np.linspace(401.0, 700.0, 20)])
    h = 1e-3
    np.testing.assert_allclose(
        ARM.derivative(T), (ARM(T + h) - ARM(T - h)) / (2 * h), rtol=1e-7, atol=1e-9
    )
    assert ARM.derivative(400.0) == pytest.approx((ARM(400.0 + h) - ARM(400.0)) / h, rel=1e-3)


def test_arm_resistance_saturates():
    assert ARM(5000.0) == pytest.approx(18.5 * np.exp(4.8), rel=1e-12)
    assert dataclasses.replace(ARM, m=1.0)(200.0) == pytest.approx(18.5 * np.exp(2.4), rel=1e-12)


@pytest.mark.parametrize(("columns", "rows"), [(2, 1), (7, 1), (2, 2), (5, 4), (4, 6)])
def test_currents_against_nodal_analysis(columns, rows):
    """A dense conductance matrix written link by link gives the same currents and heat."""
    rng = np.random.default_rng(1)
    R = rng.uniform(0.5, 2.0, (columns, rows))
    cell = np.arange(R.size).reshape(columns, rows)
    matrix, source, contact = np.zeros((R.size, R.size)), np.zeros(R.size), 1 / R[0]
    for i in range(columns):
        for j in range(rows):
            for k, m in ((i + 1, j), (i, j + 1)):
                if k < columns and m < rows:
                    a, b, g = cell[i, j], cell[k, m], 1 / (R[i, j] + R[k, m])
                    matrix[[a, b, a, b], [a, b, b, a]] += np.array([g, g, -g, -g])
    matrix[cell[0], cell[0]] += contact
    matrix[cell[-1], cell[-1]] += 1 / R[-1]
    source[cell[0]] = contact
    potential = np.linalg.solve(matrix, source)

    grid = ResistorGrid(columns, rows)
    currents = grid.currents(R.ravel())
    np.testing.assert_allclose(grid.potential(1 / (grid.arms @ R.ravel())), potential, rtol=1e-12)
    conductance = np.sum(contact * (1 - potential[cell[0]]))
    assert grid.drive @ currents == pytest.approx(conductance, rel=1e-12)
    assert np.sum(R.ravel() * (grid.links @ currents**2)) == pytest.approx(conductance, rel=1e-12)
    assert np.abs(grid.difference.T @ currents).max() < 1e-13 * conductance


def test_resistance_of_chain_and_of_equal_rows():
    T = np.linspace(100.0, 400.0, 9)[:, None]
    chain = ResistorNetwork(100.0, columns=9, rows=1)
    assert chain.resistance(T) == pytest.approx(2 * np.sum(ARM(T)), rel=1e-12)
    film = ResistorNetwork(100.0, columns=9, rows=5)
    assert film.resistance(np.repeat(T, 5, axis=1)) == pytest.approx(
        chain.resistance(T) / 5, rel=1e-12
    )


def test_two_cells_against_the_scalar_heat_balance():
    """2 R (V/4R)^2 = 2 k_h (T - T_sub): substrate and contact, the other cell being as warm."""
    network = ResistorNetwork(100.0, columns=2, rows=3)
    V = 120.0
    T = brentq(lambda T: V**2 / (8 * ARM(T)) - 0.8 * (T - 100.0), 100.0, 400.0, xtol=1e-11)
    assert T > 130.0
    relaxed = network.relax(np.full((2, 3), 100.0), V)
    np.testing.assert_allclose(relaxed.T, T, atol=1e-3)
    exact = network.refine(relaxed)
    np.testing.assert_allclose(exact.T, T, atol=1e-9)
    assert exact.current == pytest.approx(3 * V / (4 * ARM(T)), rel=1e-12)


def test_contacts_cool_and_lateral_edges_do_not():
    """With a bias too small for feedback the profile along the film is the discrete fin, cosh."""
    network = ResistorNetwork(100.0, columns=9, rows=4)
    state = network.refine(network.relax(np.full((9, 4), 100.0), 1e-2, tolerance=1e-9))
    rise = state.T - 100.0
    np.testing.assert_allclose(rise, rise[:, :1] * np.ones(4), rtol=1e-5)
    θ = np.arccosh(1.5)  # k_h (T + 2 T - T_left - T_right) = heat
    i = np.arange(1, 10)
    fin = 1 - np.cosh(θ * (i - 5)) / np.cosh(5 * θ)
    heat = 2 * ARM(100.0) * (1e-2 / (18 * ARM(100.0))) ** 2
    np.testing.assert_allclose(rise[:, 0], heat / 0.4 * fin, rtol=1e-5)


@pytest.mark.parametrize("rows", [1, 3])
def test_heat_balance(rows):
    """The input V I leaves through the substrate and the two contacts."""
    network = ResistorNetwork(100.0, columns=20, rows=rows)
    (state,) = network.sweep([1500.0], T=np.full((20, rows), 100.0), refine=True)
    assert network.barrier_width(state.T).min() > 0
    rise = state.T - 100.0
    leaving = 0.4 * (rise.sum() + rise[0].sum() + rise[-1].sum())
    assert state.voltage * state.current == pytest.approx(leaving, rel=1e-9)


@pytest.mark.parametrize("control", ["voltage", "current"])
def test_newton_jacobian(control):
    network = ResistorNetwork(100.0, columns=4, rows=3)
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.uniform(0, 50, 12), rng.uniform(280, 380, 12), [50.0]])
    _, jacobian = network.steady_system(x, 1.0, control)
    h = 1e-5
    for k, column in enumerate(jacobian.toarray().T):
        step = h * (np.arange(x.size) == k)
        plus, minus = (network.steady_system(x + s, 1.0, control)[0] for s in (step, -step))
        error = np.abs((plus - minus) / (2 * h) - column).max()
        assert error < 1e-7 * np.abs(jacobian).max(), k


def test_newton_converges_quadratically_to_the_state_of_the_iteration():
    network = ResistorNetwork(100.0, columns=30, rows=2)
    start = np.full((30, 2), 100.0)
    relaxed = network.relax(start, 1200.0)
    refined = network.refine(relaxed)
    assert refined.iterations - relaxed.iterations <= 4
    long = network.relax(start, 1200.0, tolerance=1e-11)
    np.testing.assert_allclose(refined.T, long.T, atol=1e-7)
    halved = network.relax(start, 1200.0, tolerance=1e-11, time_step=0.5)
    np.testing.assert_allclose(halved.T, long.T, atol=1e-7)


def test_voltage_and_current_control_share_the_metallic_states():
    network = ResistorNetwork(100.0, columns=30, rows=1)
    for state in network.sweep([200.0, 600.0, 1000.0], refine=True):
        (driven,) = network.sweep([state.current], "current", refine=True)
        assert driven.current == state.current
        assert driven.voltage == pytest.approx(state.voltage, rel=1e-9)
        np.testing.assert_allclose(driven.T, state.T, rtol=1e-9)


def test_film_of_equal_rows_is_that_many_chains():
    chain, film = (ResistorNetwork(100.0, columns=30, rows=rows) for rows in (1, 6))
    levels = [500.0, 1500.0, 3000.0]
    for one, six in zip(chain.sweep(levels), film.sweep(levels), strict=True):
        assert six.current == pytest.approx(6 * one.current, rel=1e-6)
        np.testing.assert_array_equal(film.barrier_width(six.T), chain.barrier_width(one.T)[0])


def test_polarity_does_not_matter():
    network = ResistorNetwork(100.0, columns=10, rows=2)
    plus, minus = (next(network.sweep([V])) for V in (300.0, -300.0))
    assert minus.current == -plus.current
    np.testing.assert_array_equal(minus.T, plus.T)


def test_heat_capacity_scales_time_alone():
    """Twice C_V and twice the step are the same iteration; twice C_V alone is a slower one."""
    network = ResistorNetwork(100.0, columns=10, rows=2)
    slow = dataclasses.replace(network, heat_capacity=4.0)
    cold = np.full((10, 2), 100.0)
    one, same, other = (
        network.relax(cold, 300.0),
        slow.relax(cold, 300.0, time_step=2.0),
        slow.relax(cold, 300.0),
    )
    np.testing.assert_array_equal(same.T, one.T)
    assert same.iterations == one.iterations < other.iterations
    np.testing.assert_allclose(other.T, one.T, atol=2e-3)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"T_substrate": 0.0}, r"T_substrate must be positive, got 0.0 K"),
        ({"columns": 1}, r"at least 2 columns and 1 row, got columns = 1 and rows = 50"),
        ({"rows": 0}, r"at least 2 columns and 1 row, got columns = 100 and rows = 0"),
        ({"heat_capacity": -2.0}, r"heat_capacity must be positive, got -2.0"),
        ({"heat_conductance": np.inf}, r"heat_conductance must be finite, got inf"),
    ],
)
def test_unphysical_networks_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        ResistorNetwork(**{"T_substrate": 100.0} | fields)


def test_unphysical_arm_is_refused():
    with pytest.raises(ValueError, match=r"steepness must be positive, got 0.0 1/K\^2"):
        ArmResistance(steepness=0.0)


def test_unusable_drives_and_temperatures_are_refused():
    network = ResistorNetwork(100.0, columns=3, rows=2)
    cold = np.full((3, 2), 100.0)
    with pytest.raises(ValueError, match=r"level must be finite, got nan"):
        network.relax(cold, np.nan)
    with pytest.raises(ValueError, match=r"control must be one of voltage, current, got 'power'"):
        network.relax(cold, 1.0, "power")
    with pytest.raises(ValueError, match=r"\(columns, rows\) = \(3, 2\), got \(2, 3\)"):
        network.relax(cold.T, 1.0)
    with pytest.raises(ValueError, match=r"T must be positive, got -1.0 K"):
        network.resistance(-cold / 100)


def test_iteration_that_does_not_settle_is_reported():
    network = ResistorNetwork(100.0, columns=30, rows=2)
    cold = np.full((30, 2), 100.0)
    with pytest.raises(RuntimeError, match=r"voltage of 1200.0 after 3 iterations"):
        network.relax(cold, 1200.0, max_iterations=3)
    with pytest.raises(RuntimeError, match=r"current of 5.0 after \d+ iterations.* time_step"):
        network.relax(cold, 5.0, "current", time_step=3.0)


def test_refinement_of_an_unsettled_state_is_refused():
    """From a cold network Newton's method would have to travel by tens of kelvin."""
    network = ResistorNetwork(100.0, columns=30, rows=1)
    cold = NetworkState(np.full((30, 1), 100.0), 1200.0, 1.0, 0)
    with pytest.raises(RuntimeError, match=r"no steady state found near .* voltage of 1200.0"):
        network.refine(cold)
