"""The points of a branch as arrays that any number of ranks can take up again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from mitmodels.film.observables import Reading
from mitmodels.solvers.film.continuation import Point
from mitmodels.solvers.film.newton import BorderedNewton, State
from mitmodels.solvers.runs.numbering import Numbering

Arrays = Mapping[str, npt.NDArray[Any]]

_POINT = ("s", "drive", "dV", "d_drive", "d_current", "kind")
_STATE = ("voltage", "current", "iterations")
_READING = tuple(field.name for field in fields(Reading))
_MEMORY = ("newton_iterations", "factored_voltage", "factored_at")
LAYOUT = (*_POINT, *_STATE, *(f"reading_{n}" for n in _READING), *_MEMORY, "rows", "coordinates")


def pack_branch(points: Sequence[Point], newton: BorderedNewton, numbering: Numbering) -> Arrays:
    """Return everything that the points hold, and the solver's memory. Collective.

    What belongs to nodes is there on rank 0 only.
    """
    rows = [newton.layout.owned(_rows(point)) for point in points]
    packed = {name: np.array([getattr(p, name) for p in points]) for name in _POINT}
    packed |= {name: np.array([getattr(p.state, name) for p in points]) for name in _STATE}
    readings = [asdict(point.state.reading) for point in points]
    packed |= {f"reading_{name}": np.array([r[name] for r in readings]) for name in _READING}
    packed["newton_iterations"] = np.array(newton.iterations)
    if newton.factored:
        unknown, voltage = newton.factored
        place = numbering.gather(newton.layout.owned(unknown))
        packed |= {"factored_voltage": np.array(voltage)}
        packed |= {} if place is None else {"factored_at": place}
    complete = numbering.gather(np.stack(rows, axis=1))
    if complete is not None and numbering.coordinates is not None:
        packed |= {"rows": complete, "coordinates": numbering.coordinates}
    return packed


def unpack_branch(
    packed: Arrays, newton: BorderedNewton, numbering: Numbering
) -> tuple[Point, ...]:
    """Return the points that `pack_branch` was given, and set the solver's memory. Collective.

    Raises
    ------
    RunError
        If they belong to another mesh.
    """
    numbering.check(packed["coordinates"])
    rows = newton.layout.gather(numbering.scatter(packed["rows"]))
    newton.iterations = int(packed["newton_iterations"])
    if "factored_at" in packed:
        place = newton.layout.gather(numbering.scatter(packed["factored_at"]))
        newton.factor_at(place, float(packed["factored_voltage"]))
    return tuple(_point(packed, i, rows[:, i]) for i in range(rows.shape[1]))


def _rows(point: Point) -> npt.NDArray[np.float64]:
    """Unknown, temperature and tangent side by side: psi is the first component of both."""
    return np.hstack([point.state.unknown, point.state.fields[:, 1:], point.tangent])


def _point(packed: Arrays, i: int, rows: npt.NDArray[np.float64]) -> Point:
    reading = Reading(**{name: packed[f"reading_{name}"][i].item() for name in _READING})
    state = State(
        unknown=rows[:, :2].copy(),
        fields=rows[:, [0, 2]],
        reading=reading,
        **{name: packed[name][i].item() for name in _STATE},
    )
    tangent = rows[:, 3:].copy()
    return Point(state=state, tangent=tangent, **{n: packed[n][i].item() for n in _POINT})
