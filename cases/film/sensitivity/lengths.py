"""Lengths of a film and its substrate, and how they move the mesh."""

import numpy as np

from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.film.laws.plan import Geometry
from mitmodels.cases.film.laws.substrate import HalfSpaceSection
from mitmodels.solvers.film.adjoint.lengths import Length, Motion
from mitmodels.solvers.film.interfaces import Array


def lengths_of(config: SteadyConfig) -> dict[str, Length]:
    """Return those by which a film is derived, by their keys; a drawn plan has none of its own.

    Film and pads are stretched evenly, the bare substrate less and less up to the far circle.
    """
    geometry, substrate = config.geometry, config.substrate
    found = {}
    if not geometry.drawn:
        for key, stretched in _motions(geometry).items():
            motion = _fading(stretched, geometry)
            found[f"geometry.{key}"] = Length(float(getattr(geometry, key)), motion)
    if isinstance(substrate, HalfSpaceSection) and substrate.thickness:
        found["substrate.thickness"] = Length(float(substrate.thickness), None)
    return found


def _motions(geometry: Geometry) -> dict[str, Motion]:
    half, wide, pad = geometry.length / 2, geometry.width / 2, float(geometry.pad_length)

    def longer(x: Array) -> Array:
        return np.column_stack([np.clip(x[:, 0] / half, -1, 1) / 2, 0.0 * x[:, 1]])

    def wider(x: Array) -> Array:
        return np.column_stack([0.0 * x[:, 0], np.clip(x[:, 1] / wide, -1, 1) / 2])

    def longer_pads(x: Array) -> Array:
        beyond = np.clip((np.abs(x[:, 0]) - half) / pad, 0, 1)
        return np.column_stack([np.sign(x[:, 0]) * beyond, 0.0 * x[:, 1]])

    motions: dict[str, Motion] = {"length": longer, "width": wider}
    return motions | {"pad_length": longer_pads} if pad else motions


def _fading(motion: Motion, geometry: Geometry) -> Motion:
    """Motion of film and pads, and of what is around them on a half-space."""
    far = float(geometry.far)
    reach = np.hypot(geometry.length / 2 + geometry.pad_length, geometry.width / 2)
    if not far:
        return motion

    def fading(x: Array) -> Array:
        fraction = np.clip((far - np.hypot(*x.T)) / (far - reach), 0, 1)
        return fraction[:, None] * motion(x)

    return fading
