"""SPICE text: numbers, tables and sources as Debian's ngspice reads them.

A table is the function ``pwl`` of a behavioural source. Equal abscissae are an error there, and
beyond its ends it goes on along the last line: twins in the printed digits are dropped, and each
end gets a point far away.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import inf

from mitmodels.circuit import SeriesCircuit
from mitmodels.compact.table import Curve
from mitmodels.drive.waveform import Waveform

WIRE = 1e-3
"""In series with a load, which may be none: its rounding errors are no current [ohm]."""
SHARP = 1e-3
"""Softness of a limit that is sharp [V]."""
_WIDTH = 96
_BEYOND = 1e3  # widths of a table from its ends to the points beyond them
_QUARTER = 32  # straight lines for a quarter of a sine


def number(value: float) -> str:
    """Return a number in 12 digits."""
    return f"{value:.12g}"


def wrapped(words: Iterable[str]) -> str:
    """Join words into one statement on lines of ordinary length."""
    lines, line = [], ""
    for word in words:
        if line and len(line) + len(word) > _WIDTH:
            lines.append(line)
            line = "+"
        line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def points(x: Sequence[float], y: Sequence[float]) -> list[tuple[str, str]]:
    """Return the points of a curve as printed, without abscissae that print alike."""
    printed = [(number(a), number(b)) for a, b in zip(x, y, strict=True)]
    later = [after for before, after in pairwise(printed) if float(after[0]) > float(before[0])]
    return [printed[0], *later]


def pwl(argument: str, curve: Curve) -> list[str]:
    """Return the words of a curve as a function of an expression, constant beyond its ends."""
    inside = points(curve.x.tolist(), curve.y.tolist())
    beyond = _BEYOND * float(curve.x[-1] - curve.x[0])
    low = (number(float(curve.x[0]) - beyond), inside[0][1])
    high = (number(float(curve.x[-1]) + beyond), inside[-1][1])
    pairs = [f"{x},{y}" for x, y in (low, *inside, high)]
    return [f"pwl({argument},", *(f"{pair}," for pair in pairs[:-1]), f"{pairs[-1]})"]


def source(name: str, plus: str, minus: str, corners: Sequence[tuple[float, float]]) -> str:
    """Return an independent source (``V...`` or ``I...``) along corners (time [s], value)."""
    words = [f"{number(t)} {number(value)}" for t, value in corners]
    return wrapped([f"{name} {plus} {minus} PWL(", *words, ")"])


def series(circuit: SeriesCircuit, plus: str, minus: str) -> str:
    """Return the load between two nodes, a capacitance before it and a limit if there are."""
    limited, lines = circuit.limit < inf, []
    if circuit.is_blocked:
        lines.append(f"C_series {plus} blocked {number(circuit.series_capacitance)}")
        plus = "blocked"
    behind = "limited" if circuit.load and limited else minus
    if limited:
        softness, drop = number(circuit.softness or SHARP), f"v({plus},{behind})"
        law = f"{drop} > 0 ? 1 - exp(-max({drop},0)/{softness}) : {drop}/{softness}"
        lines.append(f"B_limit {plus} {behind} I = {number(circuit.limit)} * ({law})")
    if circuit.load or not limited:
        begin = "limited" if limited else plus
        lines.append(f"R_load {begin} {minus} {number(circuit.load + WIRE)}")
    return "\n".join(lines)


def stores(circuit: SeriesCircuit) -> list[str]:
    """Return the inductance from node l to d and the capacitance across d, if there are."""
    lines = []
    if circuit.inductance:
        lines.append(f"L_series l d {number(circuit.inductance)}")
    if circuit.capacitance:
        lines.append(f"C_across d 0 {number(circuit.capacitance)}")
    return lines


def corners(waveforms: Iterable[Waveform]) -> list[tuple[float, float]]:
    """Return the corners of waveforms that follow one another; a sine becomes straight lines."""
    found: list[tuple[float, float]] = []
    for waveform in waveforms:
        times: list[float] = [waveform.start]
        count = _QUARTER if waveform.is_sine else 1
        for t0, t1 in pairwise(waveform.times):
            times += [t0 + (t1 - t0) * i / count for i in range(1, count)] + [t1]
        found += [(t, waveform(t)) for t in times if not found or t > found[-1][0]]
    return found


def comment(text: str) -> str:
    """Return lines of text as comments."""
    return "\n".join(f"* {line}".rstrip() for line in text.splitlines())
