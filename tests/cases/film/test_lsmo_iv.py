"""The I-V case: what it refuses, what it writes, and that ranks do not change it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from mpi4py import MPI

import numpy as np
import pandas as pd
import pytest
from films import COARSE, SHIPPED
from scipy.optimize import brentq

from mitmodels.cases import api
from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.steady import Config, prepare
from mitmodels.errors import InputError

PRODUCTION = pytest.param((), marks=pytest.mark.slow, id="production")
SHEET = Path(__file__).parents[2] / "helpers" / "sheet.toml"
SHEET_VO2 = Path(__file__).parents[2] / "helpers" / "vo2.toml"
SMALL = ("mesh.size=5 um", "mesh.edge_size=4 um", "mesh.cells_across=3")
SHORT = ("protocol.0.to=18 V", "output.fields_at.V_source=[]")
REFUSED = {
    "protocol.1.to=-5 V": "protocol: the source goes to -5 V: the film is the same for both signs",
    "output.fields_at.V_source=['60 V']": (
        "output.fields_at.V_source = 60 V is never reached: the protocol goes from 0 V to 55 V"
    ),
    "output.stability_at.V_source=['-3 V']": "output.stability_at.V_source = -3 V is never reached",
    "geometry.far=0 um": "geometry.far = 0 needs the sheet substrate: give the half-space a radius",
    "geometry.far=150 um": "geometry: far = 0.00015 m must be at least twice the half diagonal",
    "contact.thermal=sink": 'contact.thermal = "sink" is for a film without pads',
    "mesh.size=60 um": "mesh.size = 60 um is longer than half of the film: give a smaller one",
    "mesh.edge_size=30 um": "mesh.edge_size = 30 um is longer than half of the film is wide",
}


@pytest.mark.serial
@pytest.mark.parametrize("override", REFUSED)
def test_sections_that_do_not_go_together(override):
    with pytest.raises(InputError) as refusal:
        prepare(load_config(SHIPPED, [override], Config), MPI.COMM_WORLD)
    assert str(refusal.value).startswith(REFUSED[override])


@pytest.mark.serial
@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("substrate.boundary_resistance=1e-8 m2 K/W", "goes without substrate.boundary_resistance"),
        ("substrate.operator=fourier", 'needs substrate.operator = "dense" on a half-space'),
    ],
)
def test_what_quadratic_elements_do_not_go_together_with(override, message):
    with pytest.raises(InputError, match=f"mesh.degree = 2 {message}"):
        prepare(load_config(SHIPPED, ["mesh.degree=2", override], Config), MPI.COMM_WORLD)


@pytest.mark.serial
@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("rate=1 V/s", "protocol: lsmo_iv follows steady states: give ramps without rate"),
        (
            "until=['time > 1 s']",
            "protocol: a steady film does not show time: use one of V_source, V_device",
        ),
    ],
)
def test_protocol_that_is_no_steady_sweep(key, message):
    overrides = [f"protocol.{step}.{key}" for step in (0, 1)]
    with pytest.raises(InputError, match=message):
        prepare(load_config(SHIPPED, overrides, Config), MPI.COMM_WORLD)


@pytest.mark.serial
@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("protocol.1.rate=1 V/s", "protocol: lsmo_iv follows steady states: give ramps without"),
        ("protocol.1.until=['I > 5 mA']", "protocol.1.until: the branch of steady states is"),
        ("protocol.1.to=10 V", "protocol: the source turns or ends at 10 V, but the branch"),
        ("protocol.0.to=0 V", "protocol: nothing is driven: give a ramp to more than 0 V"),
        ("protocol.0.read_at=['60 V']", "the ramp from 0 to 55 V never passes its read_at 60 V"),
        ("output.stability_at.V_source=['60 V']", "60 V is never reached"),
        ("output.fields_at.gap=['1 nm']", "output.fields_at: a steady film does not show gap"),
        ("circuit.compliance_softness='50 mV'", "circuit.compliance_softness is of a limit"),
    ],
)
def test_one_step_of_the_protocol_that_would_be_ignored(override, message):
    with pytest.raises(InputError, match=message):
        prepare(load_config(SHIPPED, [override], Config), MPI.COMM_WORLD)


@pytest.mark.serial
@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["contact.heat=pads", "geometry.pad_length=0 um"], 'contact.heat = "pads" needs pads'),
        (["pads.sheet_conductance=0 W/K"], "pads.sheet_conductance"),
    ],
)
def test_pads_that_are_asked_for_and_missing(overrides, message):
    with pytest.raises(InputError, match=message):
        prepare(load_config(SHIPPED, overrides, Config), MPI.COMM_WORLD)


def run_case(ranks, folder, *overrides):
    """Run the shipped case in this process, or as a user does on a number of ranks."""
    if ranks == 1:
        api.run(SHIPPED, folder, overrides=(*overrides, "output.figures=false"))
        return pd.read_csv(folder / "iv.csv")
    launcher = shutil.which("mpirun", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    settings = [f"--set={override}" for override in (*overrides, "output.figures=false")]
    # The tests' own MPI must not be joined.
    foreign = ("PMI", "HYDRA", "MPI", "OMPI", "PMIX")
    command = [sys.executable, "-m", "mitmodels", "run", SHIPPED, "--out", folder, *settings]
    subprocess.run(
        [launcher, "-n", str(ranks), *command],
        env={k: v for k, v in os.environ.items() if "CVAR" in k or not k.startswith(foreign)},
        check=True,
        capture_output=True,
        timeout=3000,
    )
    return pd.read_csv(folder / "iv.csv")


@pytest.mark.serial
@pytest.mark.parametrize("mesh", [pytest.param((*SMALL, *SHORT), id="small"), PRODUCTION])
def test_ranks_give_the_same_table(mesh, tmp_path, record):
    """Every column, row by row: the steps, and with them the arclengths, are the same."""
    one, two, three = (run_case(n, tmp_path / str(n), *mesh) for n in (1, 2, 3))
    assert (one.columns == two.columns).all()
    for ranks, table in ((2, two), (3, three)):
        assert len(table) == len(one)
        assert (table["stable"] == one["stable"]).all()
        numbers = one.columns.drop("stable")
        scale = one[numbers].abs().max().replace(0.0, 1.0)  # the barrier stands in the centre
        error = float(((table[numbers] - one[numbers]).abs() / scale).to_numpy().max())
        record(f"iv.csv on {ranks} ranks and on one", 1e-8, error)
        assert error < 1e-8


@pytest.mark.serial
def test_states_and_figures_of_merit_are_stored(tmp_path):
    overrides = (
        "output.fields_at.V_source=['16.2 V', '20 V']",
        "output.stability_at.V_source=['20 V']",
    )
    iv = run_case(1, tmp_path / "run", *COARSE, *overrides)
    assert list(iv.columns) == [
        "V_source [V]",
        "V_device [V]",
        "V_film [V]",
        "I [A]",
        "R [ohm]",
        "R_contact [ohm]",
        "P [W]",
        "T_max [K]",
        "T_center [K]",
        "T_edge [K]",
        "barrier_width [m]",
        "barrier_position [m]",
        "hot_across [m]",
        "stable",
    ]
    np.testing.assert_allclose(iv["P [W]"], iv["I [A]"] * iv["V_device [V]"], rtol=1e-12)
    np.testing.assert_allclose(
        iv["V_device [V]"], iv["V_film [V]"] + 200.0 * iv["I [A]"], rtol=1e-12
    )
    np.testing.assert_allclose(iv["V_source [V]"], iv["V_device [V]"], rtol=1e-9, atol=1e-9)
    events = pd.read_csv(tmp_path / "run/events.csv")
    warned, coarse = events[events["event"] == "warning"].itertuples()  # on the way up only
    assert "the mesh is too coarse for the wall" in coarse.detail
    above = (iv["T_max [K]"] > 400).idxmax()
    assert warned.detail.endswith("above the range of film.resistivity, 100 K to 400 K")
    assert warned[3:5] == pytest.approx(tuple(iv.loc[above, ["V_source [V]", "I [A]"]]), rel=1e-9)
    summary = json.loads((tmp_path / "run/summary.json").read_text())
    assert set(summary) == {
        *("V_up", "V_down", "hysteresis", "I_max", "V_at_I_max", "P_switch", "V_full", "I_hold"),
        *("V_nucleated", "d_nucleated", "R_switched", "V_compliance"),
        *("unknowns", "newton_iterations", "wall_time"),
    }
    assert summary["V_up"]["unit"] == "V"
    assert "beyond" not in summary["I_max"]  # at 338 K
    assert summary["V_full"]["beyond"].endswith("range of film.resistivity, 100 K to 400 K")
    # The maximum lies between two points of the table.
    assert 1 <= summary["I_max"]["value"] / iv["I [A]"].max() < 1.01
    stored = {path.stem for path in (tmp_path / "run/fields").glob("*.vtu")}
    assert stored == {
        *("metal", "up-fold", "nucleated", "half", "full"),
        *("16.2V-metal", "16.2V-barrier", "20V-barrier"),
    }
    modes = pd.read_csv(tmp_path / "run/modes.csv")
    assert modes["mode"].to_list()[:2] == [1, 2]
    assert 0 < modes["gain"][0] < 1
    events = pd.read_csv(tmp_path / "run/events.csv")
    assert (events["event"] == "fold").sum() == 2
    assert events["event"].str.startswith("jump").sum() == 4
    assert (events["event"] == "stability").sum() == 3
    assert not (events["event"] == "stability disagrees").any()


ENDS = {
    "I > 20 mA": ("I [A]", 20e-3),
    "V > 9 V": ("V_device [V]", 9.0),
    "T_max > 400 K": ("T_max [K]", 400.0),
    "barrier_width > 10 um": ("barrier_width [m]", 10e-6),
    "P > 200 mW": ("P [W]", 0.2),
}
ON_RANKS = ("T_max > 400 K", "barrier_width > 10 um")  # a maximum and a line over all ranks


@pytest.mark.parametrize(
    "until",
    [pytest.param(end, marks=[] if end in ON_RANKS else [pytest.mark.serial]) for end in ENDS],
)
def test_branch_ends_and_is_read_and_stored_where_it_was_asked_for(until, mpi_tmp_path, record):
    """By an equation or a search along the branch, on the metal's and the barrier's side."""
    overrides = (
        "geometry.length=40 um",
        "mesh.size=0.5 um",
        "output.check_stability=false",
        "output.figures=false",
        f'protocol.0.until=["{until}"]',
        'protocol.0.read_at={ V_source = ["1 V"], T_max = ["115 K"], P = ["35 mW"] }',
        'output.fields_at={ I = ["2.5 mA"], T_center = ["125 K"], P = ["30 mW"], V = ["50 V"] }',
    )
    run = api.run(SHEET, mpi_tmp_path / "run", overrides=overrides)
    column, limit = ENDS[until]
    errors = [run.iv[column].iloc[-1] / limit - 1]
    for name, value in (("V_source [V]", 1.0), ("T_max [K]", 115.0), ("P [W]", 0.035)):
        errors.append((run.iv[name] / value - 1).abs().min())
    reads = run.table("reads")
    assert set(reads["read_at"]) == {"V_source = 1 V", "T_max = 115 K", "P = 0.035 W"}
    assert set(reads["R [ohm]"]) <= set(run.iv["R [ohm]"])
    events = run.events.set_index("detail")
    errors.append(events.loc["I=0.0025A-metal", "I [A]"] / 2.5e-3 - 1)
    at = events.loc["P=0.03W-metal"]
    errors.append(at["I [A]"] * at["V_source [V]"] / 0.03 - 1)
    worst = np.abs(errors).max()
    record(
        f"steady film until {until}, read_at, fields_at: reached over asked for - 1", 1e-6, worst
    )
    assert worst < 1e-6
    assert events.loc[until.split()[0] + f" > {limit:g}", "event"] == "ramp ended"
    stored = {path.stem for path in (run.path / "fields").glob("*.vtu")}
    assert stored == set(run.events[run.events["event"] == "fields"]["detail"])
    assert "T_center=125K-metal" in stored
    assert events.loc["fields_at V = 50 V is never reached", "event"] == "warning"


@pytest.mark.serial
def test_metal_at_the_limit_of_the_current_neither_switches_nor_jumps(tmp_path, record):
    """12 mA are less than the maximum of the current, which the barrier needs."""
    overrides = (*COARSE, *SHORT, "circuit.compliance=12 mA", "output.figures=false")
    run = api.run(SHIPPED, tmp_path / "run", overrides=overrides)
    last = run.iv.iloc[-1]
    error = abs(last["I [A]"] / 12e-3 - 1)
    record("steady film limited to 12 mA: last current over it - 1", 1e-9, error)
    assert error < 1e-9
    assert run.summary["V_compliance"]["value"] == pytest.approx(last["V_source [V]"])
    assert (run.iv["I [A]"].diff().dropna() > 0).all()
    assert run.summary["V_up"] == {"value": None, "unit": "V", "reason": "the branch has no fold"}
    assert list(run.events["event"]) == ["stability", "compliance", "fields"]
    unchecked = (*overrides, "output.check_stability=false")
    other = api.run(SHIPPED, tmp_path / "unchecked", overrides=unchecked)
    assert list(other.events["event"]) == ["compliance", "fields"]


@pytest.mark.serial
def test_limit_of_the_current_ends_the_jump_of_a_mirror_film(tmp_path, record):
    """The even film jumps up to the limit, and back where the source needs less voltage for it."""
    even = ("mesh.size=10 um", "mesh.edge_size=10 um", "mesh.degree=1")
    limit, loss, ambient = 1e-3, 5e5 * (20e-6) ** 2, 300.0
    overrides = (*even, "circuit.compliance=1 mA", 'protocol.0.to="30 V"')
    run = api.run(SHEET_VO2, tmp_path / "run", overrides=overrides)
    config = load_config(SHEET_VO2, overrides, Config)

    def resistance(T):
        return config.film.resistivity()(T) / float(config.geometry.thickness)

    hot = brentq(lambda T: limit**2 * resistance(T) - loss * (T - ambient), 310.0, 400.0)
    error = run.summary["V_compliance"]["value"] / (limit * resistance(hot)) - 1
    record(
        "even VO2 film limited to 1 mA: voltage at the limit over the exact one - 1", 1e-8, error
    )
    assert abs(error) < 1e-8
    up, back = (run.events["event"] == f"jump of the {way} sweep" for way in ("up", "down"))
    to_limit, release = run.events[up], run.events[back]
    assert to_limit["I [A]"].iloc[1] == pytest.approx(limit)
    assert release["I [A]"].iloc[0] == pytest.approx(limit)
    assert release["I [A]"].iloc[1] < 1e-4
    loop = run.summary["V_up"]["value"] - run.summary["V_compliance"]["value"]
    assert run.summary["hysteresis"]["value"] == pytest.approx(loop)
