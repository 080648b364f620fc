"""Cells far from the paper's: thick oxides, fast ramps, growth that the ions limit."""

from pathlib import Path

import numpy as np
import pytest

from mitmodels.cases import api
from mitmodels.errors import InputError

FILES = Path(__file__).parent
FIRST = ["output.figures=false"]
pytestmark = pytest.mark.serial


def test_oxide_without_a_tunnel_current_has_none_and_no_heat(tmp_path) -> None:
    """Behind 45 nm the conductance of the gap is below the least number."""
    early = ['protocol.0.until=["tip_height > 0.3 nm"]', "protocol.1.to=0.5 V", "protocol.2.to=0 V"]
    run = api.run(FILES / "thick_oxide.toml", tmp_path / "run", overrides=[*FIRST, *early])
    assert (run.iv["I [A]"] == 0.0).all()
    assert (run.iv["T_max [K]"] == 300.0).all()
    assert run.summary["R_LRS"]["value"] is None


def test_fast_ramp_takes_its_own_steps_and_stays_smooth(tmp_path, record) -> None:
    """94 V/s in 13.7 nm, ions in the oxide limit the growth: a column, no dendrite."""
    early = ['protocol.0.until=["tip_height > 3 nm"]', "protocol.1.to=1 V", "protocol.2.to=0.9 V"]
    run = api.run(FILES / "fast_ramp.toml", tmp_path / "run", overrides=[*FIRST, *early])
    assert run.iv["dt [s]"].max() < 0.11 / 94.31
    top = run.iv[run.iv["tip_height [m]"] < 3.001e-9].iloc[-1]
    record("tip radius of a column of 3 nm", "0.5 to 1.5 nm", f"{top['tip_radius [m]'] * 1e9:.3f}")
    assert 0.5e-9 < top["tip_radius [m]"] < 1.5e-9
    rejected = int((run.events["event"] == "rejected").sum())
    assert rejected < 0.5 * len(run.iv)


def test_gap_that_closes_within_picoseconds_is_followed_to_its_compliance(tmp_path) -> None:
    """At 2.3 V nothing but 10 nA in the circuit slows the last half nanometre down."""
    run = api.run(FILES / "fast_gap.toml", tmp_path / "run", overrides=FIRST)
    dt = run.iv["dt [s]"]
    assert dt[dt > 0].min() < 1e-13
    assert run.iv["I [A]"].max() == pytest.approx(1e-8, rel=1e-6)
    assert 0.2e-9 < run.summary["gap_final"]["value"] < 0.5e-9


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", ["thick_oxide", "fast_ramp"])
def test_hard_cell_goes_to_the_end_of_its_protocol(name, tmp_path, record) -> None:
    run = api.run(FILES / f"{name}.toml", tmp_path / "run", overrides=FIRST)
    record(f"{name}: steps, end", "completed", f"{len(run.iv)}, {run.summary['end']['value']}")
    assert run.record["status"] == "completed"
    assert np.isfinite(run.iv["I [A]"]).all()


@pytest.mark.parametrize(
    "override",
    ["numerics.time=0", "numerics.time=1000", "numerics.mesh=-1", "numerics.rounding=2 nm"],
)
def test_numerics_are_positive_and_bounded(override) -> None:
    with pytest.raises(InputError, match=rf"{override.split('=')[0]}.* must be (at|above)"):
        api.check(FILES / "thick_oxide.toml", overrides=[override])
