"""Switching of a film: extrema, jumps and widths of a steady branch; delay and energy in time."""

from collections.abc import Callable
from dataclasses import dataclass

from mitmodels.cases.film.steady_branch import COMPLIANCE
from mitmodels.cases.film.steady_config import Config
from mitmodels.drive import following
from mitmodels.drive.protocol import Pulse
from mitmodels.solvers.film.branch import Branch, Jump
from mitmodels.solvers.film.continuation import Point
from mitmodels.solvers.film.interfaces import State
from mitmodels.solvers.film.time_stepping import TimeStep
from mitmodels.solvers.film.tr_bdf2 import TransientState
from mitmodels.solvers.runs.files import Entry

Entries = dict[str, Entry]
type Accepted = following.Accepted[TimeStep, TransientState]

NUCLEATES, FULL, EXTINGUISHED = "barrier nucleates", "barrier full", "barrier extinguished"
STORED = {NUCLEATES: "nucleated", FULL: "full", EXTINGUISHED: "extinguished"}

_NO_FOLD = "the branch has no fold"
_NO_MAXIMUM = "the current has no maximum"


@dataclass(frozen=True)
class Switching:
    """What is read off the branch; None for what this device does not do."""

    maximum: Point | None
    minimum: Point | None
    jumps: tuple[Jump, ...]
    nucleated: State | None
    half: State | None
    full: State | None
    limited: State | None

    @classmethod
    def read(cls, branch: Branch, config: Config) -> "Switching":
        """Solve for the states of the switching."""
        hot, length = float(config.film.barrier_temperature), float(config.geometry.length)
        trace, last = branch.continuation, branch.points[-1]
        limited = last.kind == COMPLIANCE
        maximum, jumps = branch.maximum(), branch.jumps()
        jumps += _limited_jumps(branch) if limited else ()
        up = next((jump for jump in jumps if jump.upward), None)

        def heated(place: str, read: Callable[[Point], float]) -> State | None:
            def solve(before: Point, after: Point) -> Point:
                return trace.at_temperature(before, after, place, hot)

            return _state(branch.first(read, hot, solve))

        def excess(point: Point) -> float:
            return point.state.reading.barrier_width - length / 2

        half = branch.first(excess, 0.0, lambda a, b: trace.search(a, b, excess, 1e-7 * length))
        return cls(
            maximum=maximum,
            minimum=branch.minimum(maximum) if maximum else None,
            jumps=jumps,
            nucleated=up.after if up else heated("centre", lambda p: p.state.reading.T_center),
            half=_state(half),
            full=heated("contact_centre", lambda p: p.state.reading.T_edge),
            limited=last.state if limited else None,
        )

    def summary(self, branch: Branch, load: float) -> Entries:
        """Key quantities with their units, source voltages behind a load resistor [ohm]."""
        return {**_loop(branch, self.jumps), **self._states(load)}

    def _states(self, load: float) -> Entries:
        """Key quantities of the states of the switching."""
        up = next((jump.after for jump in self.jumps if jump.upward), None)
        maximum, minimum = _state(self.maximum), _state(self.minimum)

        def source(state: State) -> float:
            return state.reading.V_device + load * state.current

        def width(state: State) -> float:
            return state.reading.barrier_width

        cold, still = "the barrier never nucleates", "nothing jumps up"
        resistance = _value(up, lambda state: state.reading.V_device / state.reading.I)
        return {
            "I_max": (_value(maximum, _current), "A", _NO_MAXIMUM),
            "V_at_I_max": (_value(maximum, source), "V", _NO_MAXIMUM),
            "P_switch": (_value(maximum, lambda state: state.reading.P), "W", _NO_MAXIMUM),
            "V_nucleated": (_value(self.nucleated, source), "V", cold),
            "d_nucleated": (_value(up, width), "m", still),
            "R_switched": (resistance, "ohm", still),
            "V_full": (_value(self.full, source), "V", "the barrier never reaches the contact"),
            "I_hold": (_value(minimum, _current), "A", "the current has no minimum"),
            "V_compliance": (_value(self.limited, source), "V", "the current is never limited"),
        }


