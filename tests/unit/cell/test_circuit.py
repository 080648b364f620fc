"""Circuit of a cell over a step: closed forms for a conductance that stays, limit, stiffness."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

from mitmodels.cell.circuit import CircuitCourse, CircuitPoint, rest
from mitmodels.circuit import CircuitState, ImplicitStep, SeriesCircuit
from mitmodels.drive.waveform import Waveform

G, R, L, C, V = 1 / 200.0, 100.0, 5e-6, 1e-9, 1.0
STEP = Waveform((0.0, 1.0), (V, V))
DISCHARGED = CircuitPoint(0.0, G, CircuitState(0.0, 0.0))


def reached(circuit, end, begin=DISCHARGED, conductance=G):
    return CircuitCourse(circuit, STEP, begin, end).reach(conductance).state


@pytest.mark.parametrize("end", [1e-8, 1e-7, 1e-6])
def test_load_charges_the_capacitance(end):
    begin = replace(DISCHARGED, state=CircuitState(0.0, V / R, V / R / C))
    found = reached(SeriesCircuit(R, capacitance=C), end, begin)
    expected = V / (1 + R * G) * -np.expm1(-end * (G + 1 / R) / C)
    assert found.voltage == pytest.approx(expected, rel=1e-4)
    assert found.current == pytest.approx((V - expected) / R, rel=1e-4)


@pytest.mark.parametrize("end", [1e-9, 1e-8, 1e-7])
def test_current_rises_in_an_inductance(end):
    found = reached(SeriesCircuit(R, inductance=L), end)
    expected = V / (R + 1 / G) * -np.expm1(-end * (R + 1 / G) / L)
    assert found.current == pytest.approx(expected, rel=1e-4)
    assert found.voltage == pytest.approx(expected / G, rel=1e-4)


@pytest.mark.parametrize("end", [1e-8, 1e-7])
def test_capacitance_in_series_takes_the_voltage(end):
    found = reached(circuit := SeriesCircuit(R, series_capacitance=C), end)
    left = V * np.exp(-end / (C * (R + 1 / G)))
    assert found.charge == pytest.approx(C * (V - left), rel=1e-4)
    assert found.current == pytest.approx(left / (R + 1 / G), rel=1e-4)
    assert found.source == pytest.approx(V, rel=1e-9)
    assert circuit.energy(found) == pytest.approx(C * (V - left) ** 2 / 2, rel=2e-4)


@pytest.mark.parametrize("conductance", [1e-20, 1e-6])
def test_inductance_and_capacitance_ring(conductance):
    """Behind next to no load, before a cell that takes next to nothing or a little."""
    found = reached(
        SeriesCircuit(1.0, inductance=L, capacitance=C),
        end := 2e-7,
        replace(DISCHARGED, conductance=conductance),
        conductance,
    )
    rates = np.array([[-conductance / C, 1 / C], [-1 / L, -1.0 / L]])
    steady = np.array([1.0, conductance]) * V / (1 + conductance)
    expected = steady + expm(rates * end) @ -steady
    assert (found.voltage, found.current) == pytest.approx(tuple(expected), rel=3e-4)


def test_limit_charges_the_capacitance():
    limit, end = 1e-3, 1e-7
    found = reached(SeriesCircuit(0.0, limit, capacitance=C), end)
    assert found.current == pytest.approx(limit, rel=1e-9)
    assert found.voltage == pytest.approx(limit / G * -np.expm1(-G / C * end), rel=1e-4)


@pytest.mark.parametrize("softness", [0.0, 0.02])
def test_long_after_it_is_at_rest(softness):
    """A step of the outline is a million time constants of the circuit."""
    circuit = SeriesCircuit(R, 4e-3, softness, L, C)
    found, steady = reached(circuit, 1.0), rest(circuit, V, 0.0, G).state
    assert found.voltage == pytest.approx(steady.voltage, rel=1e-6)
    assert found.current == pytest.approx(steady.current, rel=1e-6)


def test_conductance_that_rises_discharges_the_capacitance():
    """With e-folds of 1 ns behind a load that gives next to nothing."""
    circuit, end = SeriesCircuit(1e9, capacitance=C), 5e-9
    begin = CircuitPoint(0.0, 1e-4, CircuitState(V, 0.0, -1e-4 * V / C))
    found = reached(circuit, end, begin, 1e-4 * np.exp(5.0))
    expected = V * np.exp(-(1e-4 * 1e-9 / C) * np.expm1(5.0))
    assert found.voltage == pytest.approx(expected, rel=1e-4)


def test_drop_over_a_step_is_that_of_its_companion():
    circuit = SeriesCircuit(R, 4e-3, 0.05, L, C)
    step = ImplicitStep(0.3, 1e-3, 1e-8)
    U = V - circuit.drop(G, V, step)
    found = circuit.after(U, G * U, step)
    across = V - found.source
    assert found.current == pytest.approx(4e-3 * -np.expm1(-across / 0.05), rel=1e-9)


def test_another_mesh_keeps_the_charge():
    begin = CircuitPoint(1e-3, G, CircuitState(0.5, 2e-3))
    kept = CircuitCourse(SeriesCircuit(capacitance=C), STEP, begin, 1e-3).reach(2 * G)
    assert kept.state.voltage == 0.5
