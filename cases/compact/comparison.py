"""Compact models in ngspice beside field solutions: traces, and checks that all devices have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mitmodels.cases.compact.model_folder import Check
from mitmodels.checks import FloatArray
from mitmodels.errors import RunError
from mitmodels.solvers.runs.reading import Run

Corners = Sequence[tuple[float, float]]

EXACT = "reltol=1e-4"
"""Options of ngspice for what is compared with a field solution."""
WARMER = 10.0
"""Rise at a thermal pin that is compared with another ambient temperature [K]."""
_PIN = 1e-3
_CIRCUITS, _FAILING = 200, 1


@dataclass(frozen=True, eq=False)
class Trace:
    """What a device shows over time; shapes (n,).

    Attributes
    ----------
    time, source, voltage, current, hottest : ndarray
        s, V or A of the source, V of the device with its contacts, A through it, K.
    """

    time: FloatArray
    source: FloatArray
    voltage: FloatArray
    current: FloatArray
    hottest: FloatArray

    @property
    def energy(self) -> FloatArray:
        """What the device has taken [J]."""
        power = self.voltage * self.current
        steps = np.diff(self.time) * (power[1:] + power[:-1]) / 2
        return np.concatenate([[0.0], np.cumsum(steps)])


@dataclass(frozen=True, eq=False)
class Compared:
    """A run, and the model under the same drive in the same circuit."""

    name: str
    field: Trace
    model: Trace
    checks: Sequence[Check]


def trace_of(run: Run, voltage: str) -> Trace:
    """Return what a field solution shows over time; ``voltage`` is the column of the device's."""
    columns = ("t [s]", "V_source [V]", f"{voltage} [V]", "I [A]", "T_max [K]")
    return Trace(*(run.iv[column].to_numpy(dtype=float) for column in columns))


def values_of(run: Run, section: str) -> dict[str, Any]:
    """Return the values of a section of a run's configuration, without where they are from."""
    entries = run.config.get(section, {}).items()
    return {key: v["value"] if isinstance(v, dict) and "value" in v else v for key, v in entries}


def pin_check(name: str, by_pin: Trace, by_parameter: Trace) -> Check:
    """Check the ambient by the thermal pin against that by the parameter."""
    current = np.interp(by_pin.time, by_parameter.time, by_parameter.current)
    difference = float(np.abs(by_pin.current - current).max() / np.abs(current).max())
    return Check(name, "", None, None, difference, _PIN)


def random_circuits(solve: Callable[[np.random.Generator], object]) -> Check:
    """Count how many of random circuits ngspice cannot solve with its default options."""
    random, failed = np.random.default_rng(1), 0
    for _ in range(_CIRCUITS):
        try:
            solve(random)
        except RunError:
            failed += 1
    name = f"{_CIRCUITS} random circuits with default options: failed"
    return Check(name, "", failed, 0.0, failed, _FAILING)


def random_pulses(
    random: np.random.Generator, time: float, value: Callable[[], float]
) -> list[tuple[float, float]]:
    """Return the corners of one to four steps about as long as a time [s], each to a value."""
    corners = [(0.0, 0.0)]
    for _ in range(int(random.integers(1, 5))):
        start, end = corners[-1][0], value()
        rise, width = (time * 10 ** random.uniform(-2, 0.5, 2)).tolist()
        corners += [(start + rise, end), (start + rise + width, end)]
    return corners
