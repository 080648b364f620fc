"""The point contact under a sinusoid, from its TOML file to the run folder."""

from pathlib import Path

import numpy as np
import pytest

from mitmodels import cases
from mitmodels.cases import api
from mitmodels.cases.config.document import load_config
from mitmodels.cases.point_contact.loop import Config, trace
from mitmodels.constants import CONDUCTANCE_QUANTUM
from mitmodels.errors import InputError

TOML = Path(cases.__file__).with_name("qpc_loop.toml")
SHORT = ["sinusoid.periods=1", "sinusoid.points_per_period=40", "output.figures=false"]


@pytest.fixture(scope="module")
def loop():
    return trace(load_config(TOML, [], Config))


@pytest.mark.serial
def test_set_closes_and_reset_opens_the_gap(loop):
    """One period ends in the periodic state, off by the contraction of 0.3 %."""
    assert loop.gap[0] == 1e-9
    assert loop.gap[200] < 0.15e-9
    assert loop.gap[400] > 0.95e-9
    state = load_config(TOML, [], Config).memory_state().periodic_state(1.0, 1.0)
    off = (loop.gap[400] - state.gap_start) / (loop.gap[0] - state.gap_start)
    assert off == pytest.approx(state.contraction, rel=1e-4)


@pytest.mark.serial
def test_heat_goes_to_the_drain_and_adds_up(loop):
    np.testing.assert_allclose(loop.P_L + loop.P_R, loop.I * loop.V, rtol=1e-12, atol=1e-22)
    assert ((loop.P_R - loop.P_L) * np.sign(loop.V) >= 0).all()
    mean = 300 + loop.I * loop.V / (2 * 1.33e-5)
    np.testing.assert_allclose((loop.T_L + loop.T_R) / 2, mean, rtol=1e-13)


@pytest.mark.serial
def test_printed_current_is_that_of_each_instants_contact(loop):
    """Above 1 nA the exact current is smaller, and never above half a quantum."""
    config = load_config(TOML, [], Config)
    for i in (50, 100, 170, 330):
        contact = config.point_contact(loop.gap[i])
        assert loop.I[i] == pytest.approx(contact.current(loop.V[i], 300.0), rel=1e-12)
        printed = contact.current_tunnelling(loop.V[i])
        assert loop.I_tunnelling[i] == pytest.approx(printed, rel=1e-12)
        tunnelling = loop.P_L_tunnelling[i], loop.P_R_tunnelling[i]
        assert tunnelling == pytest.approx(contact.powers_tunnelling(loop.V[i]), rel=1e-12)
    assert (np.abs(loop.I) <= 0.5 * CONDUCTANCE_QUANTUM * np.abs(loop.V)).all()


def test_run_writes_table_and_summary(mpi_tmp_path):
    run = api.run(TOML, mpi_tmp_path / "run", overrides=SHORT)
    assert run.record["status"] == "completed"
    assert len(run.iv) == 41
    assert list(run.iv)[:4] == ["t [s]", "V [V]", "gap [m]", "I [A]"]
    assert run.summary["contraction_per_period"]["value"] == pytest.approx(2.904e-3, rel=1e-3)
    assert run.summary["gap_at_end"]["unit"] == "m"


@pytest.mark.serial
def test_figures_come_from_the_folder(tmp_path):
    api.run(TOML, tmp_path / "run", overrides=SHORT)
    files = api.plot(tmp_path / "run")
    assert [file.name[:6] for file in files] == ["fig_1b", "fig_2a", "fig_2b", "fig_3a", "fig_3b"]
    assert all(file.stat().st_size > 10_000 for file in files)


@pytest.mark.serial
def test_impossible_input_is_refused():
    with pytest.raises(InputError, match=r"gap_max must exceed gap_min, got 5e-11 m and 1e-10 m"):
        api.check(TOML, overrides=["memory.gap_max=0.05 nm"])
    with pytest.raises(InputError, match=r"radius must lie between 1e-15 and 0.001 m"):
        api.check(TOML, overrides=["contact.radius=2 mm"])
