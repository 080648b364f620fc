"""Oscillation of a device in its circuit: what a run writes of it, and when it has seen enough."""

from collections.abc import Sequence

from mitmodels.cases.config.circuit import OscillationSection
from mitmodels.drive.oscillation import Cycle, Oscillation, Sample
from mitmodels.solvers.runs.files import Entry

PERIOD = "period"
"""Event at the end of each period."""
REGIMES = ("rest", "oscillation", "latched")


class OscillationRecord:
    """Follows the voltage of a device whose circuit stores energy.

    Parameters
    ----------
    section : OscillationSection or None
        What ends the run.
    kept : sequence of float
        What `content` returned at the last checkpoint, empty if there is none.
    """

    def __init__(self, section: OscillationSection | None, kept: Sequence[float] = ()) -> None:
        asked = section or OscillationSection()
        self._ends, self._periods = section is not None, asked.periods
        self._found = Oscillation(asked.periods, float(asked.tolerance), kept)
        self.content = self._found.content

    def add(self, sample: Sample) -> str:
        """Take a time point; return the detail of the event that a period ends, or ""."""
        cycle = self._found.add(sample)
        return _words(cycle) if cycle else ""

    @property
    def has_begun(self) -> bool:
        """Whether there was a period."""
        return bool(self._found.cycles)

    @property
    def ended(self) -> str:
        """Why the run ends here, empty if it does not."""
        return f"{self._periods} equal periods" if self._ends and self._found.equal else ""

    def entries(self, hot: bool) -> dict[str, Entry]:
        """Return what the summary says of it; ``hot`` is whether the device is, at the end."""
        equal, cycles = self._found.equal, self._found.cycles
        oscillates: bool | None = bool(equal)
        why = f"the device comes to rest after {len(cycles)} periods"
        if not equal and not self._found.has_settled:
            oscillates = None
            why = f"the protocol ends in the middle of {len(cycles)} periods that are not equal"
        regime = REGIMES[1] if equal else REGIMES[2 if hot else 0] if oscillates is False else None
        values: dict[str, float] = {}
        if equal:
            count, period = len(equal), sum(c.period for c in equal) / len(equal)
            values = {
                "period": period,
                "frequency": 1 / period,
                "energy_per_period": sum(c.energy for c in equal) / count,
                "amplitude": sum(c.high - c.low for c in equal) / count,
                "duty": sum(c.above for c in equal) / count / period,
                "period_drift": (equal[-1].period / equal[0].period) ** (1 / (count - 1)) - 1,
            }
        units = {"period": "s", "frequency": "Hz", "energy_per_period": "J", "amplitude": "V"}
        found: dict[str, Entry] = {
            name: (values.get(name), units.get(name, ""), why)
            for name in (*units, "duty", "period_drift")
        }
        found["oscillates"] = (oscillates, "", why)
        found["regime"] = (regime, "", why)
        found["periods"] = (len(cycles), "")
        return found


def _words(cycle: Cycle) -> str:
    return f"{cycle.period:.6g} s, {cycle.low:.4g} to {cycle.high:.4g} V, {cycle.energy:.4g} J"
