"""The series element that limits the current."""

import numpy as np
import pytest

from mitmodels.circuit import Compliance, SeriesCircuit

ELEMENT = Compliance(limit=1e-3, voltage_scale=0.05)


def test_current_from_zero_to_the_limit() -> None:
    assert ELEMENT.current(0.0) == 0.0
    assert ELEMENT.current(1e-9) == pytest.approx(1e-9 * 1e-3 / 0.05, rel=1e-7)
    assert ELEMENT.current(1.7) == pytest.approx(1e-3, rel=1e-14)


def test_slope_is_continuous_at_zero() -> None:
    left, right = -ELEMENT.current(-1e-10), ELEMENT.current(1e-10)
    assert left == pytest.approx(right, rel=1e-8)
    assert ELEMENT.current(-1.0) == pytest.approx(-0.02)


@pytest.mark.parametrize("voltage", [-0.2, -1e-3, 1e-3, 0.05, 0.3])
def test_conductance_is_the_slope_of_the_current(voltage) -> None:
    rise = ELEMENT.current(voltage + 1e-6) - ELEMENT.current(voltage - 1e-6)
    assert ELEMENT.conductance(voltage) == pytest.approx(rise / 2e-6, rel=1e-6)


@pytest.mark.parametrize("conductance", [0.0, 1e-20, 1e-9, 5e-4, 1e-3, 1.0, 1e3])
@pytest.mark.parametrize("source", [-1.0, 0.0, 1e-6, 0.3, 2.0])
def test_drop_balances_the_currents(conductance, source) -> None:
    drop = ELEMENT.drop(conductance, source)
    assert min(0.0, source) <= drop <= max(0.0, source)
    through = conductance * (source - drop)
    scale = max(abs(ELEMENT.current(source)), 1e-30)
    assert ELEMENT.current(drop) == pytest.approx(through, abs=1e-12 * scale, rel=1e-9)


def test_drop_where_the_exponential_underflows() -> None:
    """At 2 V and 1 S all but 1 mV falls across the element: 1 - I/I_c is 5e-18."""
    drop = ELEMENT.drop(1.0, 2.0)
    assert drop == pytest.approx(2.0 - 1e-3, rel=1e-12)
    assert np.exp(-drop / 0.05) < np.finfo(float).eps


@pytest.mark.parametrize("limit", [0.0, -1e-3])
def test_a_limit_of_zero_is_refused(limit) -> None:
    with pytest.raises(ValueError, match="current compliance must be positive"):
        Compliance(limit, 0.05)


@pytest.mark.parametrize("conductance", [1e-9, 1e-5, 1e-3])
@pytest.mark.parametrize("source", [-1.0, 0.5, 2.0])
def test_load_and_limit_carry_the_current_of_the_device(conductance, source) -> None:
    """Voltages of load, limiter and device add up to that of the source."""
    circuit = SeriesCircuit(load=5e3, limit=1e-4, softness=0.05)
    device = source - circuit.drop(conductance, source)
    current = conductance * device
    limiter = source - device - 5e3 * current
    assert Compliance(1e-4, 0.05).current(limiter) == pytest.approx(current, rel=1e-9, abs=1e-20)


@pytest.mark.parametrize("source", [-2.0, 0.0, 0.05, 2.0])
def test_sharp_limit_is_that_of_a_small_softness(source) -> None:
    sharp, soft = (SeriesCircuit(1e3, 1e-4, softness) for softness in (0.0, 1e-9))
    assert sharp.drop(1e-3, source) == pytest.approx(soft.drop(1e-3, source), abs=1e-6)
    current = 1e-3 * (source - sharp.drop(1e-3, source))
    assert current == pytest.approx(min(1e-4, source / 2e3), rel=1e-12)


def test_circuit_of_nothing_drops_nothing() -> None:
    assert SeriesCircuit().drop(1e-3, 2.0) == SeriesCircuit().drop(0.0, 2.0) == 0.0
