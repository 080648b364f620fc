"""How fast a filament grows under ramps and pulses: predictions, but for the point at 1 V/s."""

from pathlib import Path

import numpy as np
import pytest

from mitmodels import cases
from mitmodels.cases.cell.figures.sweep import HEIGHT, RATE, decade
from mitmodels.cases.sweeps import running
from mitmodels.cases.sweeps.table import table

CASES = Path(cases.__file__).parent

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.timeout(2400)]


def test_voltages_rise_with_the_rate(tmp_path, record) -> None:
    """Onset and void over three decades; 1 V/s is what the parameters were fitted to."""
    rows = table(running.sweep(CASES / "ecm_rates.toml", tmp_path / "sweep", overrides=(), jobs=2))
    x, onset, void = (rows[c].to_numpy() for c in (RATE, "V_onset [V]", "V_void [V]"))
    rising = bool((np.diff(onset) > 0).all() and (np.diff(void) > 0).all())
    record("onset and void voltage from 0.01 to 10 V/s", "rise", str(rising))
    record("onset; void, per decade of the rate", "reported",
           f"{decade(x, onset) * 1e3:.0f}; {decade(x, void) * 1e3:.0f} mV")  # fmt: skip
    left = rows.loc[rows["left_the_model"] != "no", RATE].min()
    record("slowest ramp that leaves Simmons' range (eV > half the barrier)", "reported",
           f"{left:g} V/s")  # fmt: skip
    assert rising


def test_set_time_falls_with_the_height_of_the_pulse(tmp_path, record) -> None:
    """Exponentially while kinetics limit; more slowly where the ions' hopping does."""
    rows = table(running.sweep(CASES / "ecm_pulses.toml", tmp_path / "sweep", overrides=(), jobs=2))
    x, t = rows[HEIGHT].to_numpy(), rows["t_void [s]"].to_numpy()
    slopes = np.diff(x) / -np.diff(np.log10(t)) * 1e3
    record("SET time under 0.8 V; 2 V", "falls", f"{t[0]:.3g}; {t[-1]:.2g} s")
    record("voltage per decade of the SET time, 0.8 to 1 V; 1.8 to 2 V", "283 mV; more",
           f"{slopes[0]:.0f}; {slopes[-1]:.0f} mV")  # fmt: skip
    assert (np.diff(t) < 0).all()
    # Both interfaces in series: kT/e ln 10 [1/alpha + 1/(1 - alpha)] is 283 mV at 300 K.
    assert slopes[0] == pytest.approx(283, rel=0.03)
