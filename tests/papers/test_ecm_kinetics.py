"""How fast a filament grows under ramps and pulses: predictions, but for the point at 1 V/s."""

from pathlib import Path

import numpy as np
import pytest

from mitmodels import cases
from mitmodels.cases import api
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


def test_thickness_counts_only_where_growth_limits(tmp_path, record) -> None:
    """5 and 20 nm of oxide, as Schindler et al. (2009) had, whose cells do not tell them apart."""
    overrides = ('sweep.geometry.oxide=["5 nm", "20 nm"]', "output.figures=false")
    file = CASES / "cell_thickness.toml"
    rows = table(running.sweep(file, tmp_path / "sweep", overrides=overrides, jobs=2))
    t = rows["t_set [s]"].to_numpy().reshape(2, 2)
    grown = t - rows["t_nucleation [s]"].to_numpy().reshape(2, 2)
    waiting, growing = t[1] / t[0]
    record("SET time at 20 over 5 nm, 0.8 V: with nucleation; from the nucleus on", "< 1.2; > 3",
           f"{waiting:.3f}; {(grown[1] / grown[0])[0]:.2f}")  # fmt: skip
    record("SET time at 20 over 5 nm, 1.8 V, with nucleation", "> 3", f"{growing:.2f}")
    assert waiting < 1.2
    assert growing > 3
    assert (grown[1] / grown[0] > 3).all()
    alone = (
        *overrides[1:],
        "sweep=",
        "nucleation=",
        "geometry.oxide=5 nm",
        "protocol.0.value=1.8 V",
    )
    run = api.run(file, tmp_path / "alone", overrides=alone)
    off = run.summary["t_set"]["value"] / grown[0, 1] - 1
    record("growth from the nucleus on over that without the section", "0.5 %", f"{off:+.1e}")
    assert abs(off) < 5e-3
