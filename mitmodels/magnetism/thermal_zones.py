"""Three thermal zones, or the modes of one thermal well: what a temperature field supports.

Several resonance lines are read as several temperatures. A smooth profile gives several lines
too: one for each stationary temperature, and magnetostatic modes of the well. The criteria are
those of `docs/theory/resonance.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import find_peaks, peak_widths

from mitmodels.checks import FloatArray, not_negative
from mitmodels.magnetism.dipolar import Strip, dipolar_modes
from mitmodels.magnetism.kittel import effective_magnetisation, resonance_field
from mitmodels.magnetism.line_fit import count_phases, fit_line_series
from mitmodels.magnetism.lineshapes import symmetric_derivative
from mitmodels.magnetism.spectrum import Ferromagnet, maxima, spectrum

# Field along the channel, at 45 degrees and across it.
ANGLES = (0.0, np.pi / 4, np.pi / 2)

_BINS_PER_WIDTH = 4
_LEAST_FRACTION = 0.05


@dataclass(frozen=True)
class Zone:
    """Stationary temperature: line field [T], temperature [K], spread [T], weight (of 1)."""

    field: float
    temperature: float
    spread: float
    fraction: float


@dataclass(frozen=True)
class ThermalPicture:
    """Evidence on the origin of the resonance lines of one temperature field.

    Parameters
    ----------
    zones : maxima of the distribution of resonance fields, each narrower than a half width
    phases : number of lines that are phases at each frequency, None for a continuum; local
        oscillators
    widest : widest of at most three fitted components over the half width, any frequency
    coupled : fields of the maxima with dipolar coupling [T] for the field along the channel, at
        45 degrees and across it
    drift : change with frequency of the hottest coupled line, read as a magnetisation and turned
        back into a field, over the half width; zero for a zone, and large for a line that is
        absent at some frequencies
    rotation : movement of the hottest coupled line under rotation of the field, over the half
        width; zero for a zone
    """

    zones: tuple[Zone, ...]
    phases: tuple[int | None, ...]
    widest: float
    coupled: tuple[tuple[float, ...], ...]
    drift: float
    rotation: float

    @property
    def verdict(self) -> str:
        """The picture that the temperature field supports."""
        count = len(self.zones)
        if self.drift < 1 and all(number == count for number in self.phases):
            return "one temperature" if count == 1 else f"{count} zones"
        if count < 3 or self.widest > 3 or self.drift >= 1:
            return "modes of one thermal well"
        return "undecided"


def stationary_temperatures(
    ferromagnet: Ferromagnet, frequency: float, temperature: ArrayLike, weight: ArrayLike
) -> tuple[Zone, ...]:
    """Narrow maxima of the distribution of resonance fields, in ascending field.

    Parameters
    ----------
    ferromagnet : film
    frequency : Hz
    temperature : temperature of each cell, K
    weight : rf weight of each cell

    Returns
    -------
    tuple of Zone
        Those narrower than one half width that hold 5 % of the weight within one half width.

    Raises
    ------
    ValueError
        If a temperature or a weight is negative or not finite.
    """
    hwhm = float(ferromagnet.hwhm(frequency))
    fields = np.ravel(ferromagnet.resonance_field(frequency, temperature))
    found = np.isfinite(fields)
    if not found.any():
        return ()
    amount = not_negative("weight", weight, "(dimensionless)").ravel()
    fields, amount = fields[found], amount[found] / amount.sum()
    bin_width = hwhm / _BINS_PER_WIDTH
    bins = int((fields.max() - fields.min()) / bin_width) + 3 * _BINS_PER_WIDTH
    edges = fields.min() - hwhm + bin_width * np.arange(bins)
    weights, _ = np.histogram(fields, edges.tolist(), weights=amount)
    peaks, _ = find_peaks(weights, prominence=0.25 * _LEAST_FRACTION)
    spreads = peak_widths(weights, peaks)[0] * bin_width
    zones = []
    for peak, spread in zip(peaks, spreads, strict=True):
        near = np.abs(fields - edges[peak] - 0.5 * bin_width) < 0.5 * hwhm
        fraction = float(amount[near].sum())
        if spread < hwhm and fraction >= _LEAST_FRACTION:
            field = float(amount[near] @ fields[near]) / fraction
            reading = float(ferromagnet.temperature(frequency, field))
            zones.append(Zone(field, reading, float(spread), fraction))
    return tuple(zones)


def thermal_picture(
    ferromagnet: Ferromagnet,
    frequencies: Sequence[float],
    temperature: ArrayLike,
    weight: ArrayLike,
    strip: Strip,
) -> ThermalPicture:
    """Weigh the evidence for zones against that for modes.

    Parameters
    ----------
    ferromagnet : film
    frequencies : Hz; the middle one serves where one is enough
    temperature, weight : temperature [K] and rf weight of each film cell
    strip : the film along the middle of the channel

    Raises
    ------
    ValueError
        If nothing resonates at one of the frequencies, in the film or along the strip.
    """
    middle = frequencies[len(frequencies) // 2]
    hwhm = float(ferromagnet.hwhm(middle))
    readings = [_components(ferromagnet, f, temperature, weight) for f in frequencies]
    coupled = tuple(_coupled_lines(ferromagnet, strip, middle, angle) for angle in ANGLES)
    hottest = [lines[-1] for lines in coupled]
    return ThermalPicture(
        zones=stationary_temperatures(ferromagnet, middle, temperature, weight),
        phases=tuple(phases for phases, _ in readings),
        widest=max(width for _, width in readings),
        coupled=coupled,
        drift=_drift(ferromagnet, strip, frequencies) / hwhm,
        rotation=(max(hottest) - min(hottest)) / hwhm,
    )


def _components(
    ferromagnet: Ferromagnet, frequency: float, temperature: ArrayLike, weight: ArrayLike
) -> tuple[int | None, float]:
    """Phases by line fits of the local spectrum, and the widest of three components or fewer."""
    hwhm = float(ferromagnet.hwhm(frequency))
    field = _sweep(ferromagnet, frequency, temperature)
    signal = spectrum(ferromagnet, field, frequency, temperature, weight, symmetric_derivative)
    fits = fit_line_series(field, signal / np.abs(signal).max(), 4)
    return count_phases(fits, hwhm), max(line.hwhm for line in fits[:3][-1].lines) / hwhm


def _sweep(ferromagnet: Ferromagnet, frequency: float, temperature: ArrayLike) -> FloatArray:
    fields = ferromagnet.resonance_field(frequency, temperature)
    if not np.isfinite(fields).any():
        raise ValueError(
            f"nothing resonates at {frequency} Hz: every temperature [K] is above the Curie "
            "temperature, or the frequency is below the minimum"
        )
    margin = 10 * float(ferromagnet.hwhm(frequency))
    return np.linspace(np.nanmin(fields) - margin, np.nanmax(fields) + margin, 401)


def _coupled_lines(
    ferromagnet: Ferromagnet, strip: Strip, frequency: float, angle: float
) -> tuple[float, ...]:
    field = _sweep(ferromagnet, frequency, strip.temperature)
    absorption = dipolar_modes(ferromagnet, strip, frequency, angle).absorption(field)
    return maxima(field, absorption)


def _drift(ferromagnet: Ferromagnet, strip: Strip, frequencies: Sequence[float]) -> float:
    """Spread in field at the middle frequency of the hottest line's magnetisation."""
    H_a, g = ferromagnet.H_a, ferromagnet.g
    hottest = [_coupled_lines(ferromagnet, strip, f, ANGLES[0])[-1] for f in frequencies]
    M_eff = effective_magnetisation(np.asarray(frequencies), np.asarray(hottest), H_a, g)
    return float(np.ptp(resonance_field(frequencies[len(frequencies) // 2], M_eff, H_a, g)))
