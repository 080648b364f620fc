"""Compact models of the literature, as ordinary differential equations, beside what has no extent.

The thermal neuristor of Zhang et al. (2023) beside an even film in its circuit. The parts of JART
ECM that move a filament (charge transfer at both interfaces, hopping, electrons that tunnel, a
resistance in series) beside the fields of a plane cell; its electrocrystallisation is the law of
`mitmodels.cell.nucleation`.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from codes.own_cell import ionic_current
from ecm_cells import CU_SIO2_PT
from films import in_time
from references import planar_cell
from scipy.integrate import solve_ivp

from mitmodels.cases.papers import second_devices
from mitmodels.drive.oscillation import Oscillation, Sample

pytestmark = pytest.mark.serial
ROOT = Path(__file__).parents[2]
NEURISTOR = ROOT / "cases" / "papers" / "zhang2023.toml"


class Memory:
    """R(T) of a film, by backlash."""

    def __init__(self, config):
        form = config.geometry
        self.law = config.film.resistivity()
        self.squares = float(form.length) / float(form.width * form.thickness)
        self.begin = float(config.ambient.temperature) - (self.law.up - self.law.down) / 2

    def __call__(self, T, followed):
        return self.law(T, self.law.followed(T, followed)) * self.squares

    def turned(self, T, followed, _):
        return self.law.followed(T, followed)


class Proximity:
    """R(T) of the authors: a limiting loop, and minor ones that approach it (de Almeida et al.)."""

    begin = 1, 325.0, None

    def fraction(self, T, memory):
        """Of the insulator; behind a turn at T_r, loops are shifted by a part of their distance."""
        heating, T_r, shift = memory
        if shift is not None:
            x = (T - T_r) / shift
            proximity = 1 + np.tanh(np.pi**2 - 2 * np.pi * x)
            T = T + shift / 2 * (1 - np.sin(0.956269682 * x)) * proximity
        return 0.5 + 0.5 * np.tanh(0.252796285 * (heating * 3.596782 + 332.805839 - T))

    def __call__(self, T, memory):
        T = np.clip(T, 305, 370)
        return 5.35882879e-3 * np.exp(5220.47417 / T) * self.fraction(T, memory) + 1286.3165

    def turned(self, T, memory, rising):
        T, heating = np.clip(T, 305, 370), -1 if rising else 1
        g = self.fraction(T, memory)
        apart = 332.805839 - np.arctanh(2 * g - 1) / 0.252796285 - T
        return heating, T, heating * 3.596782 + apart


def spikes(film, resistance, count):
    """Last of the periods [s] of the neuristor, between hottest moments.

    C dV/dt = (V_s - V)/R_L - V/R and C_th dT/dt = V^2/R - S (T - T_b); between two turns of the
    temperature what remembers is a function of it alone.
    """
    config, circuit = film.prepared.config, film.stepper.circuit
    ambient, thickness = float(config.ambient.temperature), float(config.geometry.thickness)
    area = float(config.geometry.length) * float(config.geometry.width)
    S = float(config.substrate.loss) * area
    C_th = float(config.heat_capacity.film) * area * thickness
    top, ramp = 13.44, 10e-9

    def rates(t, y, memory):
        V, T = y
        R = resistance(T, memory)
        charging = (top * min(t / ramp, 1.0) - V) / circuit.load - V / R
        return charging / circuit.capacitance, (V**2 / R - S * (T - ambient)) / C_th

    def turns(t, y, memory):
        return rates(t, y, memory)[1]

    turns.terminal = True
    t, y, memory, hottest, rising = 0.0, (0.0, ambient), resistance.begin, [], True
    while len(hottest) <= count:
        turns.direction = -1 if rising else 1
        found = solve_ivp(
            rates, (t, 1e-4), y, "LSODA", args=(memory,), events=turns, rtol=1e-9, atol=1e-12
        )
        assert found.status == 1  # a turn
        t, y = found.t[-1], found.y[:, -1]
        memory = resistance.turned(y[1], memory, rising)
        if rising:
            hottest.append(t)
        rising = not rising
    return hottest[-1] - hottest[-2]


@pytest.fixture(scope="module")
def neuristor():
    return in_time("numerics.circuit_error=1e-5", file=NEURISTOR)


def test_neuristor_is_an_even_film_in_its_circuit(neuristor, record):
    expected = spikes(neuristor, Memory(neuristor.prepared.config), 2)
    found = Oscillation(2, 1e-2)
    for accepted in neuristor.follow():
        at = accepted.point.state
        found.add(Sample(at.time, at.circuit.voltage, at.circuit.voltage_rate, at.work))
        if equal := found.equal:
            break
    error = abs(equal[-1].period / expected - 1)
    record("film of one element against the neuristor's equations: period", 1e-3, error)
    assert error < 1e-3


def test_period_with_the_memory_of_the_authors_is_the_quoted_one(neuristor):
    found = spikes(neuristor, Proximity(), 3)
    assert found == pytest.approx(float(second_devices.PERIOD), rel=1e-3)


def test_cell_behind_its_series_resistance(record):
    """Electrons take half of the voltage at 0.5 nm, nearly all at the last gap: growth is slower.

    The ions themselves take a nanovolt of the resistance.
    """
    load = 1 / planar_cell.tunnel_conductance(0.5e-9)
    x, weights = np.polynomial.legendre.leggauss(6)
    total, currents = 0.0, []
    for low, high in pairwise((planar_cell.END, 0.45e-9, 0.7e-9, planar_cell.BEGIN)):
        for gap, weight in zip((low + high + (high - low) * x) / 2, weights, strict=True):
            G = CU_SIO2_PT.tunnel.conductance(gap)
            voltage = planar_cell.V / (1 + load * G)
            ions = ionic_current(gap, voltage)
            total += weight * (high - low) / 2 / (planar_cell.V_PER_C * ions)
            currents.append(ions / planar_cell.ionic_current(gap, load) - 1)
    closing = abs(total / planar_cell.closing_time(load, 1e-6) - 1)
    current = float(np.abs(currents).max())
    record("plane cell behind a resistance, fields against equations: closing time", 1e-3, closing)
    record("plane cell behind a resistance, fields against equations: ions", 1e-3, current)
    assert planar_cell.closing_time(load, 1e-6) > 5 * planar_cell.closing_time()
    assert closing < 1e-3
    assert current < 1e-3
