"""Several SETs together: which belong to a study, and what it says of them."""

import json
from pathlib import Path

import pytest

from mitmodels import cases
from mitmodels.cases.cell.compliance_study import studies
from mitmodels.cases.sweeps import running
from mitmodels.cases.sweeps.folder import SweepFolder

pytestmark = pytest.mark.serial
TOML = Path(cases.__file__).with_name("ecm_compliance.toml")
KINDS = "tunnel.heating = [true, false, true]\nvoid.ratio = [0.05, 0.05, 0]"


def sweep(folder):
    """One compliance, three kinds, to 0.15 V: a nucleus that carries next to no current."""
    head = TOML.read_text().partition("[sweep]")[0]
    axes = f"[sweep]\ncircuit.compliance = ['100 uA']\n[[sweep.zip]]\n{KINDS}\n"
    file = folder / "few.toml"
    file.write_text(head + axes)
    brief = ("protocol.0.to=0.15 V", "protocol.1.to=0.14 V")
    return running.sweep(file, folder / "sweep", overrides=brief, jobs=2)


def test_study_is_drawn_and_summarised(tmp_path) -> None:
    folder = sweep(tmp_path)
    found = studies(folder)
    assert set(found) == {"full", "without barrier heating", "without dissolution"}
    assert found["full"].currents.tolist() == [1e-4]
    assert found["full"].at(1e-4) is found["full"].runs[0]
    assert found["full"].at(1e-7) is None
    written = json.loads((folder.path / "study.json").read_text())
    assert written["I_contact"] == {"value": None, "unit": "A"}
    assert written["T_max"]["value"] == pytest.approx(300, abs=1e-6)
    names = {file.name for file in (folder.path / "figures").iterdir()}
    assert {"fig_1a_resistance.png", "fig_1e_iv.png", "fig_5cd_dissolution.png"} <= names
    file = next(folder.path.glob("*true,ratio=0.05"))
    assert file.name == "compliance=100uA,heating=true,ratio=0.05"


def test_sweep_of_something_else_is_no_study() -> None:
    record = {"axes": [{"keys": ["circuit.compliance"]}, {"keys": ["heat.ambient"]}]}
    assert studies(SweepFolder(Path(), record)) == {}
