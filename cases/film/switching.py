"""Switching of a film: extrema, jumps and widths of a steady branch; delay and energy in time."""

import math
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from mitmodels.cases.film.steady_branch import COMPLIANCE
from mitmodels.cases.film.steady_config import Config, Prepared
from mitmodels.drive import following
from mitmodels.drive.steps import Pulse
from mitmodels.film.observables import READ_AT, STEADY_FILM, OperatingPoint
from mitmodels.magnetism.kerr_state import FilmGrid, KerrState, findings
from mitmodels.solvers.film.branch import Branch, Jump
from mitmodels.solvers.film.fields import NODAL, WholeFilm
from mitmodels.solvers.film.interfaces import State
from mitmodels.solvers.film.points import Point
from mitmodels.solvers.film.transient.time_stepping import TimeStep
from mitmodels.solvers.film.transient.tr_bdf2 import TransientState
from mitmodels.solvers.petsc import SolverError
from mitmodels.solvers.runs.files import Entry
from mitmodels.solvers.runs.parallel import on_root

Entries = dict[str, Entry]
type Accepted = following.Accepted[TimeStep, TransientState]

NUCLEATES, FULL, EXTINGUISHED = "barrier nucleates", "barrier full", "barrier extinguished"
STORED = {NUCLEATES: "nucleated", FULL: "full", EXTINGUISHED: "extinguished"}

_COLD = "the barrier never nucleates"
_NEVER_FULL = "the barrier never reaches the contact"
# Key quantities that are read at a point or line which a mesh may not have.
_READ_AT = {
    "d_nucleated": READ_AT["barrier_width"],
    "d_max": READ_AT["barrier_width"],
    **dict.fromkeys(("V_full", "t_full"), READ_AT["T_edge"]),
}


def unread(parts: Container[str]) -> dict[str, str]:
    """Return which key quantities a mesh with some named parts does not show, and why."""
    return {
        name: f'the mesh has no "{part}"' for name, part in _READ_AT.items() if part not in parts
    }


@dataclass(frozen=True)
class Switching:
    """What is read off the branch; None for what this device does not do.

    ``failed`` has the reason for each of these that was not solved for.
    """

    maximum: Point | None
    minimum: Point | None
    jumps: tuple[Jump, ...]
    nucleated: State | None
    half: State | None
    full: State | None
    limited: State | None
    failed: Mapping[str, str]

    @classmethod
    def read(cls, branch: Branch, config: Config) -> "Switching":
        """Solve for the states of the switching."""
        hot, length = float(config.film.barrier_temperature), float(config.geometry.length)
        last = branch.points[-1]
        limited, failed = last.kind == COMPLIANCE, dict[str, str]()

        def attempt[T](name: str, search: Callable[[], T]) -> T | None:
            try:
                return search()
            except SolverError as error:
                failed[name] = f"it is not solved for: {error}"
                return None

        maximum = attempt("maximum", branch.maximum)
        jumps = attempt("jumps", branch.jumps) or ()
        if limited:
            jumps += attempt("jumps", lambda: _limited_jumps(branch)) or ()
        up = next((jump for jump in jumps if jump.upward), None)
        nucleated = up.after if up else None
        if not up:
            nucleated = _state(attempt("nucleated", lambda: _heated(branch, "T_center", hot)))
        return cls(
            maximum=maximum,
            minimum=attempt("minimum", lambda: branch.minimum(maximum)) if maximum else None,
            jumps=jumps,
            nucleated=nucleated,
            half=_state(attempt("half", lambda: _widened(branch, length / 2))),
            full=_state(attempt("full", lambda: _heated(branch, "T_edge", hot))),
            limited=last.state if limited else None,
            failed=failed,
        )

    def summary(self, branch: Branch, prepared: Prepared) -> Entries:
        """Key quantities with their units; voltages are those of the source. Collective."""
        load, beyond = prepared.load, prepared.beyond
        up = next((jump.after for jump in self.jumps if jump.upward), None)
        maximum, minimum = _state(self.maximum), _state(self.minimum)

        def entry(name: str, state: State | None, reason: str) -> Entry:
            shown = STEADY_FILM.find(name)
            value = shown.read(OperatingPoint(state.reading, load)) if state else None
            return value, shown.unit, reason, beyond(state.reading.T_max) if state else ""

        ended = ended_early(branch, prepared)

        def failed(name: str, reason: str) -> str:
            return self.failed.get(name) or ended or reason

        flat = failed("maximum", "the current has no maximum")
        falling = failed("minimum", "the current has no minimum")
        still = failed("jumps", "nothing jumps up")
        resistance = up.reading.V_device / up.reading.I if up else None
        parts = branch.continuation.newton.film.device.names
        found: Entries = {
            **_loop(branch, self.jumps, beyond),
            "I_max": entry("I", maximum, flat),
            "V_at_I_max": entry("V_source", maximum, flat),
            "P_switch": entry("P", maximum, flat),
            "V_nucleated": entry("V_source", self.nucleated, failed("nucleated", _COLD)),
            "d_nucleated": entry("barrier_width", up, still),
            "R_switched": (resistance, "ohm", still, beyond(up.reading.T_max) if up else ""),
            "V_full": entry("V_source", self.full, failed("full", _NEVER_FULL)),
            "I_hold": entry("I", minimum, falling),
            "V_compliance": entry("V_source", self.limited, "the current is never limited"),
        }
        if up is None and self.nucleated is None and READ_AT["T_center"] not in parts:
            found["V_nucleated"] = (None, "V", 'nothing jumps up, and the mesh has no "centre"')
        if (spot := prepared.config.output.kerr_spot) is not None:
            found |= _kerr(branch, self.nucleated, prepared, spot)
        absent = {name: why for name, why in unread(parts).items() if name in found}
        return found | {name: (None, found[name][1], why) for name, why in absent.items()}


