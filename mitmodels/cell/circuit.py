"""Capacitances and inductance around a cell over a step in which only its conductance is known.

Circuits are faster than filaments: a step of the outline takes many of the circuit, each TR-BDF2 as
those of a film, which cost no field. The logarithm of the conductance is linear in time.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mitmodels.circuit import CircuitState, ImplicitStep, SeriesCircuit
from mitmodels.tr_bdf2 import ERROR, D, W

_TOLERANCE = 1e-6  # of a step: fraction of the largest voltage and current in it
_FIRST, _LEAST = 1e-3, 1e-12  # step over that of the outline; the latter is taken as it is


@dataclass(frozen=True)
class CircuitPoint:
    """State of a circuit at a time [s], and the conductance of the cell there [S]."""

    time: float
    conductance: float
    state: CircuitState


@dataclass(frozen=True)
class CircuitCourse:
    """Course of a circuit from a time point to another time.

    Attributes
    ----------
    circuit : SeriesCircuit
    source : callable
        Voltage of the source [V] at a time [s].
    begin : CircuitPoint
    end : float
        [s].
    """

    circuit: SeriesCircuit
    source: Callable[[float], float]
    begin: CircuitPoint
    end: float

    def drop(self, conductance: float) -> float:
        """Return what the circuit takes of the source's voltage [V] at a conductance [S]."""
        source = self.source(self.end)
        if not self.circuit.stores:
            return self.circuit.drop(conductance, source)
        return source - self.reach(conductance).state.voltage

    def reach(self, conductance: float) -> CircuitPoint:
        """Return the end of the course for a conductance of the cell there [S]."""
        return CircuitPoint(self.end, conductance, _end_of(self, conductance))


def rest(circuit: SeriesCircuit, source: float, time: float, conductance: float) -> CircuitPoint:
    """Return a circuit at rest."""
    voltage = source - circuit.drop(conductance, source)
    state = circuit.after(voltage, conductance * voltage, ImplicitStep())
    return CircuitPoint(time, conductance, state)


@lru_cache(maxsize=4)
def _end_of(course: CircuitCourse, conductance: float) -> CircuitState:
    circuit, begin = course.circuit, course.begin
    if not circuit.stores:
        return rest(circuit, course.source(course.end), course.end, conductance).state
    span = course.end - begin.time
    if span == 0.0:  # another mesh: the charge is the same
        return begin.state
    state, done, step = begin.state, 0.0, _FIRST
    while done < 1.0:
        step = min(step, 1.0 - done)
        after, error = _step(course, conductance, state, done, step)
        if error <= 1 or step <= _LEAST:
            done, state = (1.0 if step == 1.0 - done else done + step), after
            error = min(error, 0.1)
        step = max(step * min(5.0, max(0.2, 0.8 * max(error, 1e-9) ** (-1 / 3))), _LEAST)
    return state


def _step(
    course: CircuitCourse, conductance: float, before: CircuitState, done: float, part: float
) -> tuple[CircuitState, float]:
    """Take a step of a part of the course; return its end and its error over what is allowed."""
    circuit, begin = course.circuit, course.begin
    span = course.end - begin.time
    h = part * span
    unlimited = circuit.limit == math.inf

    def stage(fraction: float, weight: float, *stages: CircuitState) -> CircuitState:
        known = ImplicitStep(
            before.voltage + weight * sum(s.voltage_rate for s in stages),
            before.current + weight * sum(s.current_rate for s in stages),
            D * h,
            before.charge + weight * sum(s.current for s in stages),
        )
        x = done + fraction * part
        source = course.source(begin.time + x * span)
        G = _between(begin.conductance, conductance, x)
        voltage = source - circuit.drop(G, source, known)
        return circuit.after(voltage, G * voltage, known, source if unlimited else None)

    middle = stage(2 * D, D * h, before)
    last = stage(1.0, W * h, before, middle)
    weights = h / 3 * np.array(ERROR)
    rates = [(s.voltage_rate, s.current_rate, s.current) for s in (before, middle, last)]
    voltage, current, charge = np.abs(weights @ rates)
    volts = max(abs(before.voltage), abs(last.voltage), abs(last.source))
    voltage = max(voltage * (circuit.capacitance > 0), charge / circuit.series_capacitance)
    worst = voltage / volts if volts else 0.0
    if circuit.inductance:
        amperes = max(abs(before.current), abs(last.current))
        worst = max(worst, current / amperes if amperes else 0.0)
    return last, float(worst) / _TOLERANCE


def _between(first: float, last: float, x: float) -> float:
    """Conductance [S] at a fraction of the course."""
    if min(first, last) <= 0:
        return first + x * (last - first)
    return float(first * (last / first) ** x)
