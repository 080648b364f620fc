"""Relaxation of the filament of a SET: lifetimes, files, refused input."""

import json

import numpy as np
import pandas as pd
import pytest
from ecm_cells import SHIPPED

from mitmodels.cases.cell.relaxation import History, exponent
from mitmodels.cases.cell.relaxation_run import follow, relax
from mitmodels.cases.cell.sections import Config
from mitmodels.cases.config.document import load_config, resolved
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.cell.outline import Outline
from mitmodels.solvers.runs.reading import load

pytestmark = pytest.mark.serial
NM = 1e-9


def egg(radius: float, height: float) -> Outline:
    angle = np.linspace(0, np.pi / 2, 41)
    return Outline(np.column_stack((radius * np.sin(angle), height * np.cos(angle))))


def write_run(folder, outline: Outline, current="1 uA", case="ecm_set", energy=True):
    """Folder of a run, as far as it is read, that ends with an outline."""
    config = load_config(SHIPPED, [f"circuit.compliance={current}"], Config)
    text = resolved(config).replace('case = "ecm_set"', f'case = "{case}"')
    lines = [line for line in text.splitlines() if energy or not line.startswith("surface_energy")]
    folder.mkdir(parents=True)
    (folder / "config.resolved.toml").write_text("\n".join(lines))
    (folder / "run.json").write_text(json.dumps({"status": "completed", "error": ""}))
    np.savez(folder / "outlines.npz", nodes=[len(outline.points)], points=outline.points)
    return folder


def write_study(folder, outlines):
    key = "circuit.compliance"
    points = [
        {"name": f"current={current}", "changes": [f"{key}={current}"], "values": {}}
        for current in outlines
    ]
    axes = [{"keys": [key], "size": len(points)}]
    for (current, outline), point in zip(outlines.items(), points, strict=True):
        write_run(folder / point["name"], outline, current)
    (folder / "sweep.json").write_text(json.dumps({"axes": axes, "points": points}))
    return folder


def test_filament_opens_and_then_dissolves(tmp_path) -> None:
    folder = write_run(tmp_path / "run", egg(2 * NM, 9.8 * NM))
    files = relax(folder)
    assert {file.name for file in files} >= {"relaxation.csv", "outlines.png", "gap.png"}
    assert all(file.parent == folder / "relaxation" for file in files)
    found = {
        name: entry["value"]
        for name, entry in json.loads((folder / "relaxation" / "findings.json").read_text()).items()
    }
    table = pd.read_csv(files[0])
    assert 0 < found["t_open"] < 0.01 * found["t_dissolved"]
    assert found["isolated_sphere"] < found["hemisphere"]
    assert found["mean_radius"] == pytest.approx(np.cbrt(4 * 9.8) * NM, rel=1e-3)
    assert found["cut"] == 0.0
    assert found["volume_imbalance"] < 2e-3
    assert found["largest_ion_drop"] < 1e-3
    assert (np.diff(table["volume [m3]"]) < 0).all()
    assert table["height [m]"].iloc[-1] <= 0.5 * NM
    # What conducts is the tip: ten times the resistance is a decay length
    # times ln 10 = 0.13 nm more of a gap, and some more because the tip gets wider.
    R, gap = table["R_tunnel [ohm]"], table["gap [m]"]
    widened = np.interp(np.log(10 * R[0]), np.log(R), gap) - gap[0]
    assert widened == pytest.approx(1.15 * np.log(10) / 18.2e9, rel=0.1)
    with np.load(files[1]) as stored:
        assert stored["nodes"].sum() == len(stored["points"])
        assert len(stored["nodes"]) == len(stored["t"]) == len(table)
    with pytest.raises(InputError, match="relaxation: exists already: name another with --out"):
        relax(folder)


