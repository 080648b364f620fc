"""Dipolar modes: the local limit, the equation of motion solved field by field, thickness."""

import numpy as np
import pytest

from mitmodels.magnetism.dipolar import Strip, dipolar_modes
from mitmodels.magnetism.kittel import reduced_frequency
from mitmodels.magnetism.magnetisation import Brillouin
from mitmodels.magnetism.spectrum import Ferromagnet, maxima, spectrum

FILM = Ferromagnet(Brillouin(), H_a=0.0138, g=2.0, damping=0.0045, inhomogeneous=0.47e-3)
FIELD = np.arange(0.010, 0.080, 0.0002)
X = (np.arange(64) + 0.5) / 32 - 1
HILL = Strip(250 - 150 * X**2, np.ones(64), 10e-6 / 64, 20e-9)


def test_thin_film_is_local():
    """For k d -> 0 each cell obeys the Kittel law, whatever the direction of the field."""
    thin = Strip(HILL.temperature, HILL.weight, HILL.cell, 1e-15)
    M = FILM.magnetisation(HILL.temperature)
    F = float(reduced_frequency(6e9, 2.0))
    # Power absorbed by a linearly driven cell: M u_z/(u_x + u_z) of the symmetric line.
    u = FILM.resonance_field(6e9, HILL.temperature) + FILM.H_a
    strength = M * (u + M) / (2 * u + M)
    local = spectrum(FILM, FIELD, 6e9, HILL.temperature, strength / M.size)
    for angle in (0.0, 1.0):
        absorption = dipolar_modes(FILM, thin, 6e9, angle).absorption(FIELD)
        # The counter-rotating modes lie F + M away and add their wings.
        np.testing.assert_allclose(absorption, local, atol=(FILM.hwhm(6e9) / F) ** 2)


@pytest.mark.parametrize("angle", [0.0, np.pi / 4, np.pi / 2])
def test_modes_equal_the_equation_of_motion(angle):
    """Linearised LLG with damping in both rows, solved at each field without symmetrising."""
    n, F = 64, float(reduced_frequency(6e9, 2.0))
    M, N = FILM.magnetisation(HILL.temperature), HILL.demagnetising_matrix()
    hwhm = float(FILM.hwhm(6e9))
    modes = dipolar_modes(FILM, HILL, 6e9, angle)
    for H in (0.025, 0.0342, 0.0448):
        u = (H + FILM.H_a + 1j * hwhm) * np.eye(n)
        in_plane = u + np.sin(angle) ** 2 * (np.eye(n) - N) @ np.diag(M)
        out_of_plane = u + N @ np.diag(M)
        matrix = np.block([[in_plane, 1j * F * np.eye(n)], [-1j * F * np.eye(n), out_of_plane]])
        m = np.linalg.solve(matrix, np.concatenate([np.ones(n), np.zeros(n)]))
        absorbed = -np.mean(M * m[:n]).imag
        assert modes.absorption([H]) / hwhm == pytest.approx(absorbed, rel=1e-9)


def test_sum_rule():
    """The strengths add up to the mean magnetisation times the weight."""
    for angle in (0.0, 0.7):
        modes = dipolar_modes(FILM, HILL, 6e9, angle)
        total = np.mean(FILM.magnetisation(HILL.temperature))
        assert modes.strengths.sum() == pytest.approx(total, rel=1e-12)
        assert (modes.strengths >= 0).all()


def test_demagnetising_matrix():
    """Symmetric, between 0 and 1; a long strip has the full demagnetising field inside."""
    matrix = Strip(np.full(400, 100.0), np.ones(400), 100e-9, 20e-9).demagnetising_matrix()
    np.testing.assert_allclose(matrix, matrix.T)
    values = np.linalg.eigvalsh(matrix)
    assert values.min() > 0
    assert values.max() < 1
    assert matrix.sum(axis=1)[200] == pytest.approx(1.0, abs=1e-3)


def test_spacing_grows_with_thickness():
    """Modes of a well, not temperatures: twice the film shifts lines by over a half width."""
    hottest = []
    for thickness in (20e-9, 40e-9):
        strip = Strip(HILL.temperature, HILL.weight, HILL.cell, thickness)
        lines = maxima(FIELD, dipolar_modes(FILM, strip, 6e9, np.pi / 2).absorption(FIELD))
        hottest.append(lines[-1])
    assert hottest[0] - hottest[1] > FILM.hwhm(6e9)


def test_paramagnetic_cells_are_silent():
    strip = Strip(np.full(16, 350.0), np.ones(16), 1e-7, 20e-9)
    np.testing.assert_array_equal(dipolar_modes(FILM, strip, 6e9, 0.3).strengths, 0.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([100.0], [1.0], 1e-7, 2e-8), "must list two or more cells along x"),
        (([100.0, 120.0], [1.0], 1e-7, 2e-8), r"got shapes \(2,\) and \(1,\)"),
        (([100.0, -1.0], [1.0, 1.0], 1e-7, 2e-8), r"temperature must not be negative, got -1\.0 K"),
        (([100.0, 120.0], [1.0, -1.0], 1e-7, 2e-8), "weight must not be negative"),
        (([100.0, 120.0], [1.0, 1.0], 0.0, 2e-8), r"cell must be positive, got 0\.0 m"),
        (([100.0, 120.0], [1.0, 1.0], 1e-7, -2e-8), "thickness must be positive, got -2e-08 m"),
    ],
)
def test_bad_strip(arguments, message):
    with pytest.raises(ValueError, match=message):
        Strip(*arguments)


def test_bad_arguments():
    with pytest.raises(ValueError, match="angle must be finite, got nan rad"):
        dipolar_modes(FILM, HILL, 6e9, np.nan)
    with pytest.raises(ValueError, match=r"frequency must be positive, got -1\.0 Hz"):
        dipolar_modes(FILM, HILL, -1.0, 0.0)
