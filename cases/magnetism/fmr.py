"""Spin-torque ferromagnetic resonance that the temperature fields of a biased film predict.

Plain functions of arrays, wherever they come from; `fmr_run` takes them from a run folder.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mitmodels.cases.papers import chen2024
from mitmodels.checks import FloatArray
from mitmodels.magnetism.dipolar import Strip, dipolar_modes
from mitmodels.magnetism.kittel import KittelFit, LinewidthFit, fit_kittel, fit_linewidth
from mitmodels.magnetism.line_fit import LineFit, fit_line_series, fit_lines
from mitmodels.magnetism.lineshapes import antisymmetric_derivative, symmetric_derivative
from mitmodels.magnetism.magnetisation import Brillouin
from mitmodels.magnetism.spectrum import Ferromagnet, maxima, rf_weight, spectrum
from mitmodels.magnetism.thermal_zones import ANGLES, ThermalPicture, thermal_picture

# The magnetisation law has the paper's 0.96 T at 100 K. The paper gives no g, nor the molecular
# field between 100 K and T_c: both are assumed.
LSMO_FILM = Ferromagnet(
    Brillouin(),
    H_a=chen2024.H_A,
    g=2.0,
    damping=chen2024.DAMPING,
    inhomogeneous=chen2024.INHOMOGENEOUS,
)

DISTORTED = 0.05
"""Residual of a fit over the signal above which a further line is added."""


@dataclass(frozen=True, eq=False)
class FilmState:
    """Film at one bias.

    Parameters
    ----------
    voltage : bias, V
    temperature, area, current_density, sheet_resistance : of every cell, K, m2, A/m (sheet
        current, any common factor), ohm, shape (n,)
    under_pad : whether the cell lies under a pad, shape (n,)
    midline : temperature of equal cells along the middle of the channel, K, shape (m,)
    """

    voltage: float
    temperature: FloatArray
    area: FloatArray
    current_density: FloatArray
    sheet_resistance: FloatArray
    under_pad: np.ndarray
    midline: FloatArray


@dataclass(frozen=True, eq=False)
class Measurement:
    """What is measured and how.

    Parameters
    ----------
    length, thickness : of the channel and its film, m
    ferromagnet : film
    frequency : of the sweeps against bias, Hz
    frequencies : of the sweeps at no bias, Hz
    sweep : applied fields, T
    dispersive : antisymmetric over symmetric amplitude of every cell
    pad_weight : rf weight of film under the pads over that of film of the same temperature and
        area in the channel, 0 to 1; None if the current density is known there
    """

    length: float
    thickness: float
    ferromagnet: Ferromagnet = LSMO_FILM
    frequency: float = chen2024.FREQUENCY
    frequencies: tuple[float, ...] = (4e9, 5e9, 6e9, 7e9, 8e9)
    sweep: FloatArray = field(default_factory=lambda: np.linspace(0.0, 0.12, 1201))
    dispersive: float = 0.4
    pad_weight: float | None = 0.0


@dataclass(frozen=True, eq=False)
class BiasPoint:
    """Prediction at one bias.

    Parameters
    ----------
    voltage : V
    signal : field-modulated signal on the sweep, ohm/T at a fixed rf current
    lines : fitted lines, the fewest that leave less than 5 % of the signal, at most four
    maxima : fields of the maxima of the absorption, T
    inferred : temperature at which the unbiased film has each line's field, K
    true_range : lowest and highest temperature of the film that carries current, K
    silent : fraction of the rf weight in film above the Curie temperature
    one_line_residual : residual of a fit by one line over the signal
    coupled : fields of the maxima with dipolar coupling, T, for the directions in ANGLES; none
        where the midline steps by more than a half width from cell to cell
    """

    voltage: float
    signal: FloatArray
    lines: LineFit
    maxima: tuple[float, ...]
    inferred: FloatArray
    true_range: tuple[float, float]
    silent: float
    one_line_residual: float
    coupled: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, eq=False)
class ZeroBias:
    """Calibration at no bias: signals, fields and half widths against frequency, and their fits."""

    frequencies: FloatArray
    signals: FloatArray
    fields: FloatArray
    widths: FloatArray
    kittel: KittelFit
    linewidth: LinewidthFit


def weights(state: FilmState, pad_weight: float | None) -> FloatArray:
    """Rf weight of every cell for anisotropic magnetoresistance, at a fixed rf current [ohm].

    It is the cell's contribution to the sheet resistance of the channel. Film under the pads
    counts as if it carried the channel's mean current density, times `pad_weight` if there is one.
    """
    channel = ~state.under_pad
    area = state.area[channel].sum()
    mean = np.average(state.current_density[channel], weights=state.area[channel])
    density = state.current_density / mean
    if pad_weight is not None:
        density = np.where(channel, density, np.sqrt(pad_weight))
    return rf_weight(state.area / area, density, state.sheet_resistance)


def signal(measurement: Measurement, state: FilmState, frequency: float) -> FloatArray:
    """Field-modulated signal [ohm/T] on the sweep at a frequency [Hz]."""

    def shape(offset: FloatArray, hwhm: FloatArray) -> FloatArray:
        dispersion = antisymmetric_derivative(offset, hwhm)
        return symmetric_derivative(offset, hwhm) + measurement.dispersive * dispersion

    weight = weights(state, measurement.pad_weight)
    film, sweep = measurement.ferromagnet, measurement.sweep
    return spectrum(film, sweep, frequency, state.temperature, weight, shape)


def predict(measurement: Measurement, state: FilmState) -> BiasPoint:
    """Spectrum, lines and inferred temperatures at one bias."""
    film, sweep, f = measurement.ferromagnet, measurement.sweep, measurement.frequency
    weight = weights(state, measurement.pad_weight)
    absorption = spectrum(film, sweep, f, state.temperature, weight)
    voltages = signal(measurement, state, f)
    # The fit takes the sweep around the resonances, as a measurement does.
    near = absorption > 0.02 * absorption.max()
    scaled = voltages[near] / np.abs(voltages).max()
    fits = fit_line_series(sweep[near], scaled, 4, enough=DISTORTED)
    seen = state.temperature[~state.under_pad | (measurement.pad_weight is None)]
    silent = film.magnetisation(state.temperature) == 0
    return BiasPoint(
        voltage=state.voltage,
        signal=voltages,
        lines=fits[-1],
        maxima=maxima(sweep, absorption),
        inferred=film.temperature(f, [line.field for line in fits[-1].lines]),
        true_range=(float(seen.min()), float(seen.max())),
        silent=float(weight[silent].sum() / weight.sum()),
        one_line_residual=fits[0].residual,
        coupled=tuple(_coupled(measurement, state, angle) for angle in ANGLES),
    )


def _coupled(measurement: Measurement, state: FilmState, angle: float) -> tuple[float, ...]:
    film, sweep, f = measurement.ferromagnet, measurement.sweep, measurement.frequency
    fields = film.resonance_field(f, state.midline)
    if not np.abs(np.diff(fields)).max() < film.hwhm(f):
        return ()
    modes = dipolar_modes(film, _strip(measurement, state), f, angle)
    return maxima(sweep, modes.absorption(sweep))


def evidence(measurement: Measurement, state: FilmState) -> ThermalPicture:
    """Zones or modes: the evidence in one temperature field."""
    weight, f = weights(state, measurement.pad_weight), measurement.frequencies
    ends = (f[0], measurement.frequency, f[-1])
    strip = _strip(measurement, state)
    return thermal_picture(measurement.ferromagnet, ends, state.temperature, weight, strip)


def _strip(measurement: Measurement, state: FilmState) -> Strip:
    cells = state.midline.size
    cell = measurement.length / cells
    return Strip(state.midline, np.ones(cells), cell, measurement.thickness)


def calibrate(measurement: Measurement, state: FilmState) -> ZeroBias:
    """Fit one line at each frequency to the unbiased film, then the Kittel and width laws."""
    film, f = measurement.ferromagnet, np.asarray(measurement.frequencies)
    signals = np.array([signal(measurement, state, frequency) for frequency in f])
    lines = []
    for frequency, voltages in zip(f, signals, strict=True):
        centre = film.resonance_field(frequency, state.midline.mean())
        near = np.abs(measurement.sweep - centre) < 10 * film.hwhm(frequency)
        lines.append(fit_lines(measurement.sweep[near], voltages[near], 1).lines[0])
    fields = np.array([line.field for line in lines])
    widths = np.array([line.hwhm for line in lines])
    return ZeroBias(
        frequencies=f,
        signals=signals,
        fields=fields,
        widths=widths,
        kittel=fit_kittel(f, fields, film.g),
        linewidth=fit_linewidth(f, widths, film.g),
    )


def mirrored(points: Sequence[BiasPoint]) -> list[BiasPoint]:
    """Points of both signs in ascending voltage: heat does not know the sign of the bias."""
    negative = [replace(point, voltage=-point.voltage) for point in points if point.voltage > 0]
    return sorted([*negative, *points], key=lambda point: point.voltage)
