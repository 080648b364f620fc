r"""Convolution with the kernel of a substrate on a uniform grid, by padded Fourier transforms.

A heat on a half-space of unit conductivity raises its surface at the distance r by
:math:`1/(2\pi r)` times it, one on a slab of thickness d by :math:`\sum_n (-1)^n / (2\pi
\sqrt{r^2 + (2 n d)^2})`, the sum over its images. Between two points of the grid stands the mean
of the kernel over their boxes. These means and the hats of the transfer damp short waves as the
sixth power of a sinc; along each axis the spectrum is multiplied by
:math:`1 + (1 - \cos(k h))/2`, which restores them to fourth order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft

from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.film.substrate.grid_transfer import Grid

Kernel = Callable[[tuple[float, float], tuple[int, int]], Array]

# Cells within which differences of the closed form are taken, in extended precision: its digits
# are lost by the fourth power of the distance.
_NEAR = 48
# Of a slab, in thicknesses: where its images are summed up, the other way round, and how many; and
# where nothing is left.
_CLOSE, _IMAGES, _FAR = 0.5, 4000, 12.0
_TRANSFORMS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "cosine": (scipy.fft.dct, scipy.fft.idct),
    "real": (scipy.fft.rfft, scipy.fft.irfft),
    "complex": (scipy.fft.fft, scipy.fft.ifft),
}


@dataclass(frozen=True)
class _Transform:
    """Transform along one axis: of cosines before a mirror, else of real or complex numbers.

    ``half`` is half of the period in points.
    """

    axis: int
    points: int
    half: int
    kind: str

    def forward(self, values: Array) -> Array:
        """Spectrum of values that are zero in the rest of the period."""
        forward, _ = _TRANSFORMS[self.kind]
        return np.asarray(forward(values, n=self._length, axis=self.axis))

    def inverse(self, values: Array) -> Array:
        """Values at the points."""
        _, inverse = _TRANSFORMS[self.kind]
        found = inverse(values, n=self._length, axis=self.axis, overwrite_x=True)
        return np.asarray(found[: self.points] if self.axis == 0 else found[:, : self.points])

    @property
    def _length(self) -> int:
        return self.half if self.kind == "cosine" else 2 * self.half

    def of_even(self, spectrum: Array) -> Array:
        """Spectrum of an even kernel in the order of ``forward``, from its half, sharpened."""
        angles = np.linspace(0, np.pi, self.half + 1)
        sharper = 1 + (1 - np.cos(angles)) / 2
        spectrum *= sharper[:, None] if self.axis == 0 else sharper
        wavenumbers = np.arange(self.half + (self.kind != "cosine"))
        if self.kind == "complex":
            wavenumbers = np.concatenate([wavenumbers, wavenumbers[-2:0:-1]])
        return spectrum.take(wavenumbers, self.axis)


class Convolution:
    """Convolution of values on a grid, and on its mirror images, with an even kernel.

    Parameters
    ----------
    grid : Grid
    kernel : callable
        Of a spacing [m] and a shape: values at offsets (m, n) of so many spacings.
    """

    def __init__(self, grid: Grid, kernel: Kernel) -> None:
        self._shape = grid.shape
        # What is further apart than the grid is wide, images included, meets nowhere.
        halves = [
            scipy.fft.next_fast_len((2 if mirrored else 1) * points + 1)
            for points, mirrored in zip(grid.shape, grid.mirrored, strict=True)
        ]
        kinds = {axis: "cosine" for axis in range(2) if grid.mirrored[axis]}
        free = [axis for axis in range(2) if axis not in kinds]
        kinds |= dict(zip(free, ("real", "complex"), strict=False))
        self._transforms = [
            _Transform(axis, grid.shape[axis], halves[axis], kind) for axis, kind in kinds.items()
        ]
        values = kernel(grid.spacing, (halves[0] + 1, halves[1] + 1))
        self._spectrum = scipy.fft.dctn(values, type=1, overwrite_x=True)
        for transform in self._transforms:
            self._spectrum = transform.of_even(self._spectrum)

    def __call__(self, values: Array) -> Array:
        """Convolution at the points of the grid, in C order."""
        found = values.reshape(self._shape)
        for transform in self._transforms:
            found = transform.forward(found)
        found *= self._spectrum
        for transform in reversed(self._transforms):
            found = transform.inverse(found)
        return found.reshape(-1)


def half_space_kernel(spacing: tuple[float, float], shape: tuple[int, int]) -> Array:
    """Mean of 1/(2 pi r) [1/m] over two boxes of a grid: closed form near, Taylor series far."""
    x, y = (h * np.arange(n) for h, n in zip(spacing, shape, strict=True))
    r2 = x[:, None] ** 2 + y**2
    r2[0, 0] = np.inf
    mean = 1 + sum(
        h**2 * (3 * along**2 / r2 - 1) / (12 * r2)
        for h, along in zip(spacing, (x[:, None], y), strict=True)
    )
    mean /= np.sqrt(r2)
    reach = _NEAR * max(spacing)
    counts = [min(n, int(reach / h) + 1) for h, n in zip(spacing, shape, strict=True)]
    near = [
        h * np.abs(np.arange(-1, count + 1)).astype(np.longdouble)
        for h, count in zip(spacing, counts, strict=True)
    ]
    differences = _second_difference(_second_difference(_integral(*near)).T).T
    mean[: counts[0], : counts[1]] = differences / (spacing[0] * spacing[1]) ** 2
    return mean / (2 * np.pi)


def _integral(x: Any, y: Any) -> Any:
    """Integral of 1/r, twice over x and twice over y."""
    x, y = x[:, None], y[None]
    with np.errstate(divide="ignore", invalid="ignore"):
        along = np.where(x == 0, 0, x**2 * y * np.arcsinh(y / x))
        across = np.where(y == 0, 0, x * y**2 * np.arcsinh(x / y))
    return (along + across) / 2 - np.hypot(x, y) ** 3 / 6


def _second_difference(values: Any) -> Any:
    return values[2:] - 2 * values[1:-1] + values[:-2]


def slab_kernel(thickness: float) -> Kernel:
    """Kernel of a slab [m] on a heat sink; the grid is at most half as wide as it is thick."""
    from scipy.interpolate import CubicSpline  # only here: it takes longer than the rest

    distances = np.linspace(0, _FAR, 4001)
    images = CubicSpline(distances, _images(distances))

    def kernel(spacing: tuple[float, float], shape: tuple[int, int]) -> Array:
        x, y = (h * np.arange(n + 1) / thickness for h, n in zip(spacing, shape, strict=True))
        r = np.hypot(x[:, None], y)
        values = np.where(r < _FAR, images(np.minimum(r, _FAR)), -1 / np.maximum(r, _FAR))
        values /= 2 * np.pi * thickness
        for _ in range(2):  # means over both boxes, to fourth order
            even = np.concatenate([values[1:2], values])
            values = (values[:-1] + _second_difference(even) / 12).T
        return half_space_kernel(spacing, shape) + values

    return kernel


def _images(r: Array) -> Array:
    """Sum over n > 0 of 2 (-1)^n / sqrt(r^2 + 4 n^2)."""
    from scipy.special import k0  # only here: it takes longer than the rest

    n = np.arange(1, _IMAGES + 1)
    close = r < _CLOSE
    sums = np.cumsum(2 * (-1.0) ** n / np.hypot(r[close, None], 2 * n), axis=1)
    for _ in range(3):  # an alternating series
        sums = (sums[:, 1:] + sums[:, :-1]) / 2
    away = r[~close]
    # By the modes of the depth: tanh(k)/k is the sum of 2/(k^2 + (n - 1/2)^2 pi^2).
    waves = 2 * k0(np.pi * (n[:30] - 0.5) * away[:, None]).sum(axis=1)
    return np.concatenate([sums[:, -1], waves - 1 / away])
