"""Heun's step of an outline along its normals: what moves it, its error, its longest length."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mitmodels.cell.circuit import CircuitCourse
from mitmodels.constants import BOLTZMANN, ELEMENTARY_CHARGE
from mitmodels.drive.waveform import Waveform
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.events import TimePoint
from mitmodels.solvers.cell.meshed_cell import Cell
from mitmodels.solvers.cell.nucleus import outside
from mitmodels.solvers.cell.outline import Array, Outline, OutlineError
from mitmodels.solvers.cell.roughness import curvature_decay, diffused, roughening

DAMPING = 1 + math.sqrt(0.5)  # stable in the limit, also of a Jacobian that is 6.8 times too small
_SLIDE = 0.3  # of a node along the outline over the growth: each of its steps smooths an edge
_STRAIGHT = 1e-4  # logarithm of a change below which a half is as good


@dataclass(frozen=True)
class StepControl:
    """Bounds of a time step.

    Attributes
    ----------
    log_conductance : float
        Largest difference between Euler's and Heun's step in the logarithm of the tunnel
        conductance.
    least_conductance : float
        Added to the conductance [S]: a current far below any that can be measured need not be
        resolved.
    position : float
        Likewise in the position of a node, over the height of the filament or 1 nm if higher.
    voltage : float
        Longest step along a ramp: change of the source [V].
    edge : float
        Likewise, if that is longer: fraction of the drive; the edges of a pulse count as little as
        they last.
    hold : float
        Longest step while the source holds: fraction of the time that it does.
    travel : float
        Longest way of a node [m].
    first : float
        First step along a straight line of the drive: fraction of the longest.
    longest, shortest : float
        Longest step whatever the drive, and shortest [s].
    stiffness : float
        Largest product of step and decay rate of the growth into the recess; Heun's method is
        stable up to 2.
    contact : float
        Gap at which filament and electrode count as touching [m].
    rounding : float
        Length by which dissolution follows the curvature, see `rounded` [m].
    """

    log_conductance: float = 0.02
    least_conductance: float = 1e-13
    position: float = 0.02
    voltage: float = 0.05
    edge: float = 0.01
    hold: float = 0.2
    travel: float = 0.5e-9
    first: float = 0.4
    longest: float = math.inf
    shortest: float = 1e-15
    stiffness: float = 0.7
    contact: float = 0.05e-9
    rounding: float = 0.02e-9

    def refined(self, factor: float) -> "StepControl":
        """Return a control whose steps are about ``factor`` times shorter."""
        shorter = ("voltage", "edge", "hold", "travel", "longest", "stiffness")
        power = {"log_conductance": 2, "position": 2} | dict.fromkeys(shorter, 1)
        return replace(self, **{name: getattr(self, name) / factor**n for name, n in power.items()})


def heun_step(
    cell: Cell, start: TimePoint, course: CircuitCourse, dt: float, control: StepControl
) -> tuple[Shape, float, float]:
    """Return the shape after a step, its ionic charge [C], and its error over what is allowed.

    Parameters
    ----------
    cell : Cell
    start : TimePoint
        Where the step begins; its mesh moves.
    course : CircuitCourse
        Of source and circuit over the step.
    dt : float
        Length of the step [s].
    control : StepControl

    Raises
    ------
    OutlineError
        If an outline does not bound a filament, or half the gap goes in one step.
    InvalidMeshError, SolverError
        As `MeshedCell.evaluate`.
    """
    ahead, here = start.state, start.shape.outline
    rounding = 0.0 if cell.model.surface_energy else control.rounding

    def checked(outline: Outline) -> Shape:
        outline.check()
        if not cell.holds(outline):
            raise OutlineError("the outline leaves the cell")
        shape = cell.shape(outline)
        gap = shape.nearest[0]
        if gap < 0.5 * min(start.gap, 2 * control.contact):
            raise OutlineError(f"the gap falls to {gap:.3g} m in one step")
        return shape

    def speed(outline: Outline) -> Array:
        nonlocal ahead
        source = course.source(course.end)
        ahead = start.meshed.evaluate(checked(outline), source, course.drop)
        return rounded(ahead.speed, outline, rounding)

    first, damped = rounded(start.state.speed, here, rounding), None
    decay = curvature_decay(here, start.state.mobility)
    decay += rounding_decay(start.state.speed, here, rounding)
    if decay.any():
        damped = np.linalg.inv(np.eye(len(first)) + DAMPING * dt * decay)
    nucleus = cell.dissolution.nucleus
    first_order, free = heun(here, first, dt, speed, nucleus, damped)
    euler, corrected = checked(first_order), checked(outside(free, nucleus))
    kept = corrected.outline.volume - free.volume  # of the nucleus, whose ions stay
    distance = np.linalg.norm(corrected.outline.points - first_order.points, axis=1).max()
    rough = roughening(cell, start)
    # The roughness would grow on what is left of an error.
    position = distance / ((1 - 0.75 * rough) * control.position * min(1e-9, here.height))
    after, before = (
        tunnel_conductance(cell, shape, start.state.V_cell) + control.least_conductance
        for shape in (corrected, euler)
    )
    error = float(max(position, abs(np.log(after / before)) / control.log_conductance))
    if rough > 0:  # of the first order in the step: no part of the error
        advance = rough * dt * (first + ahead.speed) / 2
        smooth = diffused(corrected.outline, advance, nucleus)
        corrected = checked(outside(smooth, nucleus))
    if ahead.I_ion > 0:  # so that it matters little when a mesh was made
        wanted = start.meshed.control.wanted(start.shape)
        most = (_SLIDE + (1 - _SLIDE) * rough) * dt * float(np.abs(first + ahead.speed).max()) / 2
        corrected = checked(evened(corrected.outline, wanted, most))
    ions = np.array([start.state.I_ion]), np.array([ahead.I_ion])
    weight = float(end_weight(*ions)[0])
    charge = ((1 - weight) * start.state.I_ion + weight * ahead.I_ion) * dt
    return corrected, charge + kept / cell.model.deposit.volume_per_charge, error


def heun(
    outline: Outline,
    speed: Array,
    dt: float,
    speed_of: Callable[[Outline], Array],
    least: float = 0.0,
    damped: Array | None = None,
) -> tuple[Outline, Outline]:
    """Advance an outline whose nodes move along its normals; return Euler's and Heun's result.

    Heun's may enter what Euler's stays out of: the caller puts it back and knows how much it was.

    With a matrix that damps what is stiff the step is that of Verwer's method ROS2, of the second
    order whatever the matrix, which is Heun's without one.

    Parameters
    ----------
    outline : Outline
    speed : ndarray, shape (n,)
        Normal speed of its nodes [m/s].
    dt : float
        Time step [s].
    speed_of : callable
        Normal speed of another outline at the end of the step [m/s].
    least : float
        Radius around the foot of the axis that Euler's outline stays out of: a seed [m].
    damped : ndarray, shape (n, n), optional
        Inverse of the unit matrix less 1.7 times step and Jacobian.
    """
    damped = np.eye(len(speed)) if damped is None else damped
    slowed = damped @ speed
    first = slowed[:, None] * outline.directions
    euler = outside(outline.displaced(dt * first), least)
    there = speed_of(euler)
    second = (damped @ there)[:, None] * euler.directions
    second += 2 * (slowed - damped @ slowed)[:, None] * outline.directions
    weight = end_weight(speed, there)[:, None]
    return euler, outline.displaced(dt * ((1 - weight) * first + weight * second))


def evened(outline: Outline, spacing: Array, most: float) -> Outline:
    """Return an outline whose nodes slid along it: segments in proportion to a spacing.

    Parameters
    ----------
    outline : Outline
    spacing : ndarray, shape (n,)
        Wanted at its nodes [m].
    most : float
        Longest way of a node [m].
    """
    knots, wanted = outline.knots, (spacing[1:] + spacing[:-1]) / 2
    counted = np.cumsum(np.append(0.0, outline.lengths / wanted))
    way = np.interp(np.linspace(0.0, counted[-1], len(knots)), counted, knots) - knots
    way *= min(1.0, most / max(float(np.abs(way).max()), 1e-30))
    points: Array = outline.spline(knots + way)
    points[0, 0] = points[-1, 1] = 0.0
    return Outline(points)


def end_weight(start: Array, end: Array) -> Array:
    """Weight of the end of a step in the mean of what changes exponentially, else a half.

    A drive that rises steadily makes ions faster by a factor in each step: the arithmetic mean of
    both ends is then too large in every one, by a twelfth of the squared logarithm of the factor.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = end / start
        growth = np.log(ratio)
        weight = 1 / growth - 1 / (ratio - 1)
    steep = np.isfinite(growth) & (np.abs(growth) > _STRAIGHT)
    return np.where(steep, weight, 0.5)


