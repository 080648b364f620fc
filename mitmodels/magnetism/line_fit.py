"""Fit of ST-FMR signals by derivative Lorentzians, and how many lines are phases."""

from collections.abc import Sequence
from dataclasses import dataclass

import lmfit
import numpy as np
from numpy.typing import ArrayLike

from mitmodels.checks import FloatArray, finite, positive
from mitmodels.magnetism.lineshapes import antisymmetric_derivative, symmetric_derivative

# Widening up to which a line still is that of a uniform film: walls between plateaus of 3 to 6 %
# of their distance widen by 5 to 20 %, the components of smooth profiles by 40 % and more.
_WIDENING = 1.25

# Residual over the signal below the noise of any measurement.
_NOISE = 1e-4


@dataclass(frozen=True)
class Line:
    """One line with standard errors: field and half width [T], amplitudes [signal x T]."""

    field: float
    field_error: float
    hwhm: float
    hwhm_error: float
    symmetric: float
    symmetric_error: float
    antisymmetric: float
    antisymmetric_error: float


@dataclass(frozen=True)
class LineFit:
    """Fitted lines in ascending field on the background offset + slope (H - middle of the sweep).

    `residual` is the root mean square residual per degree of freedom over that of the signal;
    `bic` and `aic` are the Bayesian and the Akaike information criterion for an unknown noise.
    """

    lines: tuple[Line, ...]
    offset: float
    slope: float
    residual: float
    bic: float
    aic: float


def fit_lines(field: ArrayLike, signal: ArrayLike, n: int) -> LineFit:
    """Fit n lines S dF_S/dH + A dF_A/dH on a linear background; see `fit_line_series`."""
    return fit_line_series(field, signal, n, enough=0.0)[-1]


def fit_line_series(
    field: ArrayLike, signal: ArrayLike, n: int, enough: float = _NOISE
) -> tuple[LineFit, ...]:
    """Fit 1, 2, ... n lines to a signal, and no more once the residual is small enough.

    Guesses come from the data: each further line is put where, at one of a ladder of widths, it
    takes most off the residual of the lines before it.

    Parameters
    ----------
    field : T, shape (m,), ascending
    signal : shape (m,)
    n : greatest number of lines, 1 to 4
    enough : residual over the signal below which no further line is tried; superfluous lines
        have no place to go on a signal without noise

    Raises
    ------
    ValueError
        If n is not 1 to 4, the shapes differ, the field does not ascend, the signal is constant,
        or there are no more points than parameters.
    RuntimeError
        If a fit does not converge.
    """
    H, V = _data(field, signal, n)
    parameters = lmfit.create_params(offset=float(V.mean()), slope=0.0)
    step = float(np.diff(H).min())
    fits = []
    for i in range(n):
        centre, width = _next_line(H, V - _model(parameters, H, i), _columns(parameters, H, i))
        parameters.add(f"H{i}", centre, min=H[0], max=H[-1])
        parameters.add(f"D{i}", width, min=step, max=H[-1] - H[0])
        parameters.add(f"S{i}", 0.0)
        parameters.add(f"A{i}", 0.0)
        _solve_amplitudes(parameters, H, V, i + 1)
        result = lmfit.minimize(_residual, parameters, args=(H, V, i + 1))
        if not result.success:
            raise RuntimeError(f"{i + 1} lines could not be fitted: {result.message}")
        parameters = result.params
        fits.append(_report(result, i + 1, float(V.std())))
        if fits[-1].residual < enough:
            break
    return tuple(fits)


def count_phases(fits: Sequence[LineFit], intrinsic: float) -> int | None:
    """Return the number of phases behind a signal, or None for a continuous distribution.

    Least squares with more lines always improves on a smooth profile. Lines are phases only if
    the residual drops most at their number, and each keeps the width of a uniform film.

    Parameters
    ----------
    fits : fits with 1, 2, 3, ... lines
    intrinsic : half width of a uniform film at this frequency, T

    Raises
    ------
    ValueError
        If the fits do not count up from one line, or the width is not positive.
    """
    positive("intrinsic", intrinsic, "T")
    if not fits or [len(fit.lines) for fit in fits] != list(range(1, len(fits) + 1)):
        raise ValueError("fits must have 1, 2, ... lines, one after the other")
    residuals = np.maximum([fit.residual for fit in fits], _NOISE)
    drops = [2.0, *(residuals[:-1] / residuals[1:])]
    best = fits[int(np.argmax(drops))]
    narrow = all(line.hwhm < _WIDENING * intrinsic for line in best.lines)
    return len(best.lines) if narrow else None


