"""The transient film case: what is refused, what lands on disk, and going on after a stop."""

from mpi4py import MPI

import numpy as np
import pytest
from films import PULSE, ramps
from stopping import resume_on, stop_after

from mitmodels.cases import api
from mitmodels.cases.config.document import load_config
from mitmodels.cases.film import transient
from mitmodels.cases.film.transient_config import Config, prepare
from mitmodels.errors import InputError
from mitmodels.solvers.runs.folder import RunFolder, Table

COMM = MPI.COMM_WORLD
TINY = (
    "mesh.size=10 um",
    "mesh.edge_size=5 um",
    "mesh.cells_across=3",
    "geometry.far=250 um",
    "contact.resistivity=2e-9 ohm m2",  # besides the resistance in series
    "protocol.1.width=60 us",
    "protocol.1.value=32 V",
    "protocol.2.duration=30 us",
    'protocol.2.read_at=["0 us", "30 us"]',
    "numerics.error=2 K",
    "numerics.parts=8",
    "output.figures=false",
    'output.fields_at.t=["52 us"]',
)


@pytest.mark.serial
@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("protocol.0.duration=", "takes no time|goes in time"),
        (ramps("-2 V", rate="1 V/s"), "the source goes to -2 V: the film is the same"),
        ("heat_capacity.pads=0 J/(m2 K)", "must be greater than 0"),
        ("geometry.pad_length=0 um", "heat_capacity.pads is given"),
        ("mesh.degree=2", "mesh.degree = 2 is for steady states only on a half-space"),
        ("substrate.thickness=0.5 mm", "substrate.thickness is for steady states only: remove it"),
        ('output.fields_at.t=["2 s"]', "2 s is never reached"),
        ("mesh.size=0.03 um", "the heat spreads over .* points of the grid"),
        (ramps("1 mA", rate="1 A/s"), "compliance limits the current of a voltage source"),
    ],
)
def test_sections_that_do_not_go_together(override, message):
    overrides = [override, "circuit.compliance=10 mA"]
    if override.endswith("duration="):
        overrides = ['protocol=[{ step = "ramp", to = "2 V" }]']
    with pytest.raises(InputError, match=message):
        prepare(load_config(PULSE, overrides, Config), COMM)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    path = COMM.bcast(tmp_path_factory.mktemp("uninterrupted"))
    return api.run(PULSE, path / "run", overrides=TINY)


@pytest.mark.serial
def test_pulse_switches_and_recovers(uninterrupted):
    summary = {name: entry["value"] for name, entry in uninterrupted.summary.items()}
    iv = uninterrupted.iv
    assert summary["end"] == "end of the protocol"
    assert 0 < summary["switching_delay"] < 60e-6
    assert 0 < summary["recovery_time"] < 30e-6
    assert 0 < summary["switching_energy"] < summary["pulse_energy"] < summary["energy"]
    fed = np.trapezoid(iv["P [W]"], iv["t [s]"])
    assert summary["energy"] == pytest.approx(fed, rel=0.01)
    assert set(iv["t [s]"]) >= {1e-6, 2e-6, 52e-6, 62e-6, 93e-6}  # corners and times asked for
    reads = uninterrupted.table("reads").set_index("t [s]")
    assert list(reads) == ["V [V]", "I [A]", "R [ohm]", "T_max [K]", "read_at"]
    assert list(reads.index) == [iv["t [s]"].iloc[k] for k in (iv["t [s]"].searchsorted(63e-6), -1)]
    np.testing.assert_allclose(reads["R [ohm]"], reads["V [V]"] / reads["I [A]"], rtol=1e-9)
    rejected = uninterrupted.events.query("event == 'rejected step'")
    assert len(rejected) == summary["rejected_steps"] > 0
    assert set(rejected["t [s]"]) <= set(iv["t [s]"])
    warned = uninterrupted.events.query("event == 'warning'")
    caught = warned["detail"].str.contains("the mesh is too coarse for the wall")
    assert caught.sum() == 1  # elements of 10 um; said once
    warned = warned[~caught]
    hot = iv[iv["T_max [K]"] > 400]
    assert list(warned["t [s]"]) == list(hot["t [s]"].head(1))
    assert len(hot) == 0 or "above the range of film.resistivity" in warned["detail"].iloc[0]
    stored = {file.stem for file in (uninterrupted.path / "fields").glob("*.vtu")}
    assert stored == {"t=52us", "nucleated", "extinguished"}


def distance(run, expected):
    """Largest difference of any column, relative to its largest value."""
    assert list(run.iv.columns) == list(expected.iv.columns)
    assert len(run.iv) == len(expected.iv)
    assert list(run.events["event"]) == list(expected.events["event"])
    change = (run.iv - expected.iv).abs().max() / expected.iv.abs().max()
    return float(change.max())


@pytest.mark.serial
def test_resumed_run_is_the_uninterrupted_one(uninterrupted, mpi_tmp_path, monkeypatch, record):
    path = mpi_tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(Table, "append", stop_after(50))
        with pytest.raises(KeyboardInterrupt):
            api.run(PULSE, path, overrides=TINY)
    COMM.barrier()
    kept = RunFolder(path, COMM).open_checkpoints(transient.KEPT).latest()
    assert kept.keys() <= set(transient.KEPT)
    run = api.resume(path)
    change = distance(run, uninterrupted)
    record("film in time: resumed run against an uninterrupted one", 1e-10, change)
    assert change < 1e-10
    energy, expected = (r.summary["switching_energy"]["value"] for r in (run, uninterrupted))
    assert energy == pytest.approx(expected, rel=1e-9)


@pytest.mark.serial
def test_run_goes_on_with_another_number_of_ranks(uninterrupted, tmp_path, monkeypatch, record):
    path = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(Table, "append", stop_after(20))
        with pytest.raises(KeyboardInterrupt):
            api.run(PULSE, path, overrides=TINY)
    resume_on(2, 20, path)
    change = distance(api.resume(path), uninterrupted)
    record("film in time: begun on 1, resumed on 2 and on 1 ranks, against 1", 1e-8, change)
    assert change < 1e-8