def test_study_gives_the_exponent_of_its_lifetimes(tmp_path) -> None:
    """In proportion to one another and of 6 to 12 nm they are between attachment and kinetics."""
    outlines = {"1 uA": egg(3 * NM, 5 * NM), "1 mA": egg(6 * NM, 10 * NM)}
    folder = write_study(tmp_path / "study", outlines)
    files = relax(folder, tmp_path / "out")
    assert {file.name for file in files} >= {"lifetimes.csv", "lifetimes.png"}
    rows = pd.read_csv(tmp_path / "out" / "lifetimes.csv")
    found = json.loads((tmp_path / "out" / "findings.json").read_text())
    assert rows["compliance [A]"].tolist() == [1e-6, 1e-3]
    lives = rows["t_dissolved [s]"].to_numpy()
    assert found["radius_ratio"]["value"] == pytest.approx(2.0, rel=1e-3)
    assert found["herring_ratio"]["value"] == pytest.approx(16.0, rel=4e-3)
    assert found["exponent"]["value"] == pytest.approx(np.log2(lives[1] / lives[0]), rel=1e-3)
    assert 2.0 < found["exponent"]["value"] < 4.5
    single = write_study(tmp_path / "single", {"1 uA": outlines["1 uA"]})
    with pytest.raises(InputError, match="is not a compliance study with two complete SETs"):
        relax(single)


def test_exponent_is_that_of_a_power_law() -> None:
    radius = np.geomspace(1, 3, 7)
    assert exponent(radius, 5 * radius**3.7) == pytest.approx(3.7, rel=1e-10)


def test_gap_without_a_current_does_not_open() -> None:
    """Beyond 20 nm of oxide nothing is left of Simmons' law; the lifetime is there all the same."""
    columns = {"t [s]": [0.0, 1.0], "height [m]": [NM, 0.4 * NM], "R_tunnel [ohm]": [np.inf] * 2}
    history = History(1e-6, pd.DataFrame(columns), [], None)
    assert history.opened is None
    assert history.dissolved == pytest.approx(5 / 6, rel=1e-12)


def test_kinetics_set_the_time_scale_and_surface_energy_drives(tmp_path) -> None:
    """Lifetimes go with the inverse of the exchange current and only with it."""
    run = load(write_run(tmp_path / "run", egg(2 * NM, 4 * NM)))
    given = follow(run)
    fast = follow(run, ["kinetics.exchange_current_density=3.6e-3 A/m2"])
    weak = follow(run, ["filament.surface_energy=0.6 J/m2"])
    assert fast.dissolved == pytest.approx(given.dissolved / 10, rel=1e-4)
    assert fast.opened == pytest.approx(given.opened / 10, rel=1e-4)
    assert weak.dissolved > 4 * given.dissolved


def test_refusals(tmp_path) -> None:
    body = egg(2 * NM, 4 * NM)
    with pytest.raises(InputError, match="is not a run folder"):
        relax(tmp_path / "none")
    with pytest.raises(InputError, match="is not a metallization cell: give the folder of a SET"):
        relax(write_run(tmp_path / "film", body, case="lsmo_iv"))
    with pytest.raises(InputError, match=r"filament.surface_energy is missing: give one, --set"):
        relax(write_run(tmp_path / "old", body, energy=False))
    with pytest.raises(InputError, match=r"without a filament higher than 0\.5 nm"):
        relax(write_run(tmp_path / "nucleus", Outline.nucleus(0.2 * NM, 8)))
    run = write_run(tmp_path / "run", body)
    with pytest.raises(InputError, match=r"--set: filament.surface_energy = .*1\.79 V"):
        relax(run, overrides=["filament.surface_energy=1.79 V"])
    assert not (run / "relaxation").exists()


def test_filament_that_cannot_be_followed_leaves_nothing(tmp_path, monkeypatch) -> None:
    def failing(*_):
        raise RunError("the filament cannot be relaxed beyond 1 s")

    monkeypatch.setattr("mitmodels.solvers.cell.curvature_flow.relax", failing)
    run = write_run(tmp_path / "run", egg(2 * NM, 4 * NM))
    with pytest.raises(RunError, match=f"{run}: the filament cannot be relaxed beyond 1 s"):
        relax(run)
    assert not (run / "relaxation").exists()
