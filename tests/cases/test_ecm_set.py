"""The SET of a metallization cell, from its TOML file to the run folder."""

from dataclasses import asdict
from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest
import pyvista as pv

import cases
from cases import commands
from cases.config import load_config
from cases.ecm_set import Config, prepare
from mitmodels.cell import CU_SIO2_PT
from mitmodels.errors import InputError

TOML = Path(cases.__file__).with_name("ecm_set.toml")
SHORT = ["protocol.0.to=0.9 V", "protocol.1.to=0.8 V", 'output.fields_at.I=["1e-83 A"]']
PROMISED = [
    "t_onset",
    "t_void",
    "t_compliance",
    "T_max",
    "T_at_603uA",
    "T_at_100uA",
    "R_LRS",
    "gap_final",
    "steps",
    "remeshes",
    "wall_time",
]
NM = 1e-9


def leaves(record):
    for value in record.values():
        yield from leaves(value) if isinstance(value, dict) else (value,)


def test_shipped_file_is_the_documented_set_of_parameters() -> None:
    cell = load_config(TOML, [], Config).cell()
    given, documented = (list(leaves(asdict(m))) for m in (cell.model, CU_SIO2_PT))
    assert given == pytest.approx(documented, rel=1e-12)
    assert cell.stack.oxide == pytest.approx(10e-9)
    assert cell.dissolution.width == pytest.approx(0.25e-9)


def test_run_writes_tables_outlines_fields_and_summary(mpi_tmp_path) -> None:
    """Of a sweep that is over before the filament grows, which is no failure."""
    run = commands.run(TOML, mpi_tmp_path / "run", SHORT)
    assert run.record["status"] == "completed"
    iv = run.iv
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
    outlines = pv.read(run.path / "outlines.vtp")
    np.testing.assert_array_equal(outlines.cell_data["t [s]"], iv["t [s]"])
    assert pv.read(run.path / "filament.stl").bounds[5] == pytest.approx(
        iv["tip_height [m]"].iloc[-1] / NM, rel=1e-6
    )
    assert set(PROMISED) <= set(run.summary)
    assert "without growth" in run.summary["end"]["value"]
    assert run.summary["t_onset"]["value"] is None


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("void.nucleus=12 nm", "the nucleus, 1.2e-08 m, must be smaller than the oxide"),
        ("geometry.radius=0 nm", "geometry.radius"),
        ("compliance.current=-1 mA", "compliance.current"),
        ("protocol.1.to=-1 V", "would dissolve the filament"),
        ('protocol.0.until=["I > 1 uA"]', "cannot end a step early"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(override, message) -> None:
    with pytest.raises(InputError, match=message):
        prepare(load_config(TOML, [override], Config), MPI.COMM_WORLD)


def test_steps_land_on_stops_whatever_is_left_before_them(mpi_tmp_path) -> None:
    """Stops that are sums of rounded steps up to a rounding error must not leave a sliver."""
    stops = ["protocol.0.to=0.15 V", "protocol.1.to=0.14 V", "output.figures=false"]
    run = commands.run(TOML, mpi_tmp_path / "run", stops)
    steps = run.iv["dt [s]"].iloc[1:]
    assert run.iv["t [s]"].iloc[-1] == pytest.approx(0.16, rel=1e-12)
    assert steps.min() > 1e-3
