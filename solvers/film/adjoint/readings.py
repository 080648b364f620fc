"""What is read off a state, with its derivatives by the state and by what is around the film."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import dolfinx
from dolfinx import fem

import numpy as np

from mitmodels.errors import InputError
from mitmodels.film.observables import READ_AT
from mitmodels.solvers.film.constraints import Drive
from mitmodels.solvers.film.electrothermal import TEMPERATURE
from mitmodels.solvers.film.interfaces import Array, Linearised, State
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.readout import LineProfile


class Reading(NamedTuple):
    """A scalar at a state: value, derivatives by T (per node), by V and I of the film.

    And, at a given state, by the resistance of the contacts in series, by that of the load, by the
    temperature from which on the film counts as barrier, and by the logarithm of the film's length.
    """

    value: float
    by_T: Array | None = None
    by_V: float = 0.0
    by_I: float = 0.0
    by_contact: float = 0.0
    by_load: float = 0.0
    by_threshold: float = 0.0
    by_stretch: float = 0.0

    @property
    def linearised(self) -> Linearised:
        """The same as a constraint."""
        return Linearised(*self[:4])


@dataclass(frozen=True, eq=False)
class Readings:
    """Reads states of a film behind a load [ohm]."""

    newton: BorderedNewton
    load: float

    @property
    def names(self) -> tuple[str, ...]:
        """Observed quantities that have derivatives."""
        return tuple(self._readers)

    def __call__(self, name: str, state: State) -> Reading:
        """Read an observed quantity.

        Raises
        ------
        InputError
            If it has no derivative.
        """
        if name not in self._readers:
            known = ", ".join(self._readers)
            raise InputError(f"{name} has no derivatives: use one of {known}")
        return self._readers[name](state)

    @property
    def _readers(self) -> dict[str, Callable[[State], Reading]]:
        parts = self.newton.film.device.names
        found: dict[str, Callable[[State], Reading]] = {
            "V_source": self._source,
            "V_device": self._device,
            "V_film": lambda state: Reading(state.voltage, by_V=1.0),
            "I": lambda state: Reading(state.current, by_I=1.0),
            "R": self._resistance,
            "P": self._power,
            "T_max": self._hottest,
        }
        for name in ("T_center", "T_edge"):
            if READ_AT[name] in parts:
                found[name] = partial(self.temperature, READ_AT[name])
        if READ_AT["barrier_width"] in parts:
            found["barrier_width"] = partial(self._hot_line, "barrier_width")
            if self.newton.film.device.copies[0] == 1:  # it does not move off an axis of symmetry
                found["barrier_position"] = partial(self._hot_line, "barrier_position")
        return found

    def drive(self, drive: Drive, state: State) -> Reading:
        """Drive of the source: its voltage, or its current."""
        return self._source(state) if drive.by_voltage else Reading(state.current, by_I=1.0)

    def temperature(self, place: str, state: State) -> Reading:
        """Temperature at a named point."""
        pick = self.newton.pick(place)
        return Reading(self.newton.layout.dot(pick, state.fields[:, 1]), pick)

    def _device(self, state: State) -> Reading:
        R, current = self.newton.resistance, state.current
        return Reading(state.voltage + R * current, None, 1.0, R, by_contact=current)

    def _source(self, state: State) -> Reading:
        device, current = self._device(state), state.current
        value, by_I = device.value + self.load * current, device.by_I + self.load
        return device._replace(value=value, by_I=by_I, by_load=current)

    def _resistance(self, state: State) -> Reading:
        V, current = state.voltage, state.current
        by_V, by_I = 1 / current, -V / current**2
        return Reading(self.newton.resistance + V / current, None, by_V, by_I, by_contact=1.0)

    def _power(self, state: State) -> Reading:
        V, current, R = state.voltage, state.current, self.newton.resistance
        by_I = V + 2 * R * current
        return Reading(current * (V + R * current), None, current, by_I, by_contact=current**2)

    def _hottest(self, state: State) -> Reading:
        newton, T = self.newton, state.fields[:, 1]
        largest = state.reading.T_max
        hottest = np.where(largest == T, 1.0, 0.0)
        return Reading(largest, hottest / newton.layout.dot(hottest, np.ones_like(hottest)))

    def _hot_line(self, name: str, state: State) -> Reading:
        """Width or position of the barrier, both of which a longer film stretches."""
        newton, film, read = self.newton, self.newton.film, state.reading
        newton.set_fields(state)
        line = LineProfile(film.device, film.space, READ_AT[name], 0)
        T, threshold = film.state.x.array[TEMPERATURE::2], film.properties.barrier_temperature
        summed = fem.Function(film.space).x
        value = getattr(read, name)
        summed.array[TEMPERATURE::2] = (
            line.length_by_temperature(T, threshold)
            if name == "barrier_width"
            else line.centre_by_temperature(T, threshold, read.barrier_width, value)
        )
        summed.scatter_reverse(dolfinx.la.InsertMode.add)
        by_T = newton.layout.gather(summed.array[TEMPERATURE : 2 * film.owned : 2].copy())
        # Warmer everywhere is as good as a lower threshold.
        by_threshold = -newton.layout.dot(by_T, np.ones_like(by_T))
        return Reading(value, by_T, by_threshold=by_threshold, by_stretch=value)
