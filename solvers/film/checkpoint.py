"""Content of a film's checkpoints: arrays that any number of ranks can take up again.

A branch is kept as its points, a film in time as its last transient state, both with the memory of
the solver. What belongs to nodes is there on rank 0 only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mitmodels.circuit import CircuitState
from mitmodels.film.observables import Reading
from mitmodels.solvers.film.factorisation import Linearisation
from mitmodels.solvers.film.interfaces import Array, State
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.points import Point
from mitmodels.solvers.film.transient.time_stepping import TimeStep
from mitmodels.solvers.film.transient.tr_bdf2 import Stepper, TransientState
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.numbering import Numbering

Arrays = Mapping[str, npt.NDArray[Any]]

_STATE = ("voltage", "current", "iterations")
_READING = tuple(field.name for field in fields(Reading))
_SOLVER = ("newton_iterations", *(f"factored_{n}" for n in ("voltage", "step", "at", "memory")))
_COMMON = (*_STATE, *(f"reading_{name}" for name in _READING), *_SOLVER, "rows", "coordinates")
_POINT = ("s", "drive", "dV", "d_drive", "d_current", "kind")
_TRANSIENT = ("time", "voltage_trend", "work")
_CIRCUIT = tuple(field.name for field in fields(CircuitState))
_THERMAL = ("planned", "thermal", "rate", "substrate_coordinates", "memory")
BRANCH_LAYOUT = (*_COMMON, *_POINT, "dT")
TRANSIENT_LAYOUT = (*_COMMON, *_TRANSIENT, *(f"circuit_{name}" for name in _CIRCUIT), *_THERMAL)


def pack_branch(points: Sequence[Point], newton: BorderedNewton, numbering: Numbering) -> Arrays:
    """Return everything that the points hold, and the solver's memory. Collective."""
    packed = {name: np.array([getattr(p, name) for p in points]) for name in _POINT}
    states, tangents = [p.state for p in points], [p.tangent for p in points]
    packed["dT"] = numbering.gather(newton.layout.owned(np.column_stack([p.dT for p in points])))
    return packed | _pack(states, tangents, newton, numbering)


def unpack_branch(
    packed: Arrays, newton: BorderedNewton, numbering: Numbering
) -> tuple[Point, ...]:
    """Return the points that `pack_branch` was given, and set the solver's memory. Collective.

    Raises
    ------
    RunError
        If they belong to another mesh.
    """
    states, tangents, factored = _unpack(packed, newton, numbering)
    if factored:
        newton.factor_at(factored.unknown, factored.voltage)
    dT = newton.layout.gather(numbering.scatter(packed["dT"]))
    return tuple(
        Point(
            state=state,
            tangent=tangent,
            dT=dT[:, i].copy(),
            **{n: packed[n][i].item() for n in _POINT},
        )
        for i, (state, tangent) in enumerate(zip(states, tangents, strict=True))
    )


def stored_branch(
    path: Path, layout: Iterable[str], newton: BorderedNewton
) -> tuple[Point, ...] | None:
    """Return the points of the last checkpoint in a run folder, None if it has none. Collective.

    Raises
    ------
    InputError, RunError
        If there are checkpoints and none fits, or it belongs to another mesh.
    """
    content = RunFolder(path, newton.film.comm).open_checkpoints(layout).latest()
    if content is None:
        return None
    return unpack_branch(content, newton, Numbering(newton.film.space))


