"""The SET of a metallization cell, from its TOML file to the run folder."""

from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest
import pyvista as pv
from ecm_cells import CU_SIO2_PT

from mitmodels import cases
from mitmodels.cases import api
from mitmodels.cases.cell.growth import Config, prepare
from mitmodels.cases.cell.outlines import read_outlines
from mitmodels.cases.config.document import load_config
from mitmodels.cases.figures.stored_states import stored_states
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.cell.meshed_cell import MeshedCell
from mitmodels.solvers.petsc import SolverError
from mitmodels.solvers.runs.reading import load

TOML = Path(cases.__file__).with_name("ecm_set.toml")
SHORT = ["protocol.0.to=0.9 V", "protocol.1.to=0.8 V", 'output.fields_at.I=["1e-83 A"]']
PROMISED = [
    "t_onset",
    "t_void",
    "t_compliance",
    "T_max",
    "R_LRS",
    "gap_final",
    "steps",
    "remeshes",
    "wall_time",
]
BRIEF = ["protocol.0.to=0.15 V", "protocol.1.to=0.14 V", "output.figures=false"]
NM = 1e-9


def test_shipped_cell_has_the_layers_of_the_paper() -> None:
    cell = load_config(TOML, [], Config).cell()
    assert cell.stack.oxide == pytest.approx(10e-9)
    assert cell.model.circuit.limit == pytest.approx(1e-3)


def test_run_writes_tables_outlines_fields_and_summary(mpi_tmp_path) -> None:
    """Of a sweep that is over before the filament grows, which is no failure."""
    left = "tunnel.valid.conductance=['0 V', '0.5 V']"
    run = api.run(TOML, mpi_tmp_path / "run", overrides=[*SHORT, left])
    assert run.record["status"] == "completed"
    iv = run.iv
    warned = run.events.query("event == 'warning'")
    assert list(warned["t [s]"]) == [iv["t [s]"][iv["V_cell [V]"] > 0.5].iloc[0]]
    assert "above the range of tunnel.conductance, 0 V to 0.5 V" in warned["detail"].iloc[0]
    assert 0.9 in iv["t [s]"].to_numpy()  # the corner of the source
    assert iv["t [s]"].iloc[-1] == pytest.approx(1.0, rel=1e-12)
    assert iv["V_source [V]"].iloc[-1] == pytest.approx(0.8, rel=1e-12)
    grown = iv["volume [m3]"].iloc[-1] - iv["volume [m3]"].iloc[0]
    plated = CU_SIO2_PT.deposit.volume_per_charge * iv["charge [C]"].iloc[-1]
    assert grown == pytest.approx(plated, rel=2e-3)
    with np.load(run.path / "outlines.npz") as file:
        assert len(file["t"]) == len(iv)
        assert file["nodes"].sum() == len(file["points"])
    assert (run.path / "fields" / "cell.pvd").exists()
    figures = {file.name for file in (run.path / "figures").iterdir()}
    assert figures == {"gap.png", "map.png", "growth.gif"}  # currents of 1e-80 A draw nothing
    outlines = pv.read(run.path / "outlines.vtp")
    np.testing.assert_array_equal(outlines.cell_data["t [s]"], iv["t [s]"])
    assert pv.read(run.path / "filament.stl").bounds[3] == pytest.approx(
        iv["tip_height [m]"].iloc[-1], rel=1e-6
    )
    assert set(PROMISED) <= set(run.summary)
    assert "without growth" in run.summary["end"]["value"]
    assert run.summary["t_onset"]["value"] is None
    assert run.summary["gap_final"]["beyond"] == (
        "V = 0.9 V is above the range of tunnel.conductance, 0 V to 0.5 V"
    )


