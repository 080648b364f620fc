"""Film under one bias as a Kerr microscope sees it: amplitude, apparent width, what has gone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mitmodels.checks import FloatArray
from mitmodels.magnetism.kerr_map import apparent_width, contrast_level, kerr_map
from mitmodels.magnetism.magnetisation import Brillouin
from mitmodels.solvers.runs.files import Entry

LAW = Brillouin()
SPACING = 0.25e-6  # [m]
_GONE = {"V_full_moke_50": 0.5, "V_full_moke_10": 0.1}  # amplitude that no film has any more


@dataclass(frozen=True, eq=False)
class KerrState:
    """Film under one bias.

    Attributes
    ----------
    label : voltage, or current, of the source, or temperature
    voltage : source voltage [V]
    ambient : temperature of the film without bias [K]
    temperature : on a square grid of `SPACING`, NaN where there is no film, shape (x, y) [K]
    """

    label: str
    voltage: float
    ambient: float
    temperature: FloatArray

    def at(self, T: float) -> "KerrState":
        """Return the same film without bias, all of it at a temperature [K]."""
        even = np.where(np.isnan(self.temperature), np.nan, T)
        return replace(self, label=f"{T:g} K", voltage=0.0, temperature=even)

    @property
    def line(self) -> FloatArray:
        """Temperature along the mid-line of the film [K]."""
        middle = self.temperature[:, self.temperature.shape[1] // 2]
        return middle[~np.isnan(middle)]

    @property
    def above(self) -> float:
        """Length of the mid-line above the Curie temperature [m]."""
        return float(np.count_nonzero(self.line > LAW.curie_temperature)) * SPACING

    @property
    def gradient(self) -> float:
        """Steepest slope of the temperature where the mid-line passes T_c [K/m], 0 for none."""
        step = np.diff(self.line)
        hot = self.line > LAW.curie_temperature
        return float(np.abs(step[hot[1:] != hot[:-1]]).max(initial=0.0)) / SPACING

    def amplitude(self, spot: float) -> FloatArray:
        """Kerr amplitude over that of the film without bias, shape (x, y)."""
        bright = float(LAW(self.ambient))
        return kerr_map(self.temperature, LAW, SPACING, spot) / bright

    def line_amplitude(self, spot: float) -> FloatArray:
        """Kerr amplitude along the mid-line, where the film is."""
        half = self.temperature.shape[1] // 2
        return self.amplitude(spot)[~np.isnan(self.temperature[:, half]), half]

    def extremes(self, spot: float) -> tuple[float, float, float, float]:
        """Least amplitude on the mid-line, largest of film and across its middle, in its centre."""
        kerr, film = self.amplitude(spot), ~np.isnan(self.temperature)
        across = film.shape[0] // 2
        return (
            float(self.line_amplitude(spot).min()),
            float(kerr[film].max()),
            float(kerr[across, film[across]].max()),
            float(kerr[across, film.shape[1] // 2]),
        )

    def width(self, spot: float) -> float:
        """Apparent width of the barrier at half depth [m], zero without film above T_c."""
        if not 0 < self.above < self.line.size * SPACING:
            return self.above
        kerr = self.line_amplitude(spot)
        return float(apparent_width(kerr, contrast_level(kerr, kerr.max()), SPACING))

    def dark(self, spot: float) -> float:
        """Length of the mid-line below half the amplitude of the film without bias [m]."""
        return float(apparent_width(self.line_amplitude(spot), 0.5, SPACING))


def findings(
    states: Sequence[KerrState], nucleated: KerrState | None, spot: float
) -> dict[str, Entry]:
    """Return what the paper reads from its maps, of an upward sweep in ascending voltage.

    ``d_moke`` is the width at half depth behind the jump, where ``largest_nucleated`` is what is
    left of the amplitude; ``V_full_moke_50`` and ``_10`` are the voltages at which no film has 50
    or 10 % of it any more, linearly between two states.
    """
    largest = np.array([state.extremes(spot)[1] for state in states])
    V = np.array([state.voltage for state in states])
    read: tuple[float, ...] | None = None
    if nucleated:
        read = nucleated.width(spot), nucleated.extremes(spot)[1], nucleated.gradient
    units = {"d_moke": "m", "largest_nucleated": "", "gradient_nucleated": "K/m"}
    found: dict[str, Entry] = {
        name: (read[i] if read else None, unit, "no state behind a jump is stored")
        for i, (name, unit) in enumerate(units.items())
    }
    for name, level in _GONE.items():
        below = largest < level
        i = int(below.argmax())
        if not below.any() or i == 0:
            found[name] = (None, "V", f"no two states are on either side of {level:.0%}")
        else:
            part = (largest[i - 1] - level) / (largest[i - 1] - largest[i])
            found[name] = (float(V[i - 1] + part * (V[i] - V[i - 1])), "V")
    return found