def _data(field: ArrayLike, signal: ArrayLike, n: int) -> tuple[FloatArray, FloatArray]:
    H, V = finite("field", field, "T"), finite("signal", signal, "(any unit)")
    if n not in (1, 2, 3, 4):
        raise ValueError(f"n must be 1, 2, 3 or 4 lines, got {n}")
    if H.ndim != 1 or H.shape != V.shape:
        raise ValueError(f"field [T] {H.shape} and signal {V.shape} must be equal lists")
    if H.size <= 4 * n + 2:
        raise ValueError(f"{n} lines need more than {4 * n + 2} points, got {H.size}")
    if (np.diff(H) <= 0).any():
        raise ValueError("field [T] must ascend")
    if np.ptp(V) == 0:
        raise ValueError("signal is constant: there is no line to fit")
    return H, V


def _columns(p: lmfit.Parameters, H: FloatArray, n: int) -> FloatArray:
    """Shapes that the amplitudes multiply, shape (m, 2 n + 2)."""
    background = np.stack([np.ones_like(H), H - 0.5 * (H[0] + H[-1])], axis=1)
    offset = H[:, None] - np.array([p[f"H{i}"].value for i in range(n)])
    width = np.array([p[f"D{i}"].value for i in range(n)])
    absorption, dispersion = (
        shape(offset, width) for shape in (symmetric_derivative, antisymmetric_derivative)
    )
    return np.concatenate([background, absorption, dispersion], axis=1)


def _amplitudes(n: int) -> list[str]:
    return ["offset", "slope"] + [f"{name}{i}" for name in "SA" for i in range(n)]


def _model(p: lmfit.Parameters, H: FloatArray, n: int) -> FloatArray:
    return np.asarray(_columns(p, H, n) @ [p[name].value for name in _amplitudes(n)])


def _residual(p: lmfit.Parameters, H: FloatArray, V: FloatArray, n: int) -> FloatArray:
    return _model(p, H, n) - V


def _solve_amplitudes(p: lmfit.Parameters, H: FloatArray, V: FloatArray, n: int) -> None:
    values = np.linalg.lstsq(_columns(p, H, n), V)[0]
    for name, value in zip(_amplitudes(n), values, strict=True):
        p[name].value = value


def _next_line(H: FloatArray, residual: FloatArray, columns: FloatArray) -> tuple[float, float]:
    """Centre and width of the line that takes most off a residual (matching pursuit)."""
    span = H[-1] - H[0]
    widths = np.geomspace(2 * span / H.size, span / 4, 8)
    centres = np.linspace(H[0], H[-1], 81)[1:-1]
    offset = H[:, None, None] - centres[:, None]
    basis, _ = np.linalg.qr(columns)
    pair = np.stack(
        [symmetric_derivative(offset, widths), antisymmetric_derivative(offset, widths)]
    )
    pair = pair.reshape(2, H.size, -1)
    pair = pair - basis @ (basis.T @ pair)
    first, second = pair / np.linalg.norm(pair, axis=1, keepdims=True)
    second = second - first * np.sum(first * second, axis=0)
    second = second / np.linalg.norm(second, axis=0)
    gain = (residual @ first) ** 2 + (residual @ second) ** 2
    best = np.unravel_index(int(gain.argmax()), (centres.size, widths.size))
    return float(centres[best[0]]), float(widths[best[1]])


def _report(result: lmfit.minimizer.MinimizerResult, n: int, signal: float) -> LineFit:
    p = result.params

    def pair(name: str) -> tuple[float, float]:
        error = p[name].stderr
        return p[name].value, np.inf if error is None else error

    lines = [Line(*pair(f"H{i}"), *pair(f"D{i}"), *pair(f"S{i}"), *pair(f"A{i}")) for i in range(n)]
    return LineFit(
        lines=tuple(sorted(lines, key=lambda line: line.field)),
        offset=p["offset"].value,
        slope=p["slope"].value,
        residual=float(np.sqrt(result.redchi)) / signal,
        bic=float(result.bic),
        aic=float(result.aic),
    )
