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
import numpy.typing as npt
import scipy

from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.film.substrate.grid_transfer import Grid

Kernel = Callable[[tuple[float, float], tuple[int, int]], Array]

# Cells within which differences of the closed form are taken, in extended precision: its digits
# are lost by the fourth power of the distance.
_NEAR = 48
# Of a slab, in thicknesses: where its images are summed up, the other way round, and how many; and
# where nothing is left.
_CLOSE, _IMAGES, _FAR = 0.5, 4000, 12.0
_TRANSFORMS = {"cosine": ("dct", "idct"), "real": ("rfft", "irfft"), "complex": ("fft", "ifft")}


@dataclass(frozen=True)
class _Axis:
    """Transform along one axis: of cosines before a mirror, else of real or complex numbers.

    ``half`` is half of the period in points.
    """

    number: int
    points: int
    half: int
    kind: str

    def forward(self, values: Array) -> Array:
        """Spectrum of values that are zero in the rest of the period."""
        forward = getattr(scipy.fft, _TRANSFORMS[self.kind][0])
        return np.asarray(forward(values, n=self._length, axis=self.number))

    def inverse(self, values: Array) -> Array:
        """Values at the points."""
        inverse = getattr(scipy.fft, _TRANSFORMS[self.kind][1])
        found = inverse(values, n=self._length, axis=self.number, overwrite_x=True)
        return np.asarray(found[: self.points] if self.number == 0 else found[:, : self.points])

    @property
    def _length(self) -> int:
        return self.half if self.kind == "cosine" else 2 * self.half

    @property
    def waves(self) -> npt.NDArray[np.int64]:
        """Half waves per half of the period, in the order of ``forward``."""
        waves = np.arange(self.half + (self.kind != "cosine"))
        return np.concatenate([waves, waves[-2:0:-1]]) if self.kind == "complex" else waves


class Transform:
    """Fourier transform of values on a grid; along mirrored axes it is one of cosines.

    Parameters
    ----------
    grid : Grid
    gap : tuple of float
        Distance [m] kept at least between the grid and its periodic images.
    """

    def __init__(self, grid: Grid, gap: tuple[float, float]) -> None:
        self._grid = grid
        kinds = {axis: "cosine" for axis in range(2) if grid.mirrored[axis]}
        free = [axis for axis in range(2) if axis not in kinds]
        # Cosines come first: they are of real numbers.
        kinds |= dict(zip(free, ("real", "complex"), strict=False))
        self._axes = []
        for axis, kind in kinds.items():
            points, empty = grid.shape[axis], gap[axis] / grid.spacing[axis]
            half = points + empty / 2 if kind == "cosine" else (points + empty) / 2
            half = scipy.fft.next_fast_len(int(half) + 1)
            self._axes.append(_Axis(axis, points, half, kind))

    @property
    def halves(self) -> tuple[int, int]:
        """Halves of the periods in points."""
        x, y = sorted(self._axes, key=lambda axis: axis.number)
        return x.half, y.half

    def forward(self, values: Array) -> Array:
        """Spectrum of values at the points of the grid, in C order."""
        found = values.reshape(self._grid.shape)
        for axis in self._axes:
            found = axis.forward(found)
        return found

    def inverse(self, spectrum: Array) -> Array:
        """Values of a spectrum, which is lost, at the points of the grid."""
        for axis in reversed(self._axes):
            spectrum = axis.inverse(spectrum)
        return spectrum.reshape(-1)

    def of_even(self, spectrum: Array, lost: float) -> Array:
        """Spectrum of an even kernel in the order of ``forward``.

        It is given for the waves of half a period, and sharpened: ``lost`` is the fraction of
        (k h)^2/2 by which a wave is damped along each axis.
        """
        for axis in self._axes:
            angles = np.linspace(0, np.pi, axis.half + 1)
            sharper = 1 + lost * (1 - np.cos(angles))
            spectrum = spectrum * (sharper[:, None] if axis.number == 0 else sharper)
            spectrum = spectrum.take(axis.waves, axis.number)
        return spectrum


class Convolution:
    """Convolution of values on a grid, and on its mirror images, with an even kernel.

    Parameters
    ----------
    grid : Grid
    kernel : callable
        Of a spacing [m] and a shape: values at offsets (m, n) of so many spacings.
    """

    def __init__(self, grid: Grid, kernel: Kernel) -> None:
        # What is further apart than the grid is wide, images included, meets nowhere.
        width, height = (
            (2 if mirrored else 1) * points * h
            for points, h, mirrored in zip(grid.shape, grid.spacing, grid.mirrored, strict=True)
        )
        self._transform = transform = Transform(grid, (width, height))
        x, y = transform.halves
        values = kernel(grid.spacing, (x + 1, y + 1))
        spectrum = scipy.fft.dctn(values, type=1, overwrite_x=True)
        self._spectrum = transform.of_even(spectrum, 1 / 2)

    def __call__(self, values: Array) -> Array:
        """Convolution at the points of the grid, in C order."""
        found = self._transform.forward(values)
        found *= self._spectrum
        return self._transform.inverse(found)


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
