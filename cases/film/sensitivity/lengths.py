"""Lengths of a film and its substrate, and how they move the mesh."""

import numpy as np

from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.film.laws.plan import Geometry
from mitmodels.cases.film.laws.substrate import HalfSpaceSection
from mitmodels.solvers.film.adjoint.lengths import Length, Motion
from mitmodels.solvers.film.interfaces import Array


def lengths_of(config: SteadyConfig) -> dict[str, Length]:
    """Return those by which a film is derived, by their keys; a drawn plan has none of its own.

    Film and pads are stretched evenly, and the bare substrate so that its far circle stays a circle
    and grows with them: all lengths together enlarge the plan as it is.
    """
    geometry, substrate = config.geometry, config.substrate
    found = {}
    if not geometry.drawn:
        motions = _motions(geometry)
        if isinstance(substrate, HalfSpaceSection):
            motions = _up_to_far(motions, geometry)
        for key, motion in motions.items():
            found[f"geometry.{key}"] = Length(float(getattr(geometry, key)), motion)
    if isinstance(substrate, HalfSpaceSection) and substrate.thickness:
        found["substrate.thickness"] = Length(float(substrate.thickness), None)
    return found


def _motions(geometry: Geometry) -> dict[str, Motion]:
    """Motions of film and pads, going on around them."""
    length, half, pad = float(geometry.length), geometry.length / 2, float(geometry.pad_length)

    def longer(x: Array) -> Array:
        within = np.clip(x[:, 0], -half, half) if pad else x[:, 0]
        return np.column_stack([within / length, 0.0 * x[:, 1]])

    def wider(x: Array) -> Array:
        return np.column_stack([0.0 * x[:, 0], x[:, 1] / geometry.width])

    def longer_pads(x: Array) -> Array:
        beyond = x[:, 0] - np.clip(x[:, 0], -half, half)
        return np.column_stack([beyond / pad, 0.0 * x[:, 1]])

    motions: dict[str, Motion] = {"length": longer, "width": wider}
    return motions | {"pad_length": longer_pads} if pad else motions


def _up_to_far(motions: dict[str, Motion], geometry: Geometry) -> dict[str, Motion]:
    """Motions that go over into that of the far circle, which grows as the corner of the pads."""
    far, along = float(geometry.far), geometry.length / 2 + geometry.pad_length
    reach = np.hypot(along, geometry.width / 2)
    growth = {"length": along / 2, "width": geometry.width / 4, "pad_length": along}

    def up_to_far(key: str, motion: Motion) -> Motion:
        def moved(x: Array) -> Array:
            fraction = np.clip((far - np.hypot(*x.T)) / (far - reach), 0, 1)[:, None]
            return fraction * motion(x) + (1 - fraction) * growth[key] / reach**2 * x

        return moved

    return {key: up_to_far(key, motion) for key, motion in motions.items()}
