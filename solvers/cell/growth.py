"""Growth of the filament in time: Heun steps with an error estimate, remeshing and events."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mpi4py import MPI

import numpy as np

from mitmodels.constants import BOLTZMANN, ELEMENTARY_CHARGE
from mitmodels.errors import RunError
from mitmodels.meshes.ecm_stack import MeshingError
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.electrolyte import NotConvergedError
from mitmodels.solvers.cell.events import Event, Instant, milestones
from mitmodels.solvers.cell.heun import heun, rounded
from mitmodels.solvers.cell.meshed_cell import Cell, InvalidMeshError, MeshControl, MeshedCell
from mitmodels.solvers.cell.nucleus import outside, stump
from mitmodels.solvers.cell.outline import Array, Outline, OutlineError
from mitmodels.solvers.cell.step_control import StepControl

_NEARLY = 1.02  # extent of a filament over that of a nucleus below which it is one
_FAILURES = (InvalidMeshError, MeshingError, NotConvergedError, OutlineError)


def grow(
    cell: Cell,
    source: Callable[[float], float],
    stops: Sequence[float],
    steps: StepControl,
    mesh: MeshControl,
    comm: MPI.Comm,
    earlier: Instant | None = None,
) -> Iterator[Instant]:
    """Yield the states of a growing filament, the nucleus first.

    Parameters
    ----------
    cell : Cell
    source : callable
        Voltage of the source [V] at a time [s].
    stops : sequence of float
        Times that the steps land on, such as the corners of the source [s]; the last is the end.
    steps, mesh : StepControl, MeshControl
    comm : MPI.Comm
    earlier : Instant, optional
        From which to go on; it is not yielded again.
    """
    growth = _Growth(cell, source, steps, mesh, comm, earlier)
    instant = growth.instant()
    if earlier is None:
        yield instant
    while instant.t < stops[-1] and instant.gap > steps.contact:
        before = instant
        growth.step(min(stop for stop in stops if stop > instant.t))
        instant = growth.instant()
        passed = milestones(before, instant, cell, steps.contact)
        instant = replace(instant, events=instant.events + passed)
        yield instant


class _Growth:
    """State of a run: the outline and the time, and what follows from them."""

    def __init__(
        self,
        cell: Cell,
        source: Callable[[float], float],
        steps: StepControl,
        mesh: MeshControl,
        comm: MPI.Comm,
        earlier: Instant | None,
    ) -> None:
        self.cell, self.source, self.steps, self.mesh, self.comm = cell, source, steps, mesh, comm
        self.events: list[Event] = []
        last = earlier or self._nucleus()
        self.t, self.dt, self.charge, self.next = last.t, last.dt, last.charge, last.next
        self.shape, self.meshed, self.state = last.shape, last.meshed, last.state

    def _nucleus(self) -> Instant:
        shape = self.cell.nucleus()
        meshed = MeshedCell(self.cell, shape, self.mesh, self.comm)
        state = meshed.evaluate(shape, self.source(0.0))
        return Instant(0.0, 0.0, 0.0, self.steps.first, shape, state, meshed)

    def instant(self) -> Instant:
        """Return the present state and what happened since the last call."""
        events, self.events = tuple(self.events), []
        times = self.t, self.dt, self.charge, self.next
        return Instant(*times, self.shape, self.state, self.meshed, events)

    def step(self, end: float) -> None:
        """Advance by one accepted step.

        Raises
        ------
        NotConvergedError
            If no step longer than the shortest succeeds; the state is the last good one.
        RunError
            If the filament has become as wide as the cell.
        """
        self._refuse_full_cell()
        if self._rest(end):
            return
        dt = _two_digits(min(self.next, self.steps.longest, self._stable()))
        left = end - self.t
        dt = left if left < 1.1 * dt else dt  # no sliver of a step before the end
        shortest, last = min(self.steps.shortest, dt), ""
        while dt >= shortest:
            start = self.t, self.dt, self.charge, self.shape, self.state
            try:
                error = self._advance(dt, end)
            except _FAILURES as failure:
                self.t, self.dt, self.charge, self.shape, self.state = start
                last = f"{dt:.3g} s: {failure}"
                self.events.append(Event(self.t, "rejected", last))
                self._remesh("rejected step")
                dt /= 2
            else:
                if error <= 1:
                    self.next = dt * min(2.0, 0.8 / np.sqrt(max(error, 1e-4)))
                    return
                last = f"{dt:.3g} s: error {error:.2g}"
                self.events.append(Event(self.t, "rejected", last))
                dt = _two_digits(dt * max(0.2, 0.8 / np.sqrt(error)))
        raise NotConvergedError(f"no step succeeds at {self.t:.9g} s; the last, of {last}")

    def _rest(self, end: float) -> bool:
        """Let time pass while a nucleus would dissolve, which none does; return whether it did."""
        nucleus, t = self.cell.dissolution.nucleus, min(self.t + self.steps.longest, end)
        growing = max(self.source(self.t), self.source(t)) > 0
        if growing or self.shape.outline.extent > _NEARLY * nucleus:
            return False
        self.t, self.dt, self.next = t, t - self.t, self.steps.first
        state = self.meshed.evaluate(self.shape, self.source(t))
        still = np.zeros_like(state.speed)
        self.state = replace(state, I_ion=0.0, I_dissolution=0.0, speed=still)
        return True

    def _refuse_full_cell(self) -> None:
        radius, limit = self.shape.outline.radius, self.cell.stack.radius
        if limit - radius < self.steps.contact:
            raise RunError(
                f"the filament, {radius:.3g} m in radius, fills the cell of {limit:g} m at "
                f"{self.t:.9g} s: give it a larger radius"
            )

    def _advance(self, dt: float, end: float) -> float:
        """Take a step if its error, which is returned, is at most 1."""
        shape, charge, error = self._heun(dt)
        if error > 1:
            return error
        # Land on the stop to the last bit.
        self.t = end if dt == end - self.t else self.t + dt
        self.dt, self.shape, self.charge = dt, shape, self.charge + charge
        if self._dissolved() or self._cut():
            return error
        try:
            self.state = self.meshed.evaluate(self.shape, self.source(self.t))
            reason = self.meshed.worn(self.shape)
        except InvalidMeshError:
            reason = "quality"
        if reason is not None:
            self._remesh(reason)
        return error

    def _dissolved(self) -> bool:
        """Begin anew with a nucleus if no more is left; return whether that was so."""
        nucleus = self.cell.dissolution.nucleus
        if self.state.V_source > 0 or self.shape.outline.extent > _NEARLY * nucleus:
            return False
        self.shape = self.cell.nucleus()
        self._remesh("nucleus")
        return True

    def _cut(self) -> bool:
        """Let what stands on a neck thinner than an atom dissolve at once; return whether it did.

        It has lost its contact and nothing is known of its way. Its charge counts as ionic charge.
        """
        outline = self.shape.outline
        rest = stump(outline, self.cell.dissolution.nucleus / 2)
        if rest is None:
            return False
        rest = outside(rest, self.cell.dissolution.nucleus)
        lost = outline.volume - rest.volume
        self.charge -= lost / self.cell.model.deposit.volume_per_charge
        detail = f"{lost * 1e27:.3g} nm3 above z = {rest.height * 1e9:.3g} nm dissolve at once"
        self.events.append(Event(self.t, "cut off", detail, 0.0, -lost / outline.volume))
        self.shape = self.cell.shape(rest)
        self._remesh("cut off")
        return True

    def _heun(self, dt: float) -> tuple[Shape, float, float]:
        """Shape after a step, charge of the step [C], and its error in units of what is allowed."""
        ahead, here = self.state, self.shape.outline

        def speed(outline: Outline) -> Array:
            nonlocal ahead
            shape = self._checked(outline)
            ahead = self.meshed.evaluate(shape, self.source(self.t + dt))
            return self._rounded(ahead.speed, outline)

        first = self._rounded(self.state.speed, here)
        outlines = heun(here, first, dt, speed, self.cell.dissolution.nucleus)
        euler, corrected = (self._checked(outline) for outline in outlines)
        distance = np.linalg.norm(outlines[1].points - outlines[0].points, axis=1).max()
        position = distance / (self.steps.position * min(1e-9, here.height))
        floor = self.steps.least_conductance
        after, before = (self._tunnel(shape) + floor for shape in (corrected, euler))
        logarithm = abs(np.log(after / before))
        error = float(max(position, logarithm / self.steps.log_conductance))
        return corrected, (self.state.I_ion + ahead.I_ion) / 2 * dt, error

    def _checked(self, outline: Outline) -> Shape:
        """Shape of an outline that bounds a filament and keeps a distance to the electrode."""
        outline.check()
        shape = self.cell.shape(outline)
        gap = shape.gaps.min()
        if gap < 0.5 * min(self.shape.gaps.min(), 2 * self.steps.contact):
            raise OutlineError(f"the gap falls to {gap:.3g} m in one step")
        return shape

    def _tunnel(self, shape: Shape) -> float:
        """Tunnel conductance of an outline without resistance [S]."""
        r, law = shape.outline.r, self.cell.model.tunnel.conductance
        nodes, middle = law(shape.gaps), law(shape.middle_gaps)
        # Simpson's rule along the outline.
        per_length = r[:-1] * nodes[:-1] + r[1:] * nodes[1:] + 2 * (r[:-1] + r[1:]) * middle
        return float(np.pi / 3 * shape.outline.lengths @ per_length)

    def _rounded(self, speed: Array, outline: Outline) -> Array:
        return rounded(speed, outline, self.steps.rounding)

    def _stable(self) -> float:
        """Return the longest step that growth into the void and rounding allow [s]."""
        barrier, outline = self.cell.model.barrier, self.shape.outline
        void = barrier(0.0, outline.z - self.cell.stack.oxide)
        thermal = BOLTZMANN / ELEMENTARY_CHARGE * self.state.T_max
        rate = np.max(self.state.speed * void / (thermal * barrier.void_length))
        spacing = np.minimum(outline.lengths[1:], outline.lengths[:-1])
        dissolving = np.maximum(-self.state.speed[1:-1], 0.0)
        # The curvature of a spline answers a zigzag with twelve over the spacing squared.
        smoothing = np.max(12 * self.steps.rounding * dissolving / spacing**2)
        return self.steps.stiffness / max(float(rate), float(smoothing), 1e-30)

    def _remesh(self, reason: str) -> None:
        """Replace the mesh, resample the outline where it has to be, and solve again."""
        current, volume = self.state.I, self.shape.outline.volume
        outline = self.shape.outline.resampled(
            self.mesh.wanted(self.shape), self.mesh.longest_segment
        )
        shape = self.cell.shape(outline)
        fresh = MeshedCell(self.cell, shape, self.mesh, self.comm, previous=self.meshed)
        self.meshed, self.shape = fresh, shape
        self.state = fresh.evaluate(shape, self.source(self.t))
        changes = self.state.I / current - 1 if current else 0.0, shape.outline.volume / volume - 1
        self.events.append(Event(self.t, "remesh", reason, *changes))


def _two_digits(dt: float) -> float:
    """Round a step: rounding errors, which differ with the number of ranks, must not set it."""
    return float(f"{dt:.1e}")
