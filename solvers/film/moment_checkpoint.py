"""A moment in time as arrays that any number of ranks can take up again."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from mitmodels.film.observables import Reading
from mitmodels.solvers.film.newton import State
from mitmodels.solvers.film.time_stepping import TimeStep
from mitmodels.solvers.film.tr_bdf2 import Factored, Moment, Stepper
from mitmodels.solvers.runs.numbering import Numbering

Arrays = Mapping[str, npt.NDArray[Any]]

_MOMENT = ("time", "voltage_trend", "work")
_STATE = ("voltage", "current", "iterations")
_READING = tuple(field.name for field in fields(Reading))
_MEMORY = ("planned", "newton_iterations", "factored_voltage", "factored_length")
_NODAL = ("rows", "stored", "rate", "coordinates")
LAYOUT = (*_MOMENT, *_STATE, *(f"reading_{name}" for name in _READING), *_MEMORY, *_NODAL)


class MomentCheckpoint:
    """Packs and unpacks the time steps of a stepper. Methods are collective.

    Parameters
    ----------
    stepper : Stepper
    """

    def __init__(self, stepper: Stepper) -> None:
        self.stepper = stepper
        self._film = Numbering(stepper.newton.film.space)
        self._below = Numbering(stepper.storage.space)

    def pack(self, step: TimeStep) -> Arrays:
        """Return everything that the time step holds, and the solver's memory.

        What belongs to nodes is there on rank 0 only.
        """
        newton, moment = self.stepper.newton, step.state
        state, storage = moment.state, self.stepper.storage
        packed = {name: np.array(getattr(moment, name)) for name in _MOMENT}
        packed |= {name: np.array(getattr(state, name)) for name in _STATE}
        packed |= {f"reading_{k}": np.array(v) for k, v in asdict(state.reading).items()}
        packed["planned"] = np.array(step.planned)
        packed["newton_iterations"] = np.array(newton.iterations)
        columns = [state.unknown, state.fields[:, 1:], moment.trend]
        factored = self.stepper.factored
        if factored:
            packed["factored_voltage"] = np.array(factored.voltage)
            packed["factored_length"] = np.array(factored.length)
            columns.append(factored.unknown)
        nodal = {
            "rows": self._film.gather(newton.layout.owned(np.hstack(columns))),
            "stored": self._below.gather(storage.to_nodes(moment.stored)),
            "rate": self._below.gather(storage.to_nodes(moment.rate)),
            "coordinates": self._below.coordinates,
        }
        return packed | {name: rows for name, rows in nodal.items() if rows is not None}

    def unpack(self, packed: Arrays) -> TimeStep:
        """Return the time step that `pack` was given, and set the solver's memory.

        Raises
        ------
        RunError
            If it belongs to another mesh.
        """
        self._below.check(packed["coordinates"])
        newton, storage = self.stepper.newton, self.stepper.storage
        newton.iterations = int(packed["newton_iterations"])
        rows = newton.layout.gather(self._film.scatter(packed["rows"]))
        if "factored_length" in packed:
            place = float(packed["factored_voltage"]), float(packed["factored_length"])
            self.stepper.factor_at(Factored(rows[:, 5:].copy(), *place))
        reading = Reading(**{name: packed[f"reading_{name}"].item() for name in _READING})
        state = State(
            unknown=rows[:, :2].copy(),
            fields=rows[:, [0, 2]],
            reading=reading,
            **{name: packed[name].item() for name in _STATE},
        )
        moment = Moment(
            state=state,
            stored=storage.from_nodes(self._below.scatter(packed["stored"])),
            rate=storage.from_nodes(self._below.scatter(packed["rate"])),
            trend=rows[:, 3:5].copy(),
            **{name: packed[name].item() for name in _MOMENT},
        )
        return TimeStep(moment, 0.0, packed["planned"].item())
