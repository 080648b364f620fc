r"""Magnetostatic modes of a film whose temperature varies along one direction.

Linearised Landau-Lifshitz-Gilbert equation with the dipolar field of the thickness-averaged
magnetisation, wave vector k along x, film thickness d. For a wave of amplitude
:math:`M m` the field is :math:`-N_k M m_z` across the film and
:math:`-(1-N_k)\sin^2\!\psi\,M m_\parallel` in its plane, with
:math:`N_k=(1-e^{-kd})/(kd)` and :math:`\psi` the angle between x and the static magnetisation.
With :math:`\mu=\sqrt{M}m` and the reduced frequency F the equation of motion

.. math::

    \begin{pmatrix} u + \sqrt M(1-N)\sqrt M\sin^2\!\psi & -F \\ -F & u + \sqrt M N\sqrt M
    \end{pmatrix}
    \begin{pmatrix}\mu_\parallel\\ \mu_z\end{pmatrix} =
    \begin{pmatrix}\sqrt M h\\ 0\end{pmatrix}, \qquad u=H+H_a+i\Delta

is symmetric: at fixed frequency the film absorbs a sum of Lorentzians of half width
:math:`\Delta`, at fields and with strengths from one eigenvalue problem. For N = 1 each cell is
on its own and obeys the Kittel law.

Assumed: no static demagnetising field of the magnetisation profile, M_s = M_eff, no exchange,
magnetisation free at the ends.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh, toeplitz

from mitmodels.checks import FloatArray, finite, not_negative, positive
from mitmodels.magnetism.kittel import reduced_frequency
from mitmodels.magnetism.lineshapes import symmetric
from mitmodels.magnetism.spectrum import Ferromagnet

# Empty length on which the periodic images of the spectral kernel are put, in film lengths.
_PADDING = 8


@dataclass(frozen=True)
class Strip:
    """Film that varies along x only, in equal cells with free ends.

    Parameters
    ----------
    temperature : temperature of the cells, K, shape (n,); n = 128 is converged for a smooth
        profile over 10 um
    weight : rf weight of the cells, shape (n,); drive and pick-up each take its square root
    cell : length of a cell, m
    thickness : film thickness, m

    Raises
    ------
    ValueError
        If there are fewer than two cells, the shapes differ, a temperature or weight is
        negative, or a length is not positive.
    """

    temperature: FloatArray
    weight: FloatArray
    cell: float
    thickness: float

    def __post_init__(self) -> None:
        T = not_negative("temperature", self.temperature, "K")
        weight = not_negative("weight", self.weight, "(dimensionless)")
        if T.ndim != 1 or T.size < 2 or T.shape != weight.shape:
            raise ValueError(
                "temperature [K] and weight must list two or more cells along x, "
                f"got shapes {T.shape} and {weight.shape}"
            )
        positive("cell", self.cell, "m")
        positive("thickness", self.thickness, "m")

    def demagnetising_matrix(self) -> FloatArray:
        """Convolution with N_k between the cells, shape (n, n)."""
        n = self.temperature.size
        kd = 2 * np.pi * np.fft.rfftfreq(_PADDING * n, self.cell)[1:] * self.thickness
        kernel = np.fft.irfft(np.concatenate([[1.0], -np.expm1(-kd) / kd]))
        return np.asarray(toeplitz(kernel[:n]))


@dataclass(frozen=True)
class Modes:
    """Normal modes: fields of resonance [T], strengths [T] and the common half width [T]."""

    fields: FloatArray
    strengths: FloatArray
    hwhm: float

    def absorption(self, field: ArrayLike) -> FloatArray:
        """Absorbed power at fields [T] of shape (m,), up to a factor."""
        H = finite("field", field, "T")
        return symmetric(H[:, None] - self.fields, self.hwhm) @ self.strengths


def dipolar_modes(ferromagnet: Ferromagnet, strip: Strip, frequency: float, angle: float) -> Modes:
    """Return the 2 n modes of a strip at a frequency [Hz], the field at an angle [rad] to x.

    The strength of a mode is the square of its overlap with the drive.

    Raises
    ------
    ValueError
        If the frequency is not positive or the angle not finite.
    """
    F = float(reduced_frequency(frequency, ferromagnet.g))
    M = ferromagnet.magnetisation(strip.temperature)
    root, n = np.sqrt(M), M.size
    across = root[:, None] * strip.demagnetising_matrix() * root
    along = float(np.sin(finite("angle", angle, "rad"))) ** 2 * (np.diag(M) - across)
    coupling = -F * np.eye(n)
    values, vectors = eigh(np.block([[along, coupling], [coupling, across]]))
    drive = root * np.sqrt(strip.weight)
    return Modes(
        fields=-values - ferromagnet.H_a,
        strengths=(drive @ vectors[:n]) ** 2 / n,
        hwhm=float(ferromagnet.hwhm(frequency)),
    )
