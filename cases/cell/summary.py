"""Key quantities of a metallization cell's SET, its RESET and the SET behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mitmodels.solvers.cell.outline import Outline
from mitmodels.solvers.runs.files import Entry

if TYPE_CHECKING:
    from mitmodels.solvers.cell.events import Event

Rows = Sequence[Mapping[str, float]]
Summary = dict[str, Entry]
Beyond = Callable[[float], str]  # the laws whose range was left by a time [s], in words

_BOUNDS = (
    "hopping limit",
    "half the barrier",
    "the barrier",
    "melting",
    "thermal time",
)  # of the model
_NO_VOLTAGE = 1e-9  # [V] a ramp through zero leaves rounding errors
_OPEN = 10.0  # resistance over that before the RESET
_LEAST = 1e-300  # [A] a current of which the resistance is a number
_NO_NUCLEUS = "the filament waits for no nucleus: nucleation is not given, or none appears"
_PASSED = ("nucleation", "onset", "void", "set", "compliance")
_NO_SET = "the gap stays above 0.5 nm"
_NO_ONSET = "the tip stays below 0.5 nm"
_NO_RECESS = "the tip does not pass the initial face of the active electrode"
_NO_LIMIT = "the current stays below 95 % of a compliance"
_NO_RESET = "there is no RESET: the voltage of the source is never negative"
_CYCLE = {  # units, and why there may be no value
    "R_before_reset": ("ohm", "there is no current before the RESET"),
    "V_reset": ("V", ""),
    "I_reset": ("A", ""),
    "V_open": ("V", "the resistance stays below ten times that before the RESET"),
    "V_dissolved": ("V", "the tip stays above 0.5 nm"),
    "gap_after_reset": ("m", ""),
    "set_2_over_1": ("", "there is no SET behind the RESET"),
    "charge_imbalance": ("", ""),
}


def growth(rows: Rows, outline: Outline, events: Sequence[Event], beyond: Beyond) -> Summary:
    """Return what a run says of the growth and of the low state at its end.

    Parameters
    ----------
    rows
        Of ``iv.csv``.
    outline
        At the end.
    events
        Of the run.
    beyond
        Marks what was read beyond the range of a law.
    """
    last, times = rows[-1], {event.name: event.t for event in reversed(events)}
    t, V = (np.array([row[name] for row in rows]) for name in ("t", "V_source"))
    passed = {name: times.get(name) for name in _PASSED}
    sources = {
        name: None if at is None else float(np.interp(at, t, V)) for name, at in passed.items()
    }
    R = last["R"] if math.isfinite(last["R"]) else None
    touching = last["I"] if "contact" in times else None
    said = {name: "" if at is None else beyond(at) for name, at in passed.items()}
    at_end = beyond(last["t"])
    return {
        "t_nucleation": (passed["nucleation"], "s", _NO_NUCLEUS, said["nucleation"]),
        "V_nucleation": (sources["nucleation"], "V", _NO_NUCLEUS, said["nucleation"]),
        "t_onset": (passed["onset"], "s", _NO_ONSET, said["onset"]),
        "t_void": (passed["void"], "s", _NO_RECESS, said["void"]),
        "t_set": (passed["set"], "s", _NO_SET, said["set"]),
        "t_compliance": (passed["compliance"], "s", _NO_LIMIT, said["compliance"]),
        "V_onset": (sources["onset"], "V", _NO_ONSET, said["onset"]),
        "V_void": (sources["void"], "V", _NO_RECESS, said["void"]),
        "V_set": (sources["set"], "V", _NO_SET, said["set"]),
        "left_the_model": (_reasons(times), ""),
        "T_max": (max(row["T_max"] for row in rows), "K", "", at_end),
        "R_LRS": (R, "ohm", "nothing conducts at the end", at_end),
        "I_max": (max(row["I"] for row in rows), "A", "", at_end),
        "I_contact": (touching, "A", "the filament does not touch the active electrode", at_end),
        "gap_final": (last["gap"], "m", "", at_end),
        "tip_radius": (last["tip_radius"], "m", "", at_end),
        "radius_20_over_80": (_taper(outline), "", "", at_end),
        "end": (_end(times, rows), ""),
        "steps": (len(rows) - 1, ""),
        "remeshes": (sum(event.name == "remesh" for event in events), ""),
        "rejected_steps": (sum(event.name == "rejected" for event in events), ""),
    }


def _reasons(times: Mapping[str, float]) -> str:
    """Name the bounds of the model that were passed, in the order of time."""
    return ", ".join(sorted(set(_BOUNDS) & times.keys(), key=lambda name: times[name])) or "no"


def _end(times: Mapping[str, float], rows: Rows) -> str:
    if times.get("contact", -math.inf) > rows[max(len(rows) - 2, 0)]["t"]:
        return "contact"
    if "geometry" in times:
        return "the filament's geometry cannot be followed further: see events.csv"
    if "onset" not in times:
        return "end of the protocol, without growth: the tip stays below 0.5 nm"
    return "end of the protocol"


def _taper(outline: Outline) -> float:
    """Radius at 20 % of the height over that at 80 %: 1 of a cylinder, 4 of a cone."""
    low, high = outline.profile(np.array([0.2, 0.8]) * outline.height, below_tip=0.0)
    return float(low / high)


def cycle(rows: Rows, events: Sequence[Event], volume_per_charge: float, beyond: Beyond) -> Summary:
    """Return the key quantities of the first RESET and of the SET behind it.

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
    beyond
        Marks what was read beyond the range of a law: during the RESET, or by the run's end.
    """
    t, V, I, gap, volume, charge = (  # noqa: E741
        np.array([row[name] for row in rows])
        for name in ("t", "V_source", "I", "gap", "volume", "charge")
    )
    begin, end = first_reverse(V)
    if begin == end:
        return {name: (None, unit, _NO_RESET) for name, (unit, _) in _CYCLE.items()}
    largest = begin + int(np.argmin(I[begin:end]))
    V_cell = np.array([row["V_cell"] for row in rows])[begin:end]
    R = np.abs(V_cell) / np.maximum(np.abs(I[begin:end]), _LEAST)
    opened = bool(_OPEN * R[0] < R.max())
    gone = [event.t for event in events if event.name == "dissolved"]
    sets = [event.t for event in events if event.name == "compliance"]
    zero = float(np.interp(0.0, V[end - 1 : end + 1], t[end - 1 : end + 1]))
    again = [when - zero for when in sets if when > zero]
    off = volume - volume[0] - volume_per_charge * charge
    values: dict[str, float | None] = {
        "R_before_reset": float(R[0]) if abs(I[begin]) > _LEAST else None,
        "V_reset": float(V[largest]),
        "I_reset": float(I[largest]),
        "V_open": _at(np.log(R / R[0] / _OPEN), V[begin:end]) if opened else None,
        "V_dissolved": float(np.interp(gone[0], t, V)) if gone else None,
        "gap_after_reset": float(gap[end - 1]),
        "set_2_over_1": float(again[0] / sets[0]) if again else None,
        "charge_imbalance": float(np.abs(off).max() / volume.max()),
    }
    reset, at_end = beyond(float(t[end - 1])), beyond(float(t[-1]))
    said = dict.fromkeys(_CYCLE, reset) | dict.fromkeys(
        ("set_2_over_1", "charge_imbalance"), at_end
    )
    return {name: (values[name], *words, said[name]) for name, words in _CYCLE.items()}


def _at(rising: npt.NDArray[np.float64], V: npt.NDArray[np.float64]) -> float:
    """Voltage of the first zero of a function that begins below it."""
    i = int(np.argmax(rising > 0))
    return float(np.interp(0.0, rising[i - 1 : i + 1], V[i - 1 : i + 1]))


def first_reverse(V: npt.NDArray[np.float64]) -> tuple[int, int]:
    """First row of the first negative voltages, and the one behind the last."""
    return next(reverses(V), (0, 0))


def reverses(V: npt.NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """Yield the first row of negative voltages, and the one behind the last, each time."""
    reverse = np.flatnonzero(V < -_NO_VOLTAGE)
    for rows in np.split(reverse, np.flatnonzero(np.diff(reverse) > 1) + 1):
        if len(rows):
            yield int(rows[0]), int(rows[-1]) + 1
