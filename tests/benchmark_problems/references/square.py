r"""Problem 3: temperature of an evenly heated square of side 1, conductivity 1, heat 1 per area.

On a half-space the integrals of 1/(2 pi r) (Carslaw and Jaeger, Conduction of Heat in Solids,
section 10.5), and their mean over the square; on a slab of a thickness d above a heat sink the
images of the square, or the Fourier integral with tanh(k d)/k in the place of 1/k.
"""

import numpy as np
from scipy.integrate import dblquad


def half_space() -> dict[str, float]:
    """Return the temperatures of centre, middle of a side, corner, and their mean."""
    asinh = np.arcsinh
    mean = 2 / np.pi * (asinh(1) - (np.sqrt(2) - 1) / 3)
    return {
        "T_centre": float(2 * asinh(1) / np.pi),
        "T_side": float((2 * asinh(0.5) + asinh(2)) / (2 * np.pi)),
        "T_corner": float(asinh(1) / np.pi),
        "T_mean": float(mean),
    }


def half_space_by_integration(x: float, y: float) -> float:
    """Return the temperature at a place by the Fourier integral in polar coordinates.

    1/(2 pi r) integrated over r: what is left is the distance to the edge over the angle.
    """
    angles = np.linspace(0, 2 * np.pi, 2_000_001)[:-1] + np.pi / 2_000_000
    with np.errstate(divide="ignore"):
        along = np.where(np.cos(angles) > 0, 0.5 - x, 0.5 + x) / np.abs(np.cos(angles))
        across = np.where(np.sin(angles) > 0, 0.5 - y, 0.5 + y) / np.abs(np.sin(angles))
    return float(np.minimum(along, across).mean())


def slab_centre_by_images(thickness: float) -> float:
    """Return the temperature of the centre on a slab by images, the last two sums averaged."""
    a, z = 0.5, 2 * thickness * np.arange(1, 200_001)
    away = 8 * a * np.arcsinh(a / np.hypot(a, z)) - 4 * z * np.arctan(
        a**2 / (z * np.hypot(z, 2**0.5 * a))
    )
    signs = np.where(np.arange(len(z)) % 2, 1.0, -1.0)
    images = 2 * (signs * away).cumsum()[-2:].mean() / (2 * np.pi)
    return half_space()["T_centre"] + float(images)


def slab_centre_by_fourier(thickness: float) -> float:
    """Return the same as the half-space less what of 1/k - tanh(k d)/k is in the square."""

    def missing(q: float, p: float) -> float:
        k = np.hypot(p, q)
        lost = 2 / (np.exp(2 * k * thickness) + 1) / k if k else 0.0
        return lost * np.sinc(p / 2 / np.pi) * np.sinc(q / 2 / np.pi)

    reach = 20 / thickness
    found, _ = dblquad(missing, 0, reach, 0, reach, epsabs=1e-9, epsrel=1e-9)
    return half_space()["T_centre"] - float(found / np.pi**2)
