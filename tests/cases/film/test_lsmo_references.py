"""The paper's own two models as cases: analytic barrier and resistor network."""

import pytest

from mitmodels.cases import api
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

BARRIER, NETWORK = "cases/lsmo_barrier.toml", "cases/lsmo_network.toml"
SHORT = (
    'ambient.temperatures=["100 K", "330 K"]',
    "voltages.fine=200",
    "voltages.fine_to=6000",
    "voltages.to=8500",
    "network.columns=60",
)


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch):
    monkeypatch.chdir(api.__file__.rpartition("/cases/")[0])


@pytest.mark.serial
def test_barrier_opens_at_the_double_root(tmp_path, record):
    run = api.run(BARRIER, tmp_path / "run")
    value = {name: entry["value"] for name, entry in run.summary.items()}
    record("SI 5 base case from its TOML: V_th [V]", 1e-9, abs(value["V_th"] / 15.6930824216 - 1))
    assert value["V_th"] == pytest.approx(15.6930824216, rel=1e-9)
    assert value["d_c"] == pytest.approx(1.9219040426e-6, rel=1e-9)
    assert value["V_th_approximate"] == pytest.approx(15.38479597, rel=1e-8)
    open_at = run.iv[run.iv["barrier_width [m]"].notna()]
    assert open_at["V [V]"].min() == pytest.approx(value["V_th"], abs=60 / 239)
    assert open_at["barrier_width [m]"].min() > value["d_c"]
    files = api.plot(run.path)
    assert [file.stem for file in files] == [
        "widths",
        "fig_S5.2_balance",
        "fig_S5.2b_system",
        "fig_S5.3_dependence",
    ]


@pytest.mark.serial
def test_network_loses_its_current_to_a_barrier_when_cold_only(tmp_path):
    run = api.run(NETWORK, tmp_path / "run", overrides=SHORT)
    assert run.summary["cells_at_nucleation_at_100K"]["value"] < 10
    assert "I_max_at_100K" in run.summary
    assert "I_max_at_330K" not in run.summary
    cold = run.iv[run.iv["T_substrate [K]"] == 100.0]
    assert cold["T_center [K]"].iloc[-1] > 340 > cold["T_edge [K]"].iloc[-1]
    assert len(run.table("profiles")) == 60 * len(cold)
    assert len(api.plot(run.path)) == 6


@pytest.mark.parametrize(
    ("file", "override", "message"),
    [
        (BARRIER, "ambient.temperature=400 K", "T_c must be above T_0"),
        (NETWORK, "ambient.shown=80 K", "ambient.shown = 80 K is none of ambient.temperatures"),
        (NETWORK, "network.calculated_rows=7", "network.calculated_rows = 7 is no divisor"),
        (NETWORK, "arm.ratio=-1", "arm.ratio"),
    ],
)
def test_impossible_input_is_refused(file, override, message):
    with pytest.raises(InputError, match=message):
        api.check(file, overrides=[override])