def rounded(speed: Array, outline: Outline, length: float) -> Array:
    r"""Add a numerical term to the speed [m/s] that rounds the corners where metal dissolves.

    .. math:: v - \ell\,v^-\,(\kappa - \bar\kappa), \qquad
        \bar\kappa = \int v^- \kappa \,dA \Big/ \int v^-\,dA

    with the speed of dissolution v- = max(-v, 0), a length l [m] and the sum of both principal
    curvatures. A surface that recedes at one speed gets sharp edges; these recede faster. What is
    gained there is given back elsewhere, so charge and volume stay balanced.
    """
    dissolving = np.maximum(-speed, 0.0)
    weight = dissolving * outline.ring_areas
    if length == 0.0 or not weight.any():
        return speed
    curvature = outline.mean_curvature
    mean = float(weight @ curvature / weight.sum())
    return speed - length * dissolving * (curvature - mean)


def rounding_decay(speed: Array, outline: Outline, length: float) -> Array:
    """Decay of ripples by `rounded` [1/s], shape (n, n): what they lose is given back elsewhere."""
    dissolving = np.maximum(-speed, 0.0)
    total = dissolving @ outline.ring_areas
    decay = curvature_decay(outline, length * dissolving)
    if total > 0.0:
        decay -= np.outer(dissolving, outline.ring_areas @ decay) / total
    return decay


