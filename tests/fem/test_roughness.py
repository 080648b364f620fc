"""Atoms that diffuse along an outline: decay of a ripple, what they leave alone, stability."""

import numpy as np
import pytest

from mitmodels.solvers.cell.outline import Outline
from mitmodels.solvers.cell.roughness import diffused

pytestmark = pytest.mark.serial

NM = 1e-9
ATOM = 0.2 * NM


def rippled(waves: int, amplitude: float, nodes: int = 241, radius: float = 3 * NM) -> Outline:
    """Sphere with ripples along its outline, an even number of half waves [m]."""
    sphere = Outline.nucleus(radius, nodes)
    angle = np.linspace(0, np.pi / 2, nodes)
    swollen = 1 + amplitude / radius * np.cos(4 * waves * angle)
    return Outline(sphere.points * swollen[:, None])


def amplitude(outline: Outline, waves: int) -> float:
    angle = np.arctan2(outline.r, outline.z)
    near = (angle > 0.2) & (angle < 1.4)  # the two principal curvatures differ at the axis
    basis = np.column_stack((np.ones(near.sum()), np.cos(4 * waves * angle[near])))
    distance = np.linalg.norm(outline.points[near], axis=1)
    return float(np.linalg.lstsq(basis, distance, rcond=None)[0][1])


def test_ripple_decays_by_the_fourth_power_of_its_wavelength(record) -> None:
    """The implicit step divides it by 1 + l^3 d k^4 for an advance d."""
    waves, before, advance = 4, 1e-3 * NM, 0.02 * NM
    wavenumber = 4 * waves / (3 * NM)
    after = diffused(rippled(waves, before), np.full(241, advance), ATOM)
    expected = 1 / (1 + ATOM**3 * advance * wavenumber**4)
    found = amplitude(after, waves) / amplitude(rippled(waves, before), waves)
    ratio = found / expected
    record("decay of a ripple of 1.2 nm against 1/(1 + l^3 d k^4)", "3 %", f"{ratio:.4f}")
    assert expected < 0.9
    assert ratio == pytest.approx(1, abs=0.03)


def test_sphere_and_volume_stay() -> None:
    sphere = Outline.nucleus(NM, 31)
    moved = diffused(sphere, np.full(31, NM), ATOM)
    np.testing.assert_allclose(moved.points, sphere.points, atol=2e-4 * NM)
    rough = rippled(4, 0.05 * NM)
    smooth = diffused(rough, np.full(241, 0.05 * NM), ATOM)
    assert smooth.volume == pytest.approx(rough.volume, rel=2e-3)


def test_zigzag_decays_however_long_the_step() -> None:
    body = rippled(30, 0.01 * NM, nodes=61)
    for advance in (1e-3 * NM, NM):
        smooth = diffused(body, np.full(61, advance), ATOM)
        distance = np.linalg.norm(smooth.points, axis=1)
        assert np.ptp(distance[5:-5]) < 0.3 * np.ptp(np.linalg.norm(body.points, axis=1)[5:-5])


def test_what_dissolves_is_left_alone() -> None:
    body = rippled(4, 0.05 * NM)
    np.testing.assert_array_equal(diffused(body, np.full(241, -NM), ATOM).points, body.points)
