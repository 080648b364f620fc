"""The compliance study of Buttberg et al. (2025): 13 compliances, three kinds of SET, unattended.

Nothing here was fitted but the largest temperature at 1 mA.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jobs import runs_of

from mitmodels import cases
from mitmodels.cases.cell.compliance_study import findings, studies
from mitmodels.cases.cell.relaxation import History, scaling
from mitmodels.cases.cell.relaxation_run import follow
from mitmodels.cases.papers.buttberg2025 import T_MAX
from mitmodels.cases.registry import plot_sweep
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.solvers.cell.curvature_flow import relax
from mitmodels.solvers.cell.outline import Outline

TOML = Path(cases.__file__).with_name("ecm_compliance.toml")
FEW = 'circuit.compliance = ["1 nA", "30 nA"]'

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.timeout(3000)]


def command(verb, *arguments):
    words = [sys.executable, "-m", "mitmodels", verb, *map(str, arguments), "--jobs", "2"]
    return subprocess.Popen(words, stderr=subprocess.DEVNULL, start_new_session=True)


@pytest.fixture(scope="module")
def study(made):
    begin = time.monotonic()
    folder = made("ecm_compliance")
    return SweepFolder.open(folder), time.monotonic() - begin


@pytest.fixture(scope="module")
def found(study):
    return {name: value for name, (value, _) in findings(studies(study[0])).items()}


def test_all_runs_end_well(study, record) -> None:
    folder, seconds = study
    states = [state.state for state in folder.states()]
    count = f"{states.count('completed')} of {len(states)}, {seconds / 60:.1f} min"
    record("compliance study: runs completed, unattended, on 2 cores", "39 of 39", count)
    assert states == ["completed"] * 39
    assert len(plot_sweep(folder)) == 7


def test_small_compliances_are_limited_by_the_gap(found, record) -> None:
    change = found["tip_radius_1nA_to_10nA"]
    record("tip radius from 1 to 10 nA", "changes < 10 %", f"{change:+.1%}")
    assert abs(change) < 0.10


def test_large_compliances_grow_to_the_side(found, record) -> None:
    ratio = found["tip_radius_10nA_to_1mA"]
    record("tip radius at 1 mA over that at 10 nA", ">= 4", f"{ratio:.2f}")
    assert ratio >= 4


def test_cone_becomes_a_cylinder(found, record) -> None:
    first, last = (found[f"radius_20_over_80_{end}_compliance"] for end in ("least", "largest"))
    record("radius at 20 % of the height over that at 80 %, 1 nA; 1 mA", "falls to about 1",
           f"{first:.2f}; {last:.2f}")  # fmt: skip
    assert first > 1.4
    assert last == pytest.approx(1.0, abs=0.15)


def test_filaments_relax_by_attachment(study, record) -> None:
    """The powers are near Herring's 4 and not his: they follow the closed form of attachment."""
    histories = [follow(run) for run in studies(study[0])["full"].runs]
    found = {name: value for name, (value, _) in scaling(histories).items()}
    record("mean radius at 1 mA over that at 1 nA", "about 2", f"{found['radius_ratio']:.2f}")
    record("lifetime at zero bias, 1 mA over 1 nA", "reported; by Herring's law "
           f"{found['herring_ratio']:.1f}", f"{found['lifetime_ratio']:.1f}")  # fmt: skip
    record("power of the mean radius in the lifetime; of a hemisphere", "reported",
           f"{found['exponent']:.2f}; {found['exponent_hemisphere']:.2f}")  # fmt: skip
    lives, opened = (
        np.array([getattr(h, name) for h in histories]) for name in ("dissolved", "opened")
    )
    closed = np.array([h.law.lifetime(h.radius) for h in histories])
    assert (np.diff(lives) > 0).all()
    assert (np.diff(opened) > 0).all()
    assert (opened < 0.2 * lives).all()
    assert ((0.4 * closed < lives) & (lives < closed)).all()
    imbalance = max(h.findings()["volume_imbalance"][0] for h in histories)
    record("relaxation of the study: volume through the surface", 2e-3, imbalance)
    assert imbalance < 2e-3
    off = abs(lifetime(histories[0], 61) / lifetime(histories[0], 121) - 1)
    record("lifetime after 1 nA with 61 against 121 nodes", 1e-3, off)
    assert off < 1e-3


