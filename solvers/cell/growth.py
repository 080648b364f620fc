"""Growth of the filament in time: steps that end on values, and meshes that follow it.

A step from one time point is taken on that point's mesh. Where an observed quantity comes to a
value, the step is repeated from the same point, on the same mesh, with another length until it ends
on the value. A new mesh changes the current by up to 2 %; so it is made only behind such an end,
and not where its jump alone would pass a value: the filament goes on on the old mesh up to there.
Where the old mesh is of no more use, or the filament breaks or becomes a seed, the first point
behind the jump counts as the end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from mpi4py import MPI

import numpy as np

from mitmodels.cell.circuit import CircuitCourse, rest
from mitmodels.drive.landing import Crossing, land, passed
from mitmodels.drive.waveform import Waveform
from mitmodels.errors import RunError
from mitmodels.meshes.generator import MeshingError
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.events import Event, TimePoint, milestones
from mitmodels.solvers.cell.heun import (
    StepControl,
    end_of_step,
    fastest,
    heun_step,
    longest_driven,
    longest_stable,
    two_digits,
)
from mitmodels.solvers.cell.meshed_cell import Cell, InvalidMeshError, MeshControl, MeshedCell
from mitmodels.solvers.cell.nucleus import is_seed, outside, stump
from mitmodels.solvers.cell.outline import Outline, OutlineError
from mitmodels.solvers.petsc import SolverError

_FAILURES = (InvalidMeshError, MeshingError, SolverError, OutlineError)
_RESOLVED = 8  # shortest step over the distance of two numbers at the time
_LEAST = 1e-6  # step that gives up, over the first that is tried
_NANOMETRE = 1e-9

type Crossings = Sequence[Crossing[TimePoint]]


class ExhaustedError(RunError):
    """A filament whose geometry ends: the model goes no further, what was found stands."""


@dataclass(frozen=True, eq=False)
class Growth:
    """A growing filament under a source.

    Attributes
    ----------
    cell : Cell
    source : Waveform
        Voltage of the source [V]; steps end at its corners and read-outs.
    steps, mesh : StepControl, MeshControl
    comm : MPI.Comm
    """

    cell: Cell
    source: Waveform
    steps: StepControl
    mesh: MeshControl
    comm: MPI.Comm

    def seed(self) -> TimePoint:
        """Return the filament that growth begins with."""
        t = self.source.start
        shape = self._seed(self.cell.nucleus(), t)
        meshed = MeshedCell(self.cell, shape, self.mesh, self.comm)
        state = meshed.evaluate(shape, self.source(t))
        circuit = rest(self.cell.model.circuit, self.source(t), t, state.conductance)
        waiting = self.cell.nucleation is not None
        return TimePoint(t, 0.0, 0.0, 0.0, shape, state, circuit, meshed, waiting=waiting)

    def in_contact(self, point: TimePoint) -> bool:
        """Whether filament and electrode touch, which the linear law does not follow."""
        return self._is_closed(point) and self.cell.model.tunnel.law == "linear"

    def _is_closed(self, point: TimePoint) -> bool:
        return point.gap <= self.steps.contact

    def advance(self, before: TimePoint, crossings: Crossings = ()) -> TimePoint:
        """Return the time point behind one step, which ends on the first of the crossings.

        Raises
        ------
        ExhaustedError
            If the filament has become as wide as the cell, or bounds no mesh after any step.
        SolverError
            If no step longer than the shortest succeeds for another reason.
        """
        self._refuse_full_cell(before)
        stop = self.source.next_stop(before.t)
        assert stop is not None
        seed = is_seed(before.shape.outline, self.cell.dissolution.nucleus)
        rest = min(longest_driven(self.source, before.t, self.steps), stop - before.t)
        if seed and self.cell.nucleation and self.source(before.t) < 0:
            before = replace(before, waiting=True)  # what may come again may go
        held = self._held(before, rest, seed)
        if before.waiting or held:
            idle = partial(self._waited if before.waiting else self._rested, before, stop)
            after = idle(rest if before.waiting else held)
            after = self._ended(before, after, crossings, idle)
        else:
            after = self._grown(before, stop, crossings)
        reached = milestones(before, after, self.cell, self.steps.contact)
        return replace(after, log=after.log + reached)

    def _refuse_full_cell(self, point: TimePoint) -> None:
        radius, limit = point.shape.outline.radius, self.cell.stack.radius
        if limit - radius < self.steps.contact:
            raise ExhaustedError(
                f"the filament, {radius:.3g} m in radius, fills the cell of {limit:g} m at "
                f"{point.t:.9g} s: give it a larger radius"
            )

    def _waited(self, start: TimePoint, stop: float, dt: float) -> TimePoint:
        """Let time pass without a nucleus, at most until there is one."""
        law = self.cell.nucleation
        assert law is not None
        after = self._rested(start, stop, dt)
        line, T = (start.state.V_cell, after.state.V_cell), after.state.T_max
        expected = law.expected(line, T, dt)
        left = law.draw(start.nuclei) - start.expected
        if expected < left:
            return replace(after, expected=start.expected + expected)
        after = self._rested(start, stop, min(law.reached(line, T, dt, left), dt))
        shape, number = self._seed(start.shape, after.t), start.nuclei + 1
        born = replace(after, shape=shape, waiting=False, expected=0.0, nuclei=number)
        born = self._solved(born)
        event = Event(after.t, "nucleation", f"number {number}, at {born.state.V_cell:.6g} V")
        return replace(born, next=min(after.next, self._slight(born)), log=(event,))

    def _slight(self, point: TimePoint) -> float:
        """Time in which the outline moves by as much as a step may be wrong [s]."""
        return self.steps.position * _NANOMETRE / max(fastest(point), 1e-30)

    def _seed(self, shape: Shape, t: float) -> Shape:
        """Return a seed, held while it would dissolve."""
        return replace(shape, held=self._is_low(t))

    def _is_low(self, t: float) -> bool:
        """Whether a seed would dissolve at a time [s]."""
        return self.source(t) <= (1 - _LEAST) * self.cell.critical_voltage

    def _held(self, before: TimePoint, longest: float, seed: bool) -> float:
        """Return how long nothing grows, of a time along one line of the drive [s].

        A seed below its voltage, and a point contact into whose gap no atom fits.
        """
        critical = self.cell.critical_voltage
        here, there = self.source(before.t), self.source(before.t + longest)
        if not seed:
            return longest if self._is_closed(before) and min(here, there) >= 0 else 0.0
        if max(here, there) <= critical:
            return longest
        below = (critical - here) / (there - here) if critical and here < there else 0.0
        return below * longest if below > _LEAST else 0.0

    def _rested(self, start: TimePoint, stop: float, dt: float) -> TimePoint:
        """Let time pass without ions: a seed would dissolve, which none does, or a contact grow."""
        t = end_of_step(start, dt, stop)
        seed = is_seed(start.shape.outline, self.cell.dissolution.nucleus)
        shape = replace(start.shape, held=seed)
        following = self.steps.first * longest_driven(self.source, start.t, self.steps)
        after = replace(start, t=t, dt=dt, next=following, shape=shape, log=(), events=())
        after = self._solved(after)
        still = np.zeros_like(after.state.speed)
        state = replace(after.state, I_ion=0.0, I_dissolution=0.0, hopping=0.0, speed=still)
        return replace(after, state=state)

    def _grown(self, before: TimePoint, stop: float, crossings: Crossings) -> TimePoint:
        """Take a step whose error is allowed, at most to a stop [s]."""
        start = before
        log: list[Event] = []
        left, driven = stop - before.t, longest_driven(self.source, before.t, self.steps)
        resolved = max(self.steps.shortest, _RESOLVED * float(np.spacing(before.t)))
        shortest, last, geometric = min(resolved, _LEAST * driven, left), "", False
        dt = max(self._suggested(before, driven), shortest)
        dt = left if left < 1.1 * dt else dt  # no sliver of a step before the stop
        while dt >= shortest:
            try:
                after, error = self._stepped(start, dt, stop)
                if error <= 1:
                    met = passed(before, start, crossings)
                    following = dt * min(2.0, 0.8 / np.sqrt(max(error, 1e-4)))
                    after = replace(after, next=following, events=met)
                    if not met:
                        after = self._ended(start, after, crossings, partial(self._shorter, start))
                    return replace(after, log=(*log, *after.log))
            except _FAILURES as failure:
                last, geometric = f"{dt:.3g} s: {failure}", not isinstance(failure, SolverError)
                log.append(Event(before.t, "rejected", last))
                dt /= 2
                renewed = self._remeshed(replace(start, log=()), "rejected step")
                if dt < 2 * shortest or not passed(before, renewed, crossings):
                    start, log = renewed, [*log, *renewed.log]
                continue
            last, geometric = f"{dt:.3g} s: error {error:.2g}", False
            log.append(Event(before.t, "rejected", last))
            dt = two_digits(dt * max(0.2, 0.8 / np.sqrt(error)))
        kind = ExhaustedError if geometric else SolverError
        raise kind(f"no step succeeds at {before.t:.9g} s; the last, of {last}")

    def _suggested(self, before: TimePoint, longest: float) -> float:
        """Step that the last error, the drive and the speed of the outline allow [s]."""
        suggested = before.next
        if before.t == self.source.line(before.t)[0]:  # another slope: the last error says little
            suggested = max(suggested, min(self.steps.first * longest, self._slight(before)))
        return two_digits(min(suggested, longest, longest_stable(self.cell, before, self.steps)))

    def _shorter(self, start: TimePoint, dt: float) -> TimePoint:
        return self._stepped(start, dt, np.inf, np.inf)[0]

    def _stepped(
        self, start: TimePoint, dt: float, stop: float, most: float = 1.0
    ) -> tuple[TimePoint, float]:
        """Return the point behind a step and its error; above ``most`` the point is the start.

        The mesh is that of the start unless it is of no use there.
        """
        t = end_of_step(start, dt, stop)
        course = CircuitCourse(self.cell.model.circuit, self.source, start.circuit, t)
        shape, charge, error = heun_step(self.cell, start, course, dt, self.steps)
        if error > most:
            return start, error
        charge += start.charge
        after = replace(start, t=t, dt=dt, charge=charge, shape=shape, log=(), events=())
        nucleus = self.cell.dissolution.nucleus
        if self._is_low(start.t) and is_seed(shape.outline, nucleus):
            seed = self._seed(self.cell.nucleus(), t)
            return self._remeshed(replace(after, shape=seed), "nucleus"), error
        if (rest := stump(shape.outline, nucleus / 2)) is not None:
            after = self._cut_off(after, outside(rest, nucleus))
            return self._remeshed(after, "cut off"), error
        try:
            return self._solved(after), error
        except InvalidMeshError:
            return self._remeshed(after, "quality"), error

    def _solved(self, point: TimePoint) -> TimePoint:
        """The point with the fields of its shape on its mesh, and the circuit behind them."""
        course = CircuitCourse(self.cell.model.circuit, self.source, point.circuit, point.t)
        state = point.meshed.evaluate(point.shape, self.source(point.t), course.drop)
        return replace(point, state=state, circuit=course.reach(state.conductance))

    def _cut_off(self, point: TimePoint, rest: Outline) -> TimePoint:
        """Leave the rest of a filament; what goes counts as ionic charge."""
        volume = point.shape.outline.volume
        lost = volume - rest.volume
        detail = f"{lost * 1e27:.3g} nm3 above z = {rest.height * 1e9:.3g} nm dissolve at once"
        event = Event(point.t, "cut off", detail, 0.0, -lost / volume)
        charge = point.charge - lost / self.cell.model.deposit.volume_per_charge
        return replace(point, charge=charge, shape=self.cell.shape(rest), log=(event,))

    def _ended(
        self,
        start: TimePoint,
        after: TimePoint,
        crossings: Crossings,
        attempt: Callable[[float], TimePoint],
    ) -> TimePoint:
        """End a step on the first value that is met in it, or else on a good mesh."""
        tried = after

        def shorter(dt: float) -> TimePoint:
            nonlocal tried
            tried = attempt(dt)
            return tried

        end = land(start, after, after.dt, crossings, shorter)
        if not end.events:
            renewed = self._renewed(after) if after.meshed is start.meshed else after
            return after if passed(start, renewed, crossings) else renewed
        point = end.point
        if tried is not point and point.meshed is start.meshed:
            self._solved(point)  # its fields are those of `tried`
        following = after.next if point is after else min(after.next, after.dt)
        return replace(point, next=following, events=end.events)

    def _renewed(self, point: TimePoint) -> TimePoint:
        reason = point.meshed.needs_remeshing(point.shape)
        return point if reason is None else self._remeshed(point, reason)

    def _remeshed(self, point: TimePoint, reason: str) -> TimePoint:
        """Return a point on a new mesh, its outline resampled where it has to be."""
        old = point.shape.outline
        wanted = self.mesh.wanted(point.shape)
        outline = old.resampled(wanted, self.mesh.longest_segment)
        held = point.shape.held and self._is_low(point.t)
        shape = replace(self.cell.shape(outline), held=held)
        meshed = MeshedCell(self.cell, shape, self.mesh, self.comm, previous=point.meshed)
        after = self._solved(replace(point, shape=shape, meshed=meshed))
        change = after.state.I / point.state.I - 1 if point.state.I else 0.0
        event = Event(point.t, "remesh", reason, change, shape.outline.volume / old.volume - 1)
        return replace(after, log=(*point.log, event))
