"""SET, RESET and SET again, 1 V/s, 100 uA: nothing of it was fitted, the paper has no simulation.

Between the runs on one mesh and another, or one step and another, stands the dissolution of the
whole filament; the rows are its voltages.
"""

from pathlib import Path

import numpy as np
import pytest

from mitmodels import cases
from mitmodels.cases import api

TOML = Path(cases.__file__).with_name("ecm_cycle.toml")
NM = 1e-9
PLAIN = ("output.figures=false",)
RESET_ONLY = (*PLAIN, "protocol.2.to=-1.9 V")

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def cycled(tmp_path_factory):
    return api.run(TOML, tmp_path_factory.mktemp("cycle") / "run", overrides=PLAIN)


def value(run, name):
    return run.summary[name]["value"]


def test_cell_is_reset_to_the_nucleus_and_set_again(cycled, record) -> None:
    """The second SET begins from the very state that the first one began from."""
    iv = cycled.iv
    back = int(np.argmax((iv["t [s]"] > 5.9) & (iv["V_source [V]"] > -1.5)))
    row = iv.iloc[back]
    ratio = value(cycled, "set_2_over_1")
    record("second SET over first, in time", "5 %", f"{ratio - 1:+.1e}")
    record("length after RESET at 100 uA", "< 0.5 nm", f"{row['tip_height [m]'] / NM:.2f} nm")
    record("gap after RESET at 100 uA, oxide less nucleus", "9.8 nm",
           f"{value(cycled, 'gap_after_reset') / NM:.4f} nm")  # fmt: skip
    assert ratio == pytest.approx(1.0, abs=0.05)
    assert row["tip_height [m]"] < 0.5 * NM
    assert value(cycled, "gap_after_reset") == pytest.approx(9.8 * NM, rel=1e-6)  # recess refilled


def test_charge_balances_over_the_cycle(cycled, record) -> None:
    off = value(cycled, "charge_imbalance")
    record("volume against ionic charge over a cycle", "5e-3", f"{off:.1e}")
    assert off < 5e-3


def test_partial_reset_makes_the_next_set_earlier(tmp_path, record) -> None:
    """The reverse ramp turns at a gap of 0.7 nm; on its way back to 0 V the gap still opens."""
    half = (*PLAIN, 'protocol.1.until=["gap > 0.7 nm"]')
    run = api.run(TOML, tmp_path / "run", overrides=half)
    gap, ratio = value(run, "gap_after_reset"), value(run, "set_2_over_1")
    record("partial RESET: gap; next SET over first, in time", "1 to 3 nm; earlier",
           f"{gap / NM:.2f} nm; {ratio:.3f}")  # fmt: skip
    assert NM < gap < 3 * NM
    assert ratio < 1


@pytest.mark.parametrize(
    ("change", "override", "tolerance"),
    [
        ("half the step", "numerics.time=2", 5e-3),
        ("a quarter of the step", "numerics.time=4", 5e-3),
        ("half the spacing", "numerics.mesh=2", 5e-3),
        # A parameter of the model's regularisation: the gap opens at the rim that it rounds.
        ("half the rounding", "numerics.rounding=0.01 nm", 10e-3),
        ("twice the rounding", "numerics.rounding=0.04 nm", 10e-3),
    ],
)
def test_reset_converges(change, override, tolerance, cycled, tmp_path, record) -> None:
    run = api.run(TOML, tmp_path / "run", overrides=(*RESET_ONLY, override))
    open_, gone = (value(run, n) - value(cycled, n) for n in ("V_open", "V_dissolved"))
    record(f"RESET, {change}: voltage of ten times the resistance; of dissolution",
           f"{tolerance * 1e3:g} mV", f"{open_ * 1e3:+.1f} mV; {gone * 1e3:+.1f} mV")  # fmt: skip
    assert abs(open_) < tolerance
    assert abs(gone) < tolerance


def test_rounding_does_not_touch_the_set(cycled, tmp_path, record) -> None:
    """Nothing dissolves before the voltage changes its sign."""
    short = (*PLAIN, "protocol.1.to=1.7 V", "protocol.2.to=1.6 V", "numerics.rounding=0 nm")
    run = api.run(TOML, tmp_path / "run", overrides=short)
    t = value(run, "t_compliance") - value(cycled, "t_compliance")
    hot = value(run, "T_max") - value(cycled, "T_max")
    record("SET without rounding: time; largest temperature", "5 ms; 3 K",
           f"{t * 1e3:.2g} ms; {hot:.2g} K")  # fmt: skip
    assert abs(t) < 1e-6
    assert abs(hot) < 1e-3
