"""Derivatives of a film's residuals by the parameters of a fit, from its branch."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicHermiteSpline

from mitmodels.cases.film.sensitivity.chain import Chain
from mitmodels.cases.film.sensitivity.numbers import sorted_numbers
from mitmodels.cases.film.sensitivity.readings import KEY_FIGURES, OBSERVED, Derivation
from mitmodels.cases.film.steady_config import Prepared
from mitmodels.cases.fitting.film_config import Experiment, Figure
from mitmodels.checks import FloatArray
from mitmodels.fitting.path_distance import nearest
from mitmodels.solvers.film.branch import Branch
from mitmodels.solvers.film.points import Point

BoolArray = npt.NDArray[np.bool_]

PARTS = 8
"""Straight pieces of a path between two points of a branch."""


def has_gradients(experiment: Experiment, keys: Iterable[str]) -> bool:
    """Whether all residuals of an experiment have derivatives by numbers of its case."""
    known, _ = sorted_numbers(experiment.film)
    derived = (
        figure.quantity in OBSERVED if figure.at else figure.name in KEY_FIGURES
        for figure in experiment.figures
    )
    return all(key in known for key in keys) and all(derived)


def derivation_of(branch: Branch, prepared: Prepared, keys: Iterable[str]) -> Derivation:
    """Return what derives the readings of a branch by numbers of its case."""
    known, _ = sorted_numbers(prepared.config)
    chain = Chain(prepared.config, [known[key] for key in keys], branch.continuation.newton)
    return Derivation(branch, prepared, chain)


def figure_gradients(
    derivation: Derivation, figures: Sequence[Figure], found: Container[str]
) -> FloatArray:
    """Derivatives of key figures over their errors; what the model does not show has none."""
    rows = np.zeros((len(figures), len(derivation.chain.keys)))
    for row, figure in zip(rows, figures, strict=True):
        if figure.name in found:
            row[:] = derivation(figure.name).by[: len(row)] / figure.error
    return rows


def curve_gradients(
    derivation: Derivation,
    points: FloatArray,
    scale: FloatArray,
    upward: BoolArray,
    paths: Mapping[bool, FloatArray],
) -> FloatArray:
    """Derivatives of the distances of measured points from the path of their sweep.

    Parameters
    ----------
    derivation
    points, scale
        Voltages [V] and currents [A], and those of a unit of the distance.
    upward
        Whether each point is of the sweep up.
    paths
        Those up and down, both in the order of rising drives.
    """
    found = np.empty((len(points), len(derivation.chain.keys)))
    for way, path in paths.items():
        if not (here := upward == way).any():
            continue
        stretches = derivation.branch.sweep(way)
        if not way:
            stretches = tuple(stretch[::-1] for stretch in stretches[::-1])
        gradient = PathGradient(derivation, stretches, scale, derivation.prepared.series)
        found[here] = gradient(points[here] / scale, path / scale)
    return found


@dataclass(eq=False)
class PathGradient:
    """Derivatives of the distances of points from the path of one sweep of a source.

    A path moves along its normal only. How far, is derived at the state of the branch that is
    nearest to a point: the combination of voltage and current across the path is stationary there.

    Attributes
    ----------
    derivation : Derivation
    stretches : sequence of sequence of Point
        Of the sweep.
    scale : ndarray, shape (2,)
        Voltage [V] and current [A] of a unit of the distance.
    series : float
        Resistance between film and source [ohm].
    """

    derivation: Derivation
    stretches: Sequence[Sequence[Point]]
    scale: FloatArray
    series: float

    def __call__(self, points: FloatArray, path: FloatArray) -> FloatArray:
        """Derivatives of the signed distances, shape (points, numbers of the derivation).

        Parameters
        ----------
        points, path
            In units of the distance; the path is that of the stretches in order, with `PARTS`
            pieces between two points.
        """
        count = len(self.derivation.chain.keys)
        found = np.zeros((len(points), count))
        for row, foot in zip(found, nearest(points, path), strict=True):
            row[:] = self._moves(foot.segment + foot.fraction, foot.away)
        return found

    def _moves(self, position: float, away: FloatArray) -> FloatArray:
        """Change of a distance in a direction from a place on the path, counted in its pieces."""
        for number, stretch in enumerate(self.stretches):
            length = PARTS * (len(stretch) - 1)
            if position <= length:
                return -self._between(stretch, position / PARTS, away)
            position -= length
            if position < 1 and number + 1 < len(self.stretches):
                ends = stretch[-1], self.stretches[number + 1][0]
                # A jump moves with its fold.
                return -self._derived(next(p for p in ends if p.kind == "fold"), away)
            position -= 1
        return -self._between(self.stretches[-1], len(self.stretches[-1]) - 1.0, away)

    def _between(self, stretch: Sequence[Point], position: float, away: FloatArray) -> FloatArray:
        """Displacement at a position between the points of a stretch, in a direction across it."""
        number = min(int(position), len(stretch) - 2)
        if number < 0:
            return self._derived(stretch[0], away)
        here, there = stretch[number : number + 2]
        fraction = position - number
        if here.s > there.s:
            here, there, fraction = there, here, 1 - fraction
        trace = self.derivation.trace
        point = trace.between(here, there, fraction * trace.length(here, there))
        tangent = np.array([point.dV + self.series * point.d_current, point.d_current]) / self.scale
        normal = np.array([-tangent[1], tangent[0]]) / np.hypot(*tangent)
        return self._derived(point, np.sign(normal @ away) * normal)

    def _derived(self, point: Point, direction: FloatArray) -> FloatArray:
        by_voltage, by_current = direction / self.scale
        found = self.derivation.normal(point, by_voltage, by_current)
        return found[: len(self.derivation.chain.keys)]


def stretch_path(points: Sequence[Point], series: float) -> FloatArray:
    """Cubics through the points of a stretch and their tangents."""
    s = np.array([point.s for point in points])
    values = [(p.state.voltage + series * p.state.current, p.state.current) for p in points]
    if len(points) == 1:
        return np.array(values)
    direction = np.sign(s[-1] - s[0])
    slopes = direction * np.array([(p.dV + series * p.d_current, p.d_current) for p in points])
    s = direction * s
    fine = np.interp(np.arange(PARTS * (len(s) - 1) + 1) / PARTS, np.arange(len(s)), s)
    return np.asarray(CubicHermiteSpline(s, values, slopes)(fine))
