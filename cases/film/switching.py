"""What is read off the branch of steady states of a film: extrema, jumps, widths of the barrier."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from mitmodels.cases.film.steady_config import Config
from mitmodels.solvers.film.branch import Branch, Jump
from mitmodels.solvers.film.continuation import Point
from mitmodels.solvers.film.interfaces import State
from mitmodels.solvers.runs.files import Value

Entries = dict[str, tuple[Value, str]]


@dataclass(frozen=True)
class Switching:
    """What is read off the branch; None for what this device does not do."""

    peak: Point | None
    valley: Point | None
    jumps: tuple[Jump, ...]
    nucleated: State | None
    half: State | None
    full: State | None
    limited: State | None

    @classmethod
    def read(cls, branch: Branch, config: Config) -> "Switching":
        """Land on the states of the switching."""
        hot, length = float(config.film.barrier_temperature), float(config.geometry.length)
        last = branch.points[-1]
        limited = float(config.circuit.compliance or np.inf) * (1 - 1e-9) <= last.state.current
        peak, jumps = branch.peak(), branch.jumps() + (_limited_jumps(branch) if limited else ())
        up = next((jump for jump in jumps if jump.upward), None)
        smooth = partial(branch.land_temperature, lambda r: r.T_center, "centre", hot)
        return cls(
            peak=peak,
            valley=branch.valley(peak) if peak else None,
            jumps=jumps,
            nucleated=up.after if up else smooth(),
            half=branch.land_reading(lambda r: r.barrier_width, length / 2),
            full=branch.land_temperature(lambda r: r.T_edge, "contact_centre", hot),
            limited=last.state if limited else None,
        )

    def summary(self, branch: Branch, load: float) -> Entries:
        """Key figures with their units, source voltages behind a load resistor [ohm]."""
        return {
            **_loop(branch, self.jumps),
            **self._states(load),
            **_widths(branch),
        }

    def _states(self, load: float) -> Entries:
        """Figures of the states of the switching."""
        entries: Entries = {}
        if self.peak:
            peak = self.peak.state
            entries["I_max"] = (peak.current, "A")
            entries["V_at_I_max"] = (_source(peak, load), "V")
            entries["P_switch"] = (peak.reading.P, "W")
        up = next((jump for jump in self.jumps if jump.upward), None)
        if up:
            after = up.after.reading
            entries["d_nucleated"] = (after.barrier_width, "m")
            entries["R_switched"] = (after.V_device / after.I, "ohm")
        if self.full:
            entries["V_full"] = (_source(self.full, load), "V")
        if self.valley:
            entries["I_hold"] = (self.valley.state.current, "A")
        if self.limited:
            entries["V_compliance"] = (_source(self.limited, load), "V")
        return entries


def _source(state: State, load: float) -> float:
    return state.reading.V_device + load * state.current


def _unit(branch: Branch) -> str:
    return "V" if branch.continuation.drive.voltage else "A"


def _loop(branch: Branch, jumps: tuple[Jump, ...]) -> Entries:
    """The first fold of each direction, and how far apart the source jumps up and down."""
    unit = _unit(branch)
    symbol = "V" if unit == "V" else "I"
    entries: Entries = {
        f"{symbol}_{way}": (fold.drive, unit)
        for way, fold in zip(("up", "down"), branch.folds, strict=False)
    }
    drives = {jump.upward: jump.drive for jump in reversed(jumps)}
    if len(drives) == 2:
        entries["hysteresis"] = (drives[True] - drives[False], unit)
    return entries


def _widths(branch: Branch) -> Entries:
    """Width of the barrier at 20 and 30 V of the source."""
    entries: Entries = {}
    for voltage in (20.0, 30.0) if _unit(branch) == "V" else ():
        widths = [point.state.reading.barrier_width for point in branch.land(voltage)]
        if widths and widths[-1] > 0:
            entries[f"d_at_{voltage:.0f}V"] = (widths[-1], "m")
    return entries


def _limited_jumps(branch: Branch) -> tuple[Jump, ...]:
    """Jumps to and from a last state that only the limit of the current keeps stable."""
    folds, last = branch.folds, branch.points[-1]
    if len(folds) % 2 == 0:
        return ()
    below = branch.land(last.drive)[-1]
    return (
        Jump(True, folds[-1].drive, folds[-1].state, last.state),
        Jump(False, last.drive, last.state, below.state),
    )
