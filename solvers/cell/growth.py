"""Growth of the filament in time: steps that end on asked values, and meshes that follow it.

A step from one time point is taken on that point's mesh. Where an observed quantity passes a value
that is asked for, the step is repeated from the same point, on the same mesh, with another length
until it ends on the value. A new mesh changes the current by up to 2 %; so it is made only behind
such an end, and not where its jump alone would pass a value: the filament goes on on the old mesh
up to there. If the old mesh is of no more use, or the filament breaks or becomes a seed, the first
point behind the jump counts as the end.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from mpi4py import MPI

import numpy as np
from scipy.optimize import brentq

from mitmodels.drive.waveform import Waveform
from mitmodels.errors import RunError
from mitmodels.meshes.generator import MeshingError
from mitmodels.solvers.cell.electrolyte import NotConvergedError
from mitmodels.solvers.cell.events import Event, TimePoint, milestones
from mitmodels.solvers.cell.heun import StepControl, heun_step, longest_stable
from mitmodels.solvers.cell.meshed_cell import Cell, InvalidMeshError, MeshControl, MeshedCell
from mitmodels.solvers.cell.nucleus import is_seed, outside, stump
from mitmodels.solvers.cell.outline import Outline, OutlineError

_FAILURES = (InvalidMeshError, MeshingError, NotConvergedError, OutlineError)
_PRECISION = 5e-7  # of an asked value

Margins = Callable[[TimePoint], Mapping[str, float]]


def grow(
    cell: Cell,
    source: Waveform,
    steps: StepControl,
    mesh: MeshControl,
    comm: MPI.Comm,
    earlier: TimePoint | None = None,
    margins: Margins = lambda _: {},
) -> Iterator[TimePoint]:
    """Yield the time points of a growing filament, the seed first.

    Parameters
    ----------
    cell : Cell
    source : Waveform
        Voltage of the source [V]; steps end at its corners and read-outs.
    steps, mesh : StepControl, MeshControl
    comm : MPI.Comm
    earlier : TimePoint, optional
        From which to go on; it is not yielded again.
    margins : callable
        Distances of a time point from asked values, by name, negative before a value and positive
        behind it: relative ones, or logarithms of ratios. A step ends on each.
    """
    growth = _Growth(cell, source, steps, mesh, comm, margins)
    point = earlier or growth.seed()
    if earlier is None:
        yield point
    while (stop := source.next_stop(point.t)) is not None and point.gap > steps.contact:
        before, point = point, growth.step(point, stop)
        passed = milestones(before, point, cell, steps.contact)
        point = replace(point, events=point.events + passed)
        yield point


@dataclass(frozen=True, eq=False)
class _Growth:
    """What a growing filament is subject to."""

    cell: Cell
    source: Waveform
    steps: StepControl
    mesh: MeshControl
    comm: MPI.Comm
    margins: Margins

    def seed(self) -> TimePoint:
        """Return the filament that growth begins with."""
        shape, t = self.cell.nucleus(), self.source.start
        meshed = MeshedCell(self.cell, shape, self.mesh, self.comm)
        state = meshed.evaluate(shape, self.source(t))
        return TimePoint(t, 0.0, 0.0, self.steps.first, shape, state, meshed)

    def step(self, before: TimePoint, stop: float) -> TimePoint:
        """Return the time point behind one accepted step.

        Raises
        ------
        NotConvergedError
            If no step longer than the shortest succeeds.
        RunError
            If the filament has become as wide as the cell.
        """
        self._refuse_full_cell(before)
        seed = is_seed(before.shape.outline, self.cell.dissolution.nucleus)
        rest = min(before.t + self.steps.longest, stop)
        if seed and max(self.source(before.t), self.source(rest)) <= 0:
            after = self._rested(before, rest - before.t)
            return self._on_value(before, before, after, partial(self._rested, before))
        start, events = before, []
        longest = min(
            before.next, self.steps.longest, longest_stable(self.cell, before, self.steps)
        )
        dt, left = _two_digits(longest), stop - before.t
        dt = left if left < 1.1 * dt else dt  # no sliver of a step before the stop
        shortest, last = min(self.steps.shortest, dt), ""
        while dt >= shortest:
            try:
                after, error = self._stepped(start, dt, stop)
            except _FAILURES as failure:
                last = f"{dt:.3g} s: {failure}"
                start = self._remeshed(replace(start, events=()), "rejected step")
                events += [Event(before.t, "rejected", last), *start.events]
                dt /= 2
                continue
            if error <= 1:
                after = replace(after, next=dt * min(2.0, 0.8 / np.sqrt(max(error, 1e-4))))
                after = self._on_value(before, start, after, partial(self._shorter, start))
                return replace(after, events=(*events, *after.events))
            last = f"{dt:.3g} s: error {error:.2g}"
            events.append(Event(before.t, "rejected", last))
            dt = _two_digits(dt * max(0.2, 0.8 / np.sqrt(error)))
        raise NotConvergedError(f"no step succeeds at {before.t:.9g} s; the last, of {last}")

    def _refuse_full_cell(self, point: TimePoint) -> None:
        radius, limit = point.shape.outline.radius, self.cell.stack.radius
        if limit - radius < self.steps.contact:
            raise RunError(
                f"the filament, {radius:.3g} m in radius, fills the cell of {limit:g} m at "
                f"{point.t:.9g} s: give it a larger radius"
            )

    def _rested(self, start: TimePoint, dt: float) -> TimePoint:
        """Let time pass for a seed that would dissolve, which none does."""
        t = start.t + dt
        state = start.meshed.evaluate(start.shape, self.source(t))
        state = replace(state, I_ion=0.0, I_dissolution=0.0, speed=np.zeros_like(state.speed))
        return replace(start, t=t, dt=dt, next=self.steps.first, state=state, events=(), reached=())

    def _shorter(self, start: TimePoint, dt: float) -> TimePoint:
        return self._stepped(start, dt, np.inf, np.inf)[0]

    def _stepped(
        self, start: TimePoint, dt: float, stop: float, most: float = 1.0
    ) -> tuple[TimePoint, float]:
        """Return the point behind a step and its error; above ``most`` the point is the start.

        The mesh is that of the start unless it is of no use there.
        """
        # On the stop to the last bit.
        t = stop if dt == stop - start.t else start.t + dt
        shape, charge, error = heun_step(self.cell, start, self.source(t), dt, self.steps)
        if error > most:
            return start, error
        after = replace(
            start, t=t, dt=dt, charge=start.charge + charge, shape=shape, events=(), reached=()
        )
        nucleus = self.cell.dissolution.nucleus
        if start.state.V_source <= 0 and is_seed(shape.outline, nucleus):
            return self._remeshed(replace(after, shape=self.cell.nucleus()), "nucleus"), error
        if (rest := stump(shape.outline, nucleus / 2)) is not None:
            after = self._cut_off(after, outside(rest, nucleus))
            return self._remeshed(after, "cut off"), error
        try:
            state = start.meshed.evaluate(shape, self.source(t))
        except InvalidMeshError:
            return self._remeshed(after, "quality"), error
        return replace(after, state=state), error

    def _cut_off(self, point: TimePoint, rest: Outline) -> TimePoint:
        """Leave the rest of a filament; what goes counts as ionic charge."""
        volume = point.shape.outline.volume
        lost = volume - rest.volume
        detail = f"{lost * 1e27:.3g} nm3 above z = {rest.height * 1e9:.3g} nm dissolve at once"
        event = Event(point.t, "cut off", detail, 0.0, -lost / volume)
        charge = point.charge - lost / self.cell.model.deposit.volume_per_charge
        return replace(point, charge=charge, shape=self.cell.shape(rest), events=(event,))

    def _on_value(
        self,
        before: TimePoint,
        start: TimePoint,
        after: TimePoint,
        shorter: Callable[[float], TimePoint],
    ) -> TimePoint:
        """End a step on the first asked value that it passes, or else on a good mesh.

        Parameters
        ----------
        before, start, after : TimePoint
            The last accepted point, the same on the mesh of the step, and the end of the step.
        shorter : callable
            End of a step from ``start`` of another length [s].
        """
        ahead = {name for name, margin in self.margins(before).items() if margin < -_PRECISION}

        def excess(point: TimePoint) -> float:
            found = self.margins(point)
            value = max((found[name] for name in ahead), default=-np.inf)
            return 0.0 if abs(value) <= _PRECISION else value

        if excess(after) < 0:
            renewed = self._renewed(after) if after.meshed is start.meshed else after
            return renewed if excess(renewed) < 0 else after
        tried = {0.0: start, after.dt: after}

        def at(dt: float) -> float:
            if dt not in tried:
                tried[dt] = shorter(dt)
            return excess(tried[dt])

        if at(0.0) < 0:  # else the jump of a new mesh has passed the value
            brentq(at, 0.0, after.dt, xtol=1e-9 * after.dt)
        dt = min(dt for dt in tried if dt > 0 and at(dt) >= 0)
        end = tried[dt]
        if end.meshed is start.meshed:  # whose fields may be those of a longer step
            state = end.meshed.evaluate(end.shape, self.source(end.t))
            end = replace(end, state=state)
        margins = self.margins(end)
        reached = tuple(sorted(name for name in ahead if margins[name] >= -_PRECISION))
        following = after.next if dt == after.dt else min(after.next, after.dt)
        return replace(end, next=following, reached=reached)

    def _renewed(self, point: TimePoint) -> TimePoint:
        reason = point.meshed.needs_remeshing(point.shape)
        return point if reason is None else self._remeshed(point, reason)

    def _remeshed(self, point: TimePoint, reason: str) -> TimePoint:
        """Return a point on a new mesh, its outline resampled where it has to be."""
        old = point.shape.outline
        wanted = self.mesh.wanted(point.shape)
        shape = self.cell.shape(old.resampled(wanted, self.mesh.longest_segment))
        meshed = MeshedCell(self.cell, shape, self.mesh, self.comm, previous=point.meshed)
        state = meshed.evaluate(shape, self.source(point.t))
        change = state.I / point.state.I - 1 if point.state.I else 0.0
        event = Event(point.t, "remesh", reason, change, shape.outline.volume / old.volume - 1)
        events = (*point.events, event)
        return replace(point, shape=shape, meshed=meshed, state=state, events=events)


def _two_digits(dt: float) -> float:
    """Round a step: rounding errors, which differ with the number of ranks, must not set it."""
    return float(f"{dt:.1e}")
