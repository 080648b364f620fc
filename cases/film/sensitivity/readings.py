"""Key figures of a steady branch, and what it shows at a voltage, with their derivatives."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from mitmodels.cases.film.sensitivity.chain import Chain
from mitmodels.cases.film.steady_branch import Target
from mitmodels.cases.film.steady_config import Prepared
from mitmodels.cases.film.switching import Switching
from mitmodels.drive.observable import Level
from mitmodels.errors import RunError
from mitmodels.film.observables import READ_AT, STEADY_FILM
from mitmodels.solvers.film.adjoint.extrema import moved, sharpened
from mitmodels.solvers.film.adjoint.gradient import Adjoint
from mitmodels.solvers.film.adjoint.lagrangian import Lagrangian
from mitmodels.solvers.film.adjoint.readings import Reading, Readings
from mitmodels.solvers.film.branch import Branch, Jump
from mitmodels.solvers.film.interfaces import Array, State
from mitmodels.solvers.film.points import Point

# Those of the summary that have derivatives, with their units.
KEY_FIGURES = {
    "V_up": "V",
    "V_down": "V",
    "I_up": "A",
    "I_down": "A",
    "hysteresis": "V",
    "I_max": "A",
    "V_at_I_max": "V",
    "P_switch": "W",
    "I_hold": "A",
    "V_nucleated": "V",
    "d_nucleated": "m",
    "R_switched": "ohm",
    "V_full": "V",
}
OBSERVED = frozenset(
    ("V_source", "V_device", "V_film", "I", "R", "P", "T_max", "T_center", "T_edge")
) | {"barrier_width", "barrier_position"}
"""Observed quantities that have derivatives."""
_AT = re.compile(r"(\w+) at ([0-9.eE+-]+) V")
# Arclength to both sides of an extremum, short: a table has jumps of the second derivative nearby.
_BESIDE = 3e-5
_CLEAR = 100.0  # slope of a neighbour over that at an extremum: the same point solved for twice


@dataclass(frozen=True, eq=False)
class Derived:
    """A reading: value and unit in SI, derivatives as `Chain` orders them, and where it is read."""

    name: str
    value: float
    unit: str
    by: Array
    state: State


class Derivation:
    """Derives what is read off a branch.

    Parameters
    ----------
    branch : Branch
    prepared : Prepared
    chain : Chain
    """

    def __init__(self, branch: Branch, prepared: Prepared, chain: Chain) -> None:
        self.branch, self.prepared, self.chain = branch, prepared, chain
        self.trace = branch.continuation
        newton = self.trace.newton
        self._read = Readings(newton, prepared.load)
        self._adjoint = Adjoint(newton, chain.moves)

    @property
    def lagrangian(self) -> Lagrangian:
        """Forms that are derived; its linear elements are those of the local derivatives."""
        return self._adjoint.lagrangian

    @cached_property
    def switching(self) -> Switching:
        """States of the switching."""
        return Switching.read(self.branch, self.prepared.config)

    def __call__(self, name: str) -> Derived:
        """Derive a key figure of the summary, or an observed quantity as "I at 20 V".

        Raises
        ------
        RunError
            If the branch does not show it, or it has no derivatives.
        """
        if at := _AT.fullmatch(name):
            return self._at_voltage(name, at[1], float(at[2]))
        if name not in self._figures:
            if name in KEY_FIGURES:
                controlled = "voltage" if self.trace.drive.by_voltage else "current"
                raise RunError(f"the source controls the {controlled}")
            known = ", ".join(self._figures)
            raise RunError(f'{name} has no derivatives: use "I at 20 V", or one of {known}')
        value, by, state = self._figures[name]()
        return Derived(name, value, KEY_FIGURES[name], by, state)

    @property
    def _figures(self) -> dict[str, Callable[[], tuple[float, Array, State]]]:
        symbol = "V" if self.trace.drive.by_voltage else "I"
        return {
            f"{symbol}_up": lambda: self._fold(0),
            f"{symbol}_down": lambda: self._fold(1),
            "hysteresis": self._hysteresis,
            "I_max": lambda: self._derived("I", self.maximum),
            "V_at_I_max": lambda: self._beside("V_source", self.maximum),
            "P_switch": lambda: self._beside("P", self.maximum),
            "I_hold": lambda: self._derived("I", self.minimum),
            "V_nucleated": lambda: self._nucleated("V_source"),
            "d_nucleated": lambda: self._landed("barrier_width", True),
            "R_switched": lambda: self._landed("R", True),
            "V_full": lambda: self._warmed("V_source", "T_edge", self.switching.full),
        }

    def normal(self, point: Point, by_voltage: float, by_current: float) -> Array:
        """Derivative of a combination of source voltage and current along which a branch leads not.

        Its derivative along the branch vanishes at the point.
        """
        state = point.state
        source = self._read("V_source", state)
        series = by_voltage * source.by_contact
        by_I = by_voltage * source.by_I + by_current
        read = Reading(0.0, None, by_voltage, by_I, by_contact=series, by_load=series)
        return self._by(state, read, point)[0]

    def _by(self, state: State, read: Reading, along: Point) -> tuple[Array, float]:
        """Derivatives at a fixed length along the tangent of a point."""
        trace, current = self.trace, state.current
        line = trace.along(along)
        drive = line.drive
        around = drive.by_voltage * current if trace.drive.by_voltage else 0.0
        held = Reading(
            0.0, line.row, drive.by_voltage, drive.by_current, by_contact=around, by_load=around
        )
        return self._while_held(state, read, held)

    def _while_held(self, state: State, read: Reading, held: Reading) -> tuple[Array, float]:
        gradient, along = self._adjoint.derive(state, read, held)
        return self.chain(state, gradient), along

    def _derived(self, name: str, point: Point) -> tuple[float, Array, State]:
        """What is stationary at a point."""
        read = self._read(name, point.state)
        return read.value, self._by(point.state, read, point)[0], point.state

    def _sharpened(self, point: Point, slope: Callable[[Point], float]) -> Point:
        clear = _CLEAR * abs(slope(point))
        others = [p for p in self.branch.points if p.s != point.s and abs(slope(p)) > clear]
        beside = min(others, key=lambda p: abs(p.s - point.s))
        self.trace.newton.factor_at(point.state.unknown, point.state.voltage)
        return sharpened(self.trace, point, beside, slope)

    def _fold_point(self, number: int) -> Point:
        if len(self.branch.folds) <= number:
            raise RunError("the branch has " + ("only one fold" if number else "no fold"))
        return self._sharpened(self.branch.folds[number], lambda point: point.d_drive)

    def _fold(self, number: int) -> tuple[float, Array, State]:
        if number not in self._folds:
            point = self._fold_point(number)
            read = self._read.drive(self.trace.drive, point.state)
            by = self._by(point.state, read, point)[0]
            self._folds[number] = read.value, by, point.state
        return self._folds[number]

    @cached_property
    def _folds(self) -> dict[int, tuple[float, Array, State]]:
        return {}

    @cached_property
    def maximum(self) -> Point:
        """First maximum of the current, sharpened."""
        return self._extremum(self.switching.maximum, "maximum", "the current has no maximum")

    @cached_property
    def minimum(self) -> Point:
        """Lowest minimum of the current beyond it, sharpened."""
        return self._extremum(self.switching.minimum, "minimum", "the current has no minimum")

    def _extremum(self, found: Point | None, name: str, reason: str) -> Point:
        if found is None:
            raise RunError(self.switching.failed.get(name, reason))
        return self._sharpened(found, lambda point: point.d_current)

    def _beside(self, name: str, point: Point) -> tuple[float, Array, State]:
        """What goes on changing at an extremum of the current, which moves along the branch."""
        ends = []
        for s in (-_BESIDE, _BESIDE):
            state = moved(self.trace, point, s).state
            ends.append(self._by(state, self._read("I", state), point))
        (low, slope_low), (high, slope_high) = ends
        moves = -(high - low) / (slope_high - slope_low)
        read = self._read(name, point.state)
        by, along = self._by(point.state, read, point)
        return read.value, by + along * moves, point.state

    def _jump(self, upward: bool) -> tuple[Jump, int]:
        """First jump in a direction, and the number of its fold."""
        for jump in self.switching.jumps:
            if jump.upward == upward:
                folds = [fold.drive for fold in self.branch.folds]
                if jump.drive in folds:
                    return jump, folds.index(jump.drive)
        raise RunError(f"the source does not jump {'up' if upward else 'down'} at a fold")

    def _hysteresis(self) -> tuple[float, Array, State]:
        (up, by_up, state), (down, by_down, _) = (
            self._fold(self._jump(upward)[1]) for upward in (True, False)
        )
        return up - down, by_up - by_down, state

    def _landed(self, name: str, upward: bool) -> tuple[float, Array, State]:
        """What is read where the source jumps to, which moves with the fold."""
        jump, number = self._jump(upward)
        state = jump.after
        read = self._read(name, state)
        by, along = self._while_held(state, read, self._read.drive(self.trace.drive, state))
        return read.value, by + along * self._fold(number)[1], state

    def _nucleated(self, name: str) -> tuple[float, Array, State]:
        if any(jump.upward for jump in self.switching.jumps):
            return self._landed(name, True)
        return self._warmed(name, "T_center", self.switching.nucleated)

    def _warmed(self, name: str, where: str, state: State | None) -> tuple[float, Array, State]:
        """What is read where a point of the film becomes a barrier."""
        if state is None:
            raise RunError(f"{where} does not reach film.barrier_temperature")
        read = self._read(name, state)
        held = self._read.temperature(READ_AT[where], state)._replace(by_threshold=-1.0)
        return read.value, self._while_held(state, read, held)[0], state

    def _at_voltage(self, name: str, quantity: str, voltage: float) -> Derived:
        target = Target(self.prepared, self.trace, Level("V_source", voltage))
        points = self.branch.states(target.read, voltage, target.solve)
        if not points:
            raise RunError(f"the branch has no stable state at {voltage:g} V")
        state = points[0].state
        read = self._read(quantity, state)
        by, _ = self._while_held(state, read, self._read("V_source", state))
        return Derived(name, read.value, STEADY_FILM.units[quantity], by, state)
