"""Limits of a continuum at the size of an atom: the seed that stays, the neck that breaks."""

import numpy as np

from mitmodels.solvers.cell.outline import Outline

_NEARLY = 1.02  # extent of a filament over that of a seed below which it is one


def is_seed(outline: Outline, radius: float) -> bool:
    """Whether no more is left of a filament than the seed of a radius [m]."""
    return outline.extent <= _NEARLY * radius


def outside(outline: Outline, radius: float) -> Outline:
    """Return the outline whose nodes are at least a radius [m] from the foot of the axis."""
    distance = np.linalg.norm(outline.points, axis=1)
    if distance.min() >= radius:
        return outline
    scale = np.maximum(radius / np.maximum(distance, 1e-3 * radius), 1.0)
    points = outline.points * scale[:, None]
    points[0] = 0.0, max(outline.tip_height, radius)
    return Outline(points)


def stump(outline: Outline, radius: float) -> Outline | None:
    """Return the outline without what stands on a neck thinner than a radius [m].

    What loses its contact dissolves at once, for nothing is known of its path. The stump gets a
    hemisphere of that radius on top. None if no neck is so thin: the tip itself is none within the
    radius below it. The neck is looked for along the outline, not by height: it may stand in a
    crater of the foot, below its rim.
    """
    thin = np.flatnonzero((outline.r < radius) & (outline.z < outline.tip_height - radius))
    if not len(thin):
        return None
    neck = thin[-1]
    cap = Outline.nucleus(radius, 6).points + np.array([0.0, outline.z[neck]])
    return Outline(np.concatenate((cap, outline.points[neck + 1 :])))