class TransientCheckpoint:
    """Packs and unpacks the time steps of a stepper. Methods are collective.

    Parameters
    ----------
    stepper : Stepper
    """

    def __init__(self, stepper: Stepper) -> None:
        self.stepper = stepper
        self._film = Numbering(stepper.newton.film.space)
        self._below = stepper.substrate.numbering

    def pack(self, step: TimeStep) -> Arrays:
        """Return everything that the step step holds, and the solver's memory."""
        now, substrate = step.state, self.stepper.substrate
        packed = {name: np.array(getattr(now, name)) for name in _TRANSIENT}
        packed |= {f"circuit_{name}": np.array(getattr(now.circuit, name)) for name in _CIRCUIT}
        packed["planned"] = np.array(step.planned)
        packed |= {
            "thermal": self._below.gather(substrate.to_nodes(now.thermal)),
            "rate": self._below.gather(substrate.to_nodes(now.rate)),
            "substrate_coordinates": self._below.coordinates,
        }
        if now.memory is not None:
            packed["memory"] = self._film.gather(now.memory)
        return packed | _pack([now.state], [now.trend], self.stepper.newton, self._film)

    def unpack(self, packed: Arrays) -> TimeStep:
        """Return the time step that `pack` was given, and set the solver's memory.

        Raises
        ------
        RunError
            If it belongs to another mesh.
        """
        self._below.check(packed["substrate_coordinates"])
        substrate = self.stepper.substrate
        (state,), (trend,), factored = _unpack(packed, self.stepper.newton, self._film)
        if factored:
            self.stepper.factor_at(factored)
        now = TransientState(
            state=state,
            thermal=substrate.from_nodes(self._below.scatter(packed["thermal"])),
            rate=substrate.from_nodes(self._below.scatter(packed["rate"])),
            trend=trend,
            circuit=CircuitState(**{n: packed[f"circuit_{n}"].item() for n in _CIRCUIT}),
            memory=self._film.scatter(packed["memory"]) if "memory" in packed else None,
            **{name: packed[name].item() for name in _TRANSIENT},
        )
        return TimeStep(now, 0.0, packed["planned"].item())


def _pack(
    states: Sequence[State], trends: Sequence[Array], newton: BorderedNewton, numbering: Numbering
) -> dict[str, npt.NDArray[Any]]:
    """Arrays of the states and of their unknowns' derivatives along the branch or by time."""
    packed = {name: np.array([getattr(state, name) for state in states]) for name in _STATE}
    readings = [asdict(state.reading) for state in states]
    packed |= {f"reading_{name}": np.array([r[name] for r in readings]) for name in _READING}
    packed["newton_iterations"] = np.array(newton.iterations)
    # psi is the first component of both unknown and fields.
    rows = [np.hstack([s.unknown, s.fields[:, 1:], t]) for s, t in zip(states, trends, strict=True)]
    nodal = {"rows": np.stack(rows, axis=1)}
    if factored := newton.factored:
        nodal["factored_at"] = factored.unknown
        packed["factored_voltage"] = np.array(factored.voltage)
        packed["factored_step"] = np.array(factored.step)
        if factored.memory is not None:
            packed["factored_memory"] = numbering.gather(factored.memory)
    packed |= {n: numbering.gather(newton.layout.owned(rows)) for n, rows in nodal.items()}
    return packed | {"coordinates": numbering.coordinates}


def _unpack(
    packed: Arrays, newton: BorderedNewton, numbering: Numbering
) -> tuple[list[State], list[Array], Linearisation | None]:
    """States, derivatives of their unknowns, and where the factorisation in use was made."""
    numbering.check(packed["coordinates"])
    newton.iterations = int(packed["newton_iterations"])
    rows = newton.layout.gather(numbering.scatter(packed["rows"]))
    count = rows.shape[1]
    states = [
        State(
            unknown=rows[:, i, :2].copy(),
            fields=rows[:, i, [0, 2]],
            reading=Reading(**{n: packed[f"reading_{n}"][i].item() for n in _READING}),
            **{name: packed[name][i].item() for name in _STATE},
        )
        for i in range(count)
    ]
    factored = None
    if "factored_at" in packed:
        unknown = newton.layout.gather(numbering.scatter(packed["factored_at"]))
        voltage, step = (float(packed[f"factored_{name}"]) for name in ("voltage", "step"))
        memory = packed.get("factored_memory")
        memory = None if memory is None else numbering.scatter(memory)
        factored = Linearisation(unknown, voltage, step, memory)
    return states, [rows[:, i, 3:].copy() for i in range(count)], factored