@pytest.mark.serial
def test_drive_that_is_too_fast_for_steady_heat_is_an_event(tmp_path) -> None:
    fast = 'protocol=[{step="ramp", to="0.1 V", duration="100 ps"}]'
    warm = "heat_capacity={filament='3e6 J/(m3 K)', counter='3e6 J/(m3 K)', oxide='2e6 J/(m3 K)'}"
    run = api.run(TOML, tmp_path / "run", overrides=[fast, warm, "output.figures=false"])
    time = run.summary["thermal_time"]["value"]
    assert 1e-11 < time < 1e-10
    assert run.summary["left_the_model"]["value"] == "thermal time"
    (detail,) = run.events.query("event == 'thermal time'")["detail"]
    assert detail.startswith("the drive changes within 1e-10 s, but the cell takes 1.")


@pytest.mark.serial
@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("void.nucleus=12 nm", "nucleus = 1.2e-08 m must be smaller than oxide = 1e-08 m"),
        ("geometry.radius=0.1 nm", "nucleus = 2e-10 m must be smaller than radius = 1e-10 m"),
        ("void.deepest=20 nm", "deepest = 2e-08 m must be smaller than active = 1.5e-08 m"),
        ("geometry.radius=0 nm", "geometry.radius"),
        ("circuit.compliance=0 A", "circuit.compliance"),
        ("circuit.compliance=-1 mA", "circuit.compliance"),
        ("filament.thermal_conductivity=franz", 'in "400 W/.m K." or "wiedemann_franz"'),
        ("tunnel.filament_share=simmons", 'in "0.5" or "closed_form"'),
    ],
)
def test_bad_input_is_refused_in_a_sentence(override, message) -> None:
    with pytest.raises(InputError, match=message):
        prepare(load_config(TOML, [override], Config), MPI.COMM_WORLD)


@pytest.fixture(scope="module")
def stored_run(tmp_path_factory):
    """SET of a thin cell with fields of some of its states."""
    steps = (
        '{step="ramp", to="3 V", rate="3 V/s", until=["I > 1 nA"], read_at=["0.1234 V"]}, '
        '{step="hold", duration="1 ms", read_at={volume=["0.4 nm3"]}}, '
        '{step="ramp", to="0.1 V", rate="1 kV/s"}'
    )
    fields = '{I=["1 pA", "0.5 nA"], gap=["0.9 nm"], t=["0.3 s"], T_max=["900 K"]}'
    cell = ("geometry.oxide=1.5 nm", "output.figures=false")
    settings = [*cell, f"protocol=[{steps}]", f"output.fields_at={fields}"]
    return api.run(TOML, tmp_path_factory.mktemp("stored") / "run", overrides=settings)


@pytest.mark.serial
def test_values_are_rows_events_and_stored_fields(stored_run, record) -> None:
    """Each to 1e-6; stored is the state at the first crossing within each step."""
    run = stored_run
    iv, events = run.iv, run.events
    assert np.isclose(iv["V_source [V]"], 0.1234, rtol=1e-12, atol=0).sum() == 1
    ends = iv[iv["t [s]"].isin(events["t [s]"][events["event"] == "step ended"])]
    assert ends["I [A]"].tolist() == [pytest.approx(1e-9, rel=1e-6)]
    stored = events[events["event"] == "fields"]
    asked = ["t=0.3s", "gap=9e-10m", "I=1e-12A", "I=5e-10A", "I=5e-10A"]
    assert sorted(stored["detail"]) == sorted(asked)
    worst = 0.0
    for detail, t in zip(stored["detail"], stored["t [s]"], strict=True):
        name, value = detail.split("=")
        column = next(column for column in iv.columns if column.startswith(f"{name} ["))
        (found,) = iv[column][iv["t [s]"] == t]
        worst = max(worst, abs(found / float(value.rstrip("Ams")) - 1))
    record("cell, values at which fields are stored", "1e-6", f"{worst:.1e}")
    assert worst < 1e-6
    assert [state.row["t [s]"] for state in stored_states(run)] == stored["t [s]"].tolist()
    warned = events["detail"][events["event"] == "warning"]
    assert "fields_at T_max = 900 K is never reached" in set(warned)