def _state(point: Point | None) -> State | None:
    return None if point is None else point.state


def _value(state: State | None, read: Callable[[State], float]) -> float | None:
    return None if state is None else read(state)


def _current(state: State) -> float:
    return state.current


def _unit(branch: Branch) -> str:
    return "V" if branch.continuation.drive.by_voltage else "A"


def _loop(branch: Branch, jumps: tuple[Jump, ...]) -> Entries:
    """The first fold of each direction, and how far apart the source jumps up and down."""
    unit = _unit(branch)
    symbol = "V" if unit == "V" else "I"
    folds = dict(zip(("up", "down"), branch.folds, strict=False))
    drives = {jump.upward: jump.drive for jump in reversed(jumps)}
    loop = drives[True] - drives[False] if len(drives) == 2 else None
    one = _NO_FOLD if not folds else "the branch has only one fold"
    return {
        f"{symbol}_up": (folds["up"].drive if folds else None, unit, _NO_FOLD),
        f"{symbol}_down": (folds["down"].drive if len(folds) > 1 else None, unit, one),
        "hysteresis": (loop, unit, "the source does not jump both up and down"),
    }


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


def note(values: dict[str, float], accepted: Accepted) -> None:
    """Take a time step into account in what the summary says.

    Delay and recovery count from the middle of the flanks of the pulse in which the barrier
    nucleates, energies from its beginning.
    """
    state, position, step = accepted.point.state, accepted.position, accepted.segment.step
    reading = state.state.reading
    if values.get("step") != position.number:
        values |= {"step": position.number, "work_before": values.get("energy", 0.0)}
    largest = {"T_max": reading.T_max, "I_max": reading.I, "d_max": reading.barrier_width}
    values |= {name: max(value, values.get(name, 0.0)) for name, value in largest.items()}
    values["energy"] = state.work
    values["steps"] = values.get("steps", 0.0) + 1
    values["rejected_steps"] = values.get("rejected_steps", 0.0) + len(accepted.point.rejected)
    for event in accepted.events:
        name = STORED.get(event, "")
        if name and f"t_{name}" not in values:
            values |= {f"t_{name}": state.time, f"V_{name}": reading.V_device}
            values[f"I_{name}"] = reading.I
            if event == NUCLEATES and isinstance(step, Pulse):
                fall = step.rise if step.fall is None else step.fall
                values["pulse"] = position.number
                values["pulse_fall"] = position.time + step.rise + step.width + fall / 2
                values["switching_delay"] = state.time - position.time - step.rise / 2
                values["switching_energy"] = state.work - values["work_before"]
            if event == EXTINGUISHED and "pulse_fall" in values:
                values["recovery_time"] = state.time - values["pulse_fall"]
    if values.get("pulse") == position.number:
        values["pulse_energy"] = state.work - values["work_before"]


_COLD = "the barrier never nucleates"
_NO_PULSE = "the barrier does not nucleate in a pulse"
_NEVER_FULL = "the barrier never reaches the contact"
_LASTS = "the barrier is not extinguished"
# Unit of each key of the summary, and why it has no value if it has none.
IN_TIME = {
    "t_nucleated": ("s", _COLD),
    "V_nucleated": ("V", _COLD),
    "I_nucleated": ("A", _COLD),
    "switching_delay": ("s", _NO_PULSE),
    "switching_energy": ("J", _NO_PULSE),
    "pulse_energy": ("J", _NO_PULSE),
    "t_full": ("s", _NEVER_FULL),
    "V_full": ("V", _NEVER_FULL),
    "t_extinguished": ("s", _LASTS),
    "V_extinguished": ("V", _LASTS),
    "I_extinguished": ("A", _LASTS),
    "recovery_time": ("s", f"{_NO_PULSE}, or is not extinguished"),
    "T_max": ("K", ""),
    "I_max": ("A", ""),
    "d_max": ("m", ""),
    "energy": ("J", ""),
    "steps": ("", ""),
    "rejected_steps": ("", ""),
}
