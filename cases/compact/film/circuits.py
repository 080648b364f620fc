"""Circuits around the compact model of a film, solved by ngspice, and what they show."""

from dataclasses import dataclass

import numpy as np

from mitmodels.cases.compact.comparison import EXACT, Corners, Trace
from mitmodels.cases.compact.ngspice import Transient, solve
from mitmodels.circuit import SeriesCircuit
from mitmodels.compact import spice
from mitmodels.compact.film import FilmModel, subcircuit

_SLOW = 6000.0  # lags of the temperature that a sweep takes, to be quasi-static
_BEYOND = 1.5  # times a fold, up to which a sweep is slow
_POINTS = 4000  # of a sweep and of a pulse at least
_JUMP = 200.0  # change of the temperature, over its range, per that of the source, over its peak


@dataclass(frozen=True)
class Drive:
    """A source over time.

    Attributes
    ----------
    corners : list of (s, V or A)
    by_voltage : bool
    """

    corners: Corners
    by_voltage: bool

    @property
    def stop(self) -> float:
        """When it ends [s]."""
        return self.corners[-1][0]


def netlist(
    model: FilmModel, drive: Drive, circuit: SeriesCircuit, parameters: str = "", pin: float = 0.0
) -> str:
    """Return the model in a circuit, driven; ``pin`` is the rise at its thermal pin [K]."""
    kind = "V" if drive.by_voltage else "I"
    ends = ("s", "0") if drive.by_voltage else ("0", "s")
    lines = [
        subcircuit(model, ""),
        spice.source(f"{kind}_source", *ends, drive.corners),
        spice.series(circuit, "s", "l" if circuit.inductance else "d"),
        "V_ammeter d p 0",
        f"X_film p 0 heat film {parameters}",
        f"V_heat heat 0 {pin:.12g}",
        *spice.stores(circuit),
    ]
    return "\n".join([*lines, ""])


def driven(
    model: FilmModel,
    drive: Drive,
    circuit: SeriesCircuit,
    parameters: str = "",
    pin: float = 0.0,
    options: str = EXACT,
    points: int = _POINTS,
) -> Trace:
    """Solve the model in a circuit from rest to the end of the drive, in so many steps at least.

    Raises
    ------
    InputError
        If there is no ngspice.
    RunError
        If it does not come to the end.
    """
    text = netlist(model, drive, circuit, parameters, pin)
    names = ("v(p)", "i(V_ammeter)", "v(x_film.hot)")
    found = solve(Transient(text, drive.stop, drive.stop / points, names, options))
    source = np.interp(found.time, *np.array(drive.corners).T)
    return Trace(found.time, source, found["v(p)"], found["i(v_ammeter)"], found["v(x_film.hot)"])


def sweep(
    model: FilmModel,
    peak: float,
    by_voltage: bool,
    folds: tuple[float | None, float | None] = (None, None),
) -> Drive:
    """Quasi-static sweep up to a peak [V or A] and down again.

    Where a fold on the way up, or the one on the way down, is far below the peak, the source is as
    slow again from zero to beyond it.
    """
    half = _SLOW / 2 * model.lag
    up, down = ([_BEYOND * fold] if fold and _BEYOND * fold < peak else [] for fold in folds)
    values = (0.0, *up, peak, *down, 0.0)
    return Drive([(i * half, value) for i, value in enumerate(values)], by_voltage)


def jumps(trace: Trace) -> tuple[float | None, float | None]:
    """Source at which the film jumps on the way up and on the way down; None where it does not."""
    turn, peak = int(np.argmax(trace.source)), float(trace.source.max())
    T = (trace.hottest - trace.hottest.min()) / np.ptp(trace.hottest)
    steps = np.abs(np.diff(T)) / (np.abs(np.diff(trace.source)) / peak + 1e-12)
    found = [np.flatnonzero(steps[:turn] > _JUMP), turn + np.flatnonzero(steps[turn:] > _JUMP)]
    first, last = (float(trace.source[at[0]]) if at.size else None for at in found)
    return first, last
