"""Key figures of a cell's RESET and second SET."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mitmodels.solvers.runs.files import Value

if TYPE_CHECKING:
    from mitmodels.solvers.cell.events import Event

Rows = Sequence[Mapping[str, float]]
Figures = dict[str, tuple[Value, str]]

_NO_VOLTAGE = 1e-9  # [V] a ramp through zero leaves rounding errors
_OPEN = 10.0  # resistance over that before the RESET


def cycle(rows: Rows, events: Sequence[Event], volume_per_charge: float) -> Figures:
    """Return the key figures of the first RESET and of the SET behind it; none without a RESET.

    ``V_reset`` and ``I_reset`` belong to the largest reverse current, ``V_open`` to ten times the
    resistance before, ``V_dissolved`` to a tip below 0.5 nm; all voltages are those of the source.
    ``gap_after_reset`` is the gap at the end of the reverse voltage. ``set_2_over_1`` compares the
    times to the compliance since the zero of the voltage. ``charge_imbalance`` is the change of
    volume that the ionic charge does not explain, over the largest volume.

    Parameters
    ----------
    rows
        Of ``iv.csv``.
    events
        Of the run.
    volume_per_charge
        Of the metal [m3/C].
    """
    t, V, I, gap, volume, charge = (  # noqa: E741
        np.array([row[name] for row in rows])
        for name in ("t", "V_source", "I", "gap", "volume", "charge")
    )
    begin, end = first_reverse(V)
    if begin == end:
        return {}
    largest = begin + int(np.argmin(I[begin:end]))
    R = np.array([row["V_cell"] for row in rows])[begin:end] / I[begin:end]
    opened = bool(_OPEN * R[0] < R.max())
    gone = [event.t for event in events if event.name == "dissolved"]
    sets = [event.t for event in events if event.name == "compliance"]
    zero = float(np.interp(0.0, V[end - 1 : end + 1], t[end - 1 : end + 1]))
    again = [when - zero for when in sets if when > zero]
    off = volume - volume[0] - volume_per_charge * charge
    return {
        "R_before_reset": (float(R[0]), "ohm"),
        "V_reset": (float(V[largest]), "V"),
        "I_reset": (float(I[largest]), "A"),
        "V_open": (_at(np.log(R / R[0] / _OPEN), V[begin:end]) if opened else None, "V"),
        "V_dissolved": (float(np.interp(gone[0], t, V)) if gone else None, "V"),
        "gap_after_reset": (float(gap[end - 1]), "m"),
        "set_2_over_1": (float(again[0] / sets[0]) if again else None, ""),
        "charge_imbalance": (float(np.abs(off).max() / volume.max()), ""),
    }


def _at(rising: npt.NDArray[np.float64], V: npt.NDArray[np.float64]) -> float:
    """Voltage of the first zero of a function that begins below it."""
    i = int(np.argmax(rising > 0))
    return float(np.interp(0.0, rising[i - 1 : i + 1], V[i - 1 : i + 1]))


def first_reverse(V: npt.NDArray[np.float64]) -> tuple[int, int]:
    """First row of the first negative voltages, and the one behind the last."""
    reverse = np.flatnonzero(V < -_NO_VOLTAGE)
    if not len(reverse):
        return 0, 0
    breaks = np.flatnonzero(np.diff(reverse) > 1)
    last = reverse[breaks[0]] if len(breaks) else reverse[-1]
    return int(reverse[0]), int(last) + 1
