"""TOML files of several devices: what a run of one leaves behind, and what is refused."""

import pytest
from chips import QUARTER, at, document

from mitmodels.cases import api
from mitmodels.cases.chip import steady
from mitmodels.cases.readout.report_curves import curves
from mitmodels.cases.readout.values import probe, profile
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

FEW = {"size": "10 um", "edge_size": "5 um", "cells_across": 3}
RATE = [{"step": "ramp", "to": "5 V", "rate": "1 V/s"}]


def test_a_run_has_a_folder_per_device_and_figures(tmp_path):
    content = {
        "base": "lsmo_pair",
        "geometry": QUARTER,
        "mesh": FEW,
        "protocol": [{"step": "ramp", "to": "6 V"}],
        "device": [
            {"name": "hot", **at(0, 0)},
            {"name": "cold", **at(20, 160, rotation=90, circuit={"load": "3 kohm"})},
        ],
    }
    run = api.run(content, tmp_path / "run")
    hot, cold = (run.table(f"devices/{name}/iv") for name in ("hot", "cold"))
    assert hot["V_source [V]"].iloc[-1] == pytest.approx(6.0, rel=1e-9)
    assert cold["V_source [V]"].iloc[-1] == pytest.approx(6.0, rel=1e-9)
    assert hot["I [A]"].iloc[-1] > 1.2 * cold["I [A]"].iloc[-1]
    total = hot["I [A]"] + cold["I [A]"]
    assert run.iv["I [A]"].to_numpy() == pytest.approx(total.to_numpy(), rel=1e-12)
    matrix = run.table("thermal_resistances").set_index("device")
    pair = run.table("crosstalk").iloc[0]
    assert matrix.loc["hot", "cold [K/W]"] == pytest.approx(pair["R_mutual [K/W]"], rel=1e-12)
    assert pair["R_mutual [K/W]"] == pytest.approx(pair["R_even [K/W]"], rel=0.02)
    assert "mirror images" in run.events["detail"].iloc[0]
    names = {file.name for file in (run.path / "figures").iterdir()}
    assert names == {"iv.png", "chip_map.png"}  # one distance makes no curve
    (shown,) = curves([run])["curves"]
    assert [shown["x"], shown["y"], *(state["title"] for state in shown["states"])] == [
        "drive",
        "I [A]",
        "drive 1",
    ]
    by_name = probe(run.path, "20 um", "160 um").iloc[0]  # in the middle of the cold one
    assert by_name["temperature [K]"] == pytest.approx(cold["T_center [K]"].iloc[-1], rel=1e-6)
    with pytest.raises(InputError, match="is a chip, which has no one mid-line"):
        profile(run.path)


@pytest.mark.parametrize(
    ("devices", "words"),
    [
        ([at(0, 0), at(0, 40)], 'device.1.position: "device-1" overlaps "device-0"'),
        ([at(0, 0), {"position": ["0 um"]}], "device.1.position.1 is missing: add it"),
        ([at(0, 0), at(0, 90, name="device-0")], "device.1.name: another device is called"),
        ([at(0, 0, name="a/b")], "device.0.name: names a folder"),
        ([at(0, 0), at(0, 90, rotation=45)], "device.1.rotation = 45 should be 0 or 90"),
        ([at(0, 0, geometry={"widht": "1 um"})], "device.0.geometry.widht"),
        ([at(0, 0, circuit={"compliance": "1 mA"})], "device.0.circuit.compliance ends"),
        ([at(0, 0, circuit={"capacitance": "-1 nF"})], "device.0.circuit.capacitance"),
        ([at(0, 0, film={"material": "mud"})], "device.0.film.material"),
        ([at(0, 0, protocol=RATE)], "device.0.protocol"),
        ([at(0, 0, mesh={"degree": 2})], "device.0.mesh.degree = 2 is for a film alone"),
        ([at(0, 0, contact={"heat": "pads"}, geometry={"pad_length": "0 um"})], "device.0."),
    ],
)
def test_what_makes_no_chip_is_refused_in_a_sentence(devices, words):
    given = document(*devices)
    with pytest.raises(InputError) as refused:
        steady.prepare(given.validate(steady.Config), steady.MPI.COMM_SELF)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_films_on_a_sheet_do_not_feel_each_other():
    given = document(substrate={"model": "sheet"})
    with pytest.raises(InputError, match=r"substrate\.model"):
        given.validate(steady.Config)


def test_a_run_in_time_has_steps_of_each_device_and_a_map(tmp_path):
    content = {
        "base": "vo2_array",
        "mesh": {"size": "5 um", "edge_size": "2.5 um", "cells_across": 2},
        "protocol": [{"step": "ramp", "to": "8 V", "duration": "1 us"}],
        "output": {"fields_at": {"t": ["0.5 us", "1 us"]}},
        "device": [{"name": name, **at(x, 0)} for name, x in (("a", 0), ("b", 30), ("c", 90))],
    }
    run = api.run(content, tmp_path / "run")
    names = {file.name for file in (run.path / "figures").iterdir()}
    assert names == {"in_time.png", "phase_plane.png", "chip_map.png", "chip_map.gif"}
    (shown,) = curves([run])["curves"]
    assert [state["title"] for state in shown["states"]] == ["500 ns", "1 µs"]
    assert [state["exact"] for state in shown["states"]] == [True, True]
    assert [shown["columns"][0], shown["columns"][1]] == ["t [s]", "a: V_device [V]"]
    steps = run.iv.groupby("device").size()
    for name in "abc":
        own = run.table(f"devices/{name}/iv")
        assert own["t [s]"].iloc[-1] == pytest.approx(1e-6, rel=1e-12)
        assert len(own) == steps[name] + 1  # with the state at rest
    assert run.summary["synchronisation"]["value"] is None


def test_nearest_neighbours_are_those_of_either():
    config = document(*(at(x, 0) for x in (0, 300, 600, 1100)), coupling="nearest")
    chip = config.validate(steady.Config)
    coupled = [pair for pair in ((0, 1), (1, 2), (2, 3), (0, 2), (1, 3)) if chip.is_coupled(*pair)]
    assert coupled == [(0, 1), (1, 2), (2, 3)]
