"""Hopf points of a device with one thermal time, in closed form."""

import numpy as np
import pytest

from mitmodels.circuit import SeriesCircuit
from mitmodels.hopf import critical

SPAN = (1.0, 1e9)
R, TIME = 100.0, 1e-6  # [ohm] at high frequencies, [s] the thermal time


def s_type(Z0):
    """Stable under a current: Z = R + (Z0 - R)/(1 + s tau)."""
    return lambda s: R + (Z0 - R) / (1 + s * TIME)


def n_type(Z0):
    """Stable under a voltage: Y = 1/R + (1/Z0 - 1/R)/(1 + s tau)."""
    return lambda s: 1 / (1 / R + (1 / Z0 - 1 / R) / (1 + s * TIME))


def matrix_of_s_type(Z0, circuit):
    """Rates of I_source, V and the slow part u of the device's voltage: V = R I + u."""
    load, L, C = circuit.load, circuit.inductance, circuit.capacitance
    device = [(Z0 - R) / R / TIME, -Z0 / R / TIME]
    if not L:
        return [[-1 / (load * C) - 1 / (R * C), 1 / (R * C)], device]
    return [[-load / L, -1 / L, 0], [1 / C, -1 / (R * C), 1 / (R * C)], [0, *device]]


def matrix_of_n_type(Z0, circuit):
    """Rates of I_source, V and the slow part w of the device's current: I = V/R + w."""
    load, L, C = circuit.load, circuit.inductance, circuit.capacitance
    slow = (1 / Z0 - 1 / R) / TIME
    if not C:
        return [[-(load + R) / L, R / L], [R * slow, -R * slow - 1 / TIME]]
    return [[-load / L, -1 / L, 0], [1 / C, -1 / (R * C), -1 / C], [0, slow, -1 / TIME]]


@pytest.mark.parametrize(
    ("element", "device", "matrix", "others"),
    [
        ("capacitance", s_type, matrix_of_s_type, {"load": 80.0}),
        ("capacitance", s_type, matrix_of_s_type, {"load": 80.0, "inductance": 1e-6}),
        ("inductance", n_type, matrix_of_n_type, {"load": 20.0}),
        ("inductance", n_type, matrix_of_n_type, {"load": 20.0, "capacitance": 1e-10}),
    ],
)
def test_a_pair_of_eigenvalues_is_on_the_imaginary_axis(element, device, matrix, others, record):
    found = critical(element, device(-50.0), SeriesCircuit(**others), SPAN)

    def fastest(factor):
        circuit = SeriesCircuit(**others | {element: factor * found.value})
        rates = np.linalg.eigvals(np.array(matrix(-50.0, circuit)))
        return max(rates, key=lambda rate: (rate.real, rate.imag))

    there = fastest(1.0)
    frequency = abs(there.imag) / (2 * np.pi)
    error = max(abs(there.real) * TIME, abs(frequency / found.frequency - 1))
    known = " and ".join(others)
    record(f"Hopf point of one thermal time, {element} with {known}: eigenvalues", 1e-8, error)
    assert error < 1e-8
    assert fastest(0.99).real < 0 < fastest(1.01).real


@pytest.mark.parametrize("Z0", [50.0, 120.0])
def test_a_resistance_that_rises_everywhere_is_never_critical(Z0):
    circuit = SeriesCircuit(load=80.0)
    assert critical("capacitance", s_type(Z0), circuit, SPAN) is None
    assert critical("inductance", s_type(Z0), circuit, SPAN) is None


def test_a_source_of_current_needs_no_load():
    found = critical("capacitance", s_type(-50.0), SeriesCircuit(), SPAN, is_current_driven=True)
    large = critical("capacitance", s_type(-50.0), SeriesCircuit(load=1e12), SPAN)
    assert found.value == pytest.approx(large.value, rel=1e-9)