def longest_driven(source: Waveform, t: float, control: StepControl) -> float:
    """Return the longest step that the straight line of the source behind a time allows [s]."""
    begin, end = source.line(t)
    change = abs(source(end) - source(begin))
    if change == 0.0:
        longest = control.hold * (end - begin)
    else:
        edge = control.edge * (source.stop - source.start)
        longest = max(control.voltage / change * (end - begin), edge)
    return min(longest, control.longest)


def longest_stable(cell: Cell, point: TimePoint, control: StepControl) -> float:
    """Return the longest step that travel and growth into the recess allow [s]."""
    barrier = cell.model.barrier
    in_recess = barrier(0.0, point.shape.outline.z - cell.stack.oxide)
    thermal = BOLTZMANN / ELEMENTARY_CHARGE * point.state.T_max
    rate = np.max(point.state.speed * in_recess / (thermal * barrier.void_length))
    stable = control.stiffness / max(float(rate), 1e-30)
    return min(stable, control.travel / max(fastest(point), 1e-30))


def fastest(point: TimePoint) -> float:
    """Largest speed of a node, whatever its direction [m/s]."""
    return float(np.abs(point.state.speed).max())


def tunnel_conductance(cell: Cell, shape: Shape, voltage: float = 0.0) -> float:
    """Tunnel conductance of a filament without resistance [S] at a voltage, by Simpson's rule."""
    r, law = shape.outline.r, cell.model.tunnel.conductance
    nodes, middle = law(shape.gaps, voltage), law(shape.middle_gaps, voltage)
    per_length = r[:-1] * nodes[:-1] + r[1:] * nodes[1:] + 2 * (r[:-1] + r[1:]) * middle
    return float(np.pi / 3 * shape.outline.lengths @ per_length)


def end_of_step(start: TimePoint, dt: float, stop: float) -> float:
    """End of a step [s], on the stop to the last bit."""
    return stop if dt == stop - start.t else start.t + dt


def two_digits(dt: float) -> float:
    """Round a step: rounding errors, which differ with the number of ranks, must not set it."""
    return float(f"{dt:.1e}")