def ended_early(branch: Branch, prepared: Prepared) -> str:
    """Where the branch ended before its ramp did, which leaves open what comes behind, or ""."""
    last = branch.points[-1]
    if last.kind == COMPLIANCE or last.drive >= prepared.limit:
        return ""
    return f"the branch ended before, at {last.drive:.6g} {prepared.protocol.unit}"


def _kerr(branch: Branch, nucleated: State | None, prepared: Prepared, spot: float) -> Entries:
    """What a laser spot [m] sees behind the jump and on the way up from there. Collective."""
    newton = branch.continuation.newton
    whole, grid = WholeFilm(newton.film), None
    ambient, found = float(prepared.config.ambient.temperature), list[KerrState]()
    last = [point.state for point in branch.sweep(upward=True)[-1]]
    for state in last if nucleated is None else [nucleated, *last]:
        newton.set_fields(state)
        V = OperatingPoint(state.reading, prepared.load).V_source
        if mesh := whole.state():
            film = mesh.triangles[mesh.cellwise["region"] == 0]
            grid = grid or FilmGrid(mesh.points, film)
            T = grid.sampled(mesh.nodal[NODAL[1]])
            found.append(KerrState(f"{V:.4g} V", V, ambient, T))

    def read() -> Entries:
        return dict(findings(found, found[0] if nucleated is not None else None, spot))

    return on_root(whole.film.comm, read)


def _heated(branch: Branch, name: str, temperature: float) -> Point | None:
    """First state in which the temperature [K] of a named point of the device rises to a value."""
    trace = branch.continuation

    def solve(before: Point, after: Point) -> Point:
        return trace.at_temperature(before, after, READ_AT[name], temperature)

    return branch.first(lambda p: float(getattr(p.state.reading, name)), temperature, solve)


def _widened(branch: Branch, width: float) -> Point | None:
    """First state with a barrier of a width [m]."""

    def excess(point: Point) -> float:
        return point.state.reading.barrier_width - width

    trace = branch.continuation
    return branch.first(excess, 0.0, lambda a, b: trace.search(a, b, excess, 2e-7 * width))


def _state(point: Point | None) -> State | None:
    return None if point is None else point.state


def _loop(branch: Branch, jumps: tuple[Jump, ...], beyond: Callable[[float], str]) -> Entries:
    """The first fold of each direction, and how far apart the source jumps up and down."""
    symbol, unit = ("V", "V") if branch.continuation.drive.by_voltage else ("I", "A")
    folds = dict(zip(("up", "down"), branch.folds, strict=False))
    drives = {jump.upward: jump.drive for jump in reversed(jumps)}
    loop = drives[True] - drives[False] if len(drives) == 2 else None
    none = "the branch has no fold"
    one = "the branch has only one fold" if folds else none
    drive = {
        name: (fold.drive, unit, "", beyond(fold.state.reading.T_max))
        for name, fold in folds.items()
    }
    return {
        f"{symbol}_up": drive.get("up", (None, unit, none)),
        f"{symbol}_down": drive.get("down", (None, unit, one)),
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
    state, position, segment = accepted.point.state, accepted.position, accepted.segment
    reading = state.state.reading
    if values.get("step") != position.number:
        values |= {"step": position.number, "work_before": values.get("energy", 0.0)}
    largest = {"T_max": reading.T_max, "I_max": reading.I, "d_max": reading.barrier_width}
    values |= {
        name: max(value, values.get(name, 0.0))
        for name, value in largest.items()
        if not math.isnan(value)
    }
    values["energy"] = state.work
    values["steps"] = values.get("steps", 0.0) + 1
    values["rejected_steps"] = values.get("rejected_steps", 0.0) + len(accepted.point.rejected)
    for event in accepted.events:
        name = STORED.get(event, "")
        if name and f"t_{name}" not in values:
            values |= {f"t_{name}": state.time, f"V_{name}": reading.V_device}
            values[f"I_{name}"] = reading.I
            if event == NUCLEATES and isinstance(segment.step, Pulse):
                begin, top, left, back = segment.drive.times[:4]
                values["pulse"] = position.number
                values["pulse_fall"] = (left + back) / 2
                values["switching_delay"] = state.time - (begin + top) / 2
                values["switching_energy"] = state.work - values["work_before"]
            if event == EXTINGUISHED and "pulse_fall" in values:
                values["recovery_time"] = state.time - values["pulse_fall"]
    if values.get("pulse") == position.number:
        values["pulse_energy"] = state.work - values["work_before"]


_NO_PULSE = "the barrier does not nucleate in a pulse"
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