def _through(mesh, region, other):
    """Current from a region into another [A]: that of its cells along a hat on their border."""
    x, cells, regions = np.array(mesh.points)[:, :2], mesh.cells_dict[5], mesh["region"]
    shared = {tuple(point) for point in x[np.unique(cells[regions == other])].round(14)}
    cells, (J_r, J_z) = cells[regions == region], mesh["current density [A/m2]"][:, :2].T
    total = np.zeros(len(cells))
    r, z = x[cells].transpose(2, 1, 0)
    twice = (r[1] - r[0]) * (z[2] - z[0]) - (r[2] - r[0]) * (z[1] - z[0])
    for corner, (before, after) in enumerate(((1, 2), (2, 0), (0, 1))):
        hat = np.array([tuple(point) in shared for point in x[cells[:, corner]].round(14)])
        slope_r, slope_z = (z[before] - z[after]) / twice, (r[after] - r[before]) / twice
        total += hat * (J_r[regions == region] * slope_r + J_z[regions == region] * slope_z)
    return abs(float((total * np.pi * r.mean(axis=0) * np.abs(twice)).sum()))


@pytest.mark.serial
def test_files_for_paraview_lie_on_one_another_and_carry_the_currents(stored_run, record) -> None:
    """Ionic current of the oxide, electronic one of the metal, as in iv.csv."""
    run, worst = stored_run, {"I": 0.0, "I_ion": 0.0}
    assert {file.suffix for file in (run.path / "fields").iterdir()} == {".vtu", ".pvd"}
    assert len(list((run.path / "fields").glob("*.pvd"))) == 1
    reader = pv.get_reader(run.path / "fields" / "cell.pvd")
    outlines, solid = (pv.read(run.path / name) for name in ("outlines.vtp", "filament.stl"))
    for time in reader.time_values:
        reader.set_active_time_value(time)
        mesh = reader.read()[0]
        (row,) = np.flatnonzero(np.isclose(run.iv["t [s]"], time, rtol=1e-12, atol=0))
        now = run.iv.iloc[row]
        for name in ("t [s]", "V_source [V]", "I [A]", "T_max [K]"):
            assert mesh.field_data[name][0] == pytest.approx(now[name], rel=1e-12)
        found = {"I": _through(mesh, 1, 0), "I_ion": _through(mesh, 2, 1)}
        for name, value in found.items():
            worst[name] = max(worst[name], abs(value / now[f"{name} [A]"] - 1))
        filament = mesh.extract_cells(mesh["region"] == 1)
        line = outlines.extract_cells(row)
        assert filament.bounds[1:4] == pytest.approx(line.bounds[1:4], rel=1e-3, abs=1e-12)
        potential = filament["potential [V]"]
        assert (
            potential.max() < 1e-3 < mesh.extract_cells(mesh["region"] == 2)["potential [V]"].min()
        )
    assert solid.bounds[:4] == pytest.approx(
        (-solid.bounds[1], *line.bounds[1:4]), rel=1e-2, abs=1e-12
    )
    record("cell, electronic current of the stored filament", 1e-4, worst["I"])
    record("cell, ionic current of the stored oxide", 1e-5, worst["I_ion"])


@pytest.mark.serial
@pytest.mark.parametrize("key", ["output.fields_at", "protocol.0.read_at"])
def test_quantity_that_a_cell_does_not_show_is_refused(key) -> None:
    config = load_config(TOML, [f'{key}={{barrier_width=["1 nm"]}}'], Config)
    with pytest.raises(InputError, match="a cell does not show barrier_width: use one of t, "):
        prepare(config, MPI.COMM_WORLD)


@pytest.mark.serial
def test_steps_land_on_stops_whatever_is_left_before_them(mpi_tmp_path) -> None:
    """Stops that are sums of rounded steps up to a rounding error must not leave a sliver."""
    run = api.run(TOML, mpi_tmp_path / "run", overrides=BRIEF)
    steps = run.iv["dt [s]"].iloc[1:]
    assert run.iv["t [s]"].iloc[-1] == pytest.approx(0.16, rel=1e-12)
    assert steps.min() > 1e-3


