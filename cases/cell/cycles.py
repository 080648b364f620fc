"""Series of cycles of a metallization cell: what every SET and RESET of a run came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mitmodels.cases.cell.summary import reverses

if TYPE_CHECKING:
    from mitmodels.solvers.cell.events import Event

UNITS = {
    "cycle": "",
    "t_begin": "s",
    "t_nucleation": "s",
    "V_nucleation": "V",
    "t_set": "s",
    "V_set": "V",
    "R_on": "ohm",
    "V_reset": "V",
    "R_off": "ohm",
}


def cycles(
    rows: Sequence[Mapping[str, float]], events: Sequence[Event]
) -> Iterator[dict[str, float | None]]:
    """Yield the cycles of a run, each up to the end of a reverse voltage.

    ``t_set`` and ``V_set`` are those of the event ``set``, ``V_reset`` belongs to the largest
    reverse current. Times count from ``t_begin``, where the voltage leaves zero, voltages are those
    of the source. ``R_on`` is read where the voltage turns, ``R_off`` at the end of the reverse
    voltage. What there is not is None.

    Parameters
    ----------
    rows
        Of ``iv.csv``.
    events
        Of the run.
    """
    names = ("t", "V_source", "I", "R")
    t, V, I, R = (np.array([row[name] for row in rows]) for name in names)  # noqa: E741
    start = float(t[0])
    for number, (begin, end) in enumerate(reverses(V), start=1):
        first = {
            name: next((e.t for e in events if e.name == name and start < e.t <= t[begin]), None)
            for name in ("nucleation", "set")
        }
        since = {name: None if at is None else at - start for name, at in first.items()}
        volts = {n: None if at is None else float(np.interp(at, t, V)) for n, at in first.items()}
        yield {
            "cycle": number,
            "t_begin": start,
            "t_nucleation": since["nucleation"],
            "V_nucleation": volts["nucleation"],
            "t_set": since["set"],
            "V_set": volts["set"],
            "R_on": float(R[begin]),
            "V_reset": float(V[begin + int(np.argmin(I[begin:end]))]),
            "R_off": float(R[end - 1]),
        }
        start = float(np.interp(0.0, V[end - 1 : end + 1], t[end - 1 : end + 1]))
