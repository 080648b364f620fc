r"""Roughness of a filament whose growth the ions limit, and the diffusion of atoms against it.

Where the potential drops in the electrolyte, what protrudes grows faster. A ripple that is shorter
than :math:`\Lambda = \sigma_i kT/(\alpha z e J)` becomes larger by e while the surface advances by
that length, however short it is: without a length of its own the surface would roughen down to the
spacing of its nodes. Across an electrolyte in which the voltage V_h drops, the growth multiplies a
ripple by exp(m), :math:`m = \alpha z e V_h/kT`. Atoms that diffuse along the surface, over about
their size l while it grows by that, smooth what is as short as they are,

.. math:: v_n = \ell^3\,|v|\,\Delta_s \kappa,

and leave the volume and the shape of the tip alone: a ripple of wavelength w decays within
:math:`w^4/(2\pi)^4\ell^3` of growth.
"""

import numpy as np

from mitmodels.constants import BOLTZMANN, ELEMENTARY_CHARGE
from mitmodels.solvers.cell.curvature_flow import surface_curvature
from mitmodels.solvers.cell.events import TimePoint
from mitmodels.solvers.cell.meshed_cell import Cell
from mitmodels.solvers.cell.outline import Array, Outline

_SLIGHT = 3.0  # m up to which ripples stay ripples


def diffused(outline: Outline, advance: Array, length: float) -> Outline:
    """Return an outline along which atoms diffused.

    Implicit steps of the linearised flow, each for an advance of a quarter of an atom at most: long
    ripples and short ones are stable in them.

    Parameters
    ----------
    outline : Outline
    advance : ndarray, shape (n,)
        By how much its nodes grew [m]; where none did, no atom moves.
    length : float
        l [m].
    """
    way = max(float(advance.max()), 0.0)
    steps = int(np.ceil(4 * way / length))
    for _ in range(steps):
        outline = _diffused(outline, length**3 * way / steps)
    return outline


def _diffused(outline: Outline, mobility: float) -> Outline:
    towards = _towards(outline)
    implicit = np.eye(len(towards)) + mobility * towards @ towards
    shift = np.linalg.solve(implicit, -mobility * towards @ surface_curvature(outline))
    return outline.displaced(shift[:, None] * outline.directions)


def _towards(outline: Outline) -> Array:
    """Negative Laplace operator on the revolved outline [1/m2], shape (n, n).

    Applied to a displacement along the normals it is the change of the curvature, for ripples.
    """
    through = np.pi * (outline.r[1:] + outline.r[:-1]) / outline.lengths
    laplace = np.diag(np.pad(through, (0, 1)) + np.pad(through, (1, 0)))
    laplace -= np.diag(through, 1) + np.diag(through, -1)
    return np.asarray(laplace / outline.ring_areas[:, None])


def curvature_decay(outline: Outline, mobility: Array) -> Array:
    """Decay of ripples by the surface energy [1/s], shape (n, n), at nodes of a mobility [m2/s]."""
    return np.asarray(mobility[:, None] * _towards(outline))


def roughening(cell: Cell, point: TimePoint) -> float:
    """Return m beyond what is slight, 0 to 1: by how much atoms have to diffuse while it grows."""
    kinetics, state = cell.model.kinetics, point.state
    steepness = kinetics.transfer_coefficient * kinetics.charge_number * ELEMENTARY_CHARGE
    folds = steepness * state.hopping * state.V_cell / (BOLTZMANN * cell.model.ambient)
    return float(np.clip(folds / _SLIGHT - 1, 0.0, 1.0))