@pytest.mark.serial
def test_failing_solve_halves_the_step_and_the_run_goes_on(mpi_tmp_path, monkeypatch) -> None:
    failures = iter([False] * 6 + [True])
    evaluate = MeshedCell.evaluate

    def sometimes(meshed, shape, *drive):
        if next(failures, False):
            raise SolverError("no potential")
        return evaluate(meshed, shape, *drive)

    monkeypatch.setattr(MeshedCell, "evaluate", sometimes)
    run = api.run(TOML, mpi_tmp_path / "run", overrides=BRIEF)
    rejected = run.events[run.events["event"] == "rejected"]
    assert len(rejected) == 1
    tried, reason = rejected["detail"].iloc[0].split(" s: ")
    assert reason == "no potential"
    following = run.iv[run.iv["t [s]"] > rejected["t [s]"].iloc[0]].iloc[0]
    assert following["dt [s]"] == pytest.approx(float(tried) / 2)
    assert run.iv["V_source [V]"].iloc[-1] == pytest.approx(0.14)


@pytest.mark.serial
def test_solve_that_fails_for_good_ends_with_the_last_good_state(mpi_tmp_path, monkeypatch) -> None:
    evaluate = MeshedCell.evaluate

    def up_to_a_voltage(meshed, shape, source, *circuit):
        if source > 0.1:
            raise SolverError("no potential")
        return evaluate(meshed, shape, source, *circuit)

    monkeypatch.setattr(MeshedCell, "evaluate", up_to_a_voltage)
    with pytest.raises(RunError, match=r"no step succeeds at 0\.1 s; .* no potential"):
        api.run(TOML, mpi_tmp_path / "run", overrides=BRIEF)
    run = load(mpi_tmp_path / "run")
    assert run.record["status"] == "failed"
    assert "no potential" in run.record["error"]
    assert run.iv["V_source [V]"].iloc[-1] == pytest.approx(0.1, abs=1e-6)
    assert len(read_outlines(run)) == len(run.iv)


@pytest.mark.serial
def test_filament_that_fills_the_cell_ends_the_run_in_order(mpi_tmp_path) -> None:
    narrow = ["geometry.oxide=1.5 nm", "geometry.radius=0.3 nm", "protocol.0.rate=3 V/s"]
    run = api.run(TOML, mpi_tmp_path / "run", overrides=[*narrow, "output.figures=false"])
    ends = run.events[run.events["event"] == "geometry"]
    assert "fills the cell of 3e-10 m" in ends["detail"].item()
    assert "geometry" in run.summary["end"]["value"]
    assert len(read_outlines(run)) == len(run.iv)


@pytest.mark.serial
def test_step_ends_at_its_condition_and_the_filament_dissolves_to_the_nucleus(
    mpi_tmp_path,
) -> None:
    """Up until the tip is 0.5 nm high, then down: at -1 V nothing but the nucleus is left."""
    overrides = (
        'protocol.0.until=["gap < 9.5 nm"]',
        "protocol.1.to=-1 V",
        "output.figures=false",
        "output.fields_at.I=[]",
    )
    run = api.run(TOML, mpi_tmp_path / "run", overrides=overrides)
    turn = int(run.iv["V_source [V]"].argmax())
    gaps = run.iv["gap [m]"].to_numpy()
    assert gaps[turn] == pytest.approx(9.5 * NM, rel=1e-6)
    assert "gap < 9.5e-09" in set(run.events["detail"])
    last = run.iv.iloc[-1]
    assert last["V_source [V]"] == pytest.approx(-1.0, rel=1e-12)
    assert last["tip_height [m]"] == pytest.approx(0.2 * NM, rel=1e-12)
    assert last["I_ion [A]"] == 0.0
    assert "dissolved" in set(run.events["event"])
    assert run.summary["gap_after_reset"]["value"] == pytest.approx(9.8 * NM, rel=1e-9)
    assert run.summary["charge_imbalance"]["value"] < 0.02  # the feet of so small a filament