def lifetime(history: History, nodes: int) -> float:
    """Time in which the filament dissolves if nothing hinders what grows [s]."""
    outline = Outline(history.outlines[0] * 1e-9)
    *_, last = relax(outline, lambda K, A, *_: history.law.speed(K, A), 0.5e-9, 0.2e-9, nodes=nodes)
    return last.t


def test_temperature_against_compliance(found, record) -> None:
    record("largest temperature over log10 of the compliance", "rises; convex above 1 uA",
           f"{bool(found['T_max_rises'])}; {bool(found['T_max_convex'])}")  # fmt: skip
    record("rise above ambient, power of the compliance from 1 uA on", "reported",
           f"{found['power_of_rise']:.3f}")  # fmt: skip
    record("largest temperature of the study", "850 +- 30 K", f"{found['T_max']:.1f} K")
    assert found["T_max_rises"]
    assert found["T_max_convex"]
    assert found["T_max"] == pytest.approx(T_MAX, abs=30)


def test_without_barrier_heating_one_milliampere_is_not_reached(found, record) -> None:
    I, rise = found["I_max_without_heating"], found["rise_without_heating"]  # noqa: E741
    record("without barrier heating: largest current; rise", "< 0.3 mA; < 2 K",
           f"{I * 1e3:.3f} mA; {rise:.2f} K")  # fmt: skip
    assert I < 0.3e-3
    assert rise < 2


def test_without_dissolution_the_gap_closes(found, record) -> None:
    at, first = found["I_contact"], found["least_compliance_with_contact"]
    record("without dissolution: contact at; from a compliance of", "an event",
           f"{at * 1e6:.1f} uA; {first * 1e6:g} uA")  # fmt: skip
    assert 1e-6 < at < 1e-4


def test_resistance_is_about_one_volt_over_the_compliance(found, record) -> None:
    low, high = found["smallest_V_LRS"], found["largest_V_LRS"]
    record("R of the low state times compliance, 1 nA to 1 mA", "0.58 to 1.3 V (the study)",
           f"{low:.2f} to {high:.2f} V")  # fmt: skip
    assert 0.5 < low < high < 1.4


def test_killed_study_goes_on_and_finds_the_same(study, tmp_path, record) -> None:
    """Sweep and runs are killed; then `mitmodels resume` alone."""
    text = TOML.read_text()
    begin = text.index("circuit.compliance = [")
    (tmp_path / "few.toml").write_text(text[:begin] + FEW + text[text.index("\n", begin) :])
    folder = tmp_path / "sweep"
    sweep = command("sweep", tmp_path / "few.toml", "--out", folder, "--checkpoint-every", "1 s")
    while not any(folder.glob("compliance=30nA*/checkpoints/*")):
        time.sleep(0.05)
    sweep.send_signal(signal.SIGKILL)
    for pid in runs_of(folder):
        os.kill(pid, signal.SIGKILL)
    sweep.wait()
    while "running" in (states := [state.state for state in SweepFolder.open(folder).states()]):
        time.sleep(0.1)  # a process that was killed takes its time to go
    assert "killed" in states
    assert command("resume", folder).wait() == 0
    ours = pd.read_csv(folder / "sweep.csv").set_index("point")
    whole = pd.read_csv(study[0].path / "sweep.csv").set_index("point").loc[ours.index]
    numbers = [c for c in ours.select_dtypes("number").columns if not c.startswith("wall_time")]
    scale = whole[numbers].abs().max().replace(0.0, 1.0)
    off = float(np.nanmax(((ours[numbers] - whole[numbers]).abs() / scale).to_numpy()))
    record("killed and resumed compliance study", "the same table", f"{off:.1e}")
    assert off < 1e-10
