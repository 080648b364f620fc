"""Conductance of a filament's neck from a table of gap and radius."""

import os

import numpy as np
import pandas as pd
import pytest
from ecm_cells import CU_SIO2_PT

from mitmodels.cases.point_contact.filament import (
    CONTACT,
    TUNNELLING,
    contact_history,
    qpc,
    read_filament,
    write_history,
)
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial  # no ranks take part

T = np.arange(5.0)
GAP = np.array([2e-9, 0.8e-9, 0.25e-9, 0.1e-9, 0.0])
RADIUS = np.array([0.1e-9, 0.2e-9, 0.15e-9, 0.3e-9, 2e-9])


def test_onset_needs_contact_and_an_open_channel():
    """At 2 s the tip is there but thinner than a Fermi wavelength; at 3 s three channels open."""
    history = contact_history(T, GAP, RADIUS)
    assert history.regime == (TUNNELLING, TUNNELLING, CONTACT, CONTACT, CONTACT)
    assert list(history.open_channels[:4]) == [0, 1, 0, 3]
    assert history.onset == 3.0
    assert contact_history(T[:2], GAP[:2], RADIUS[:2]).onset is None


def test_wide_neck_is_between_sharvin_and_its_rim_correction():
    history = contact_history(T[-1:], GAP[-1:], RADIUS[-1:])
    assert history.conductance[0] == pytest.approx(history.open_channels[0], rel=0.02)
    rim = np.sqrt(history.sharvin[0])
    assert history.sharvin[0] - rim == pytest.approx(history.conductance[0], rel=0.02)


def test_table_in_and_out(tmp_path):
    source, target = tmp_path / "run.csv", tmp_path / "qpc.csv"
    pd.DataFrame({"gap [m]": GAP, "T [K]": 300.0, "t [s]": T, "tip_radius [m]": RADIUS}).to_csv(
        source
    )
    history = contact_history(*read_filament(source))
    write_history(history, target)
    written = pd.read_csv(target)
    assert list(written)[:4] == ["t [s]", "gap [m]", "radius [m]", "conductance [2e2/h]"]
    np.testing.assert_allclose(written["conductance [2e2/h]"], history.conductance)
    assert written["regime"][0] == "tunnelling (Simmons)"


def test_laws_of_the_gap_and_of_the_cell_stand_beside_each_other(tmp_path):
    """Simmons' law falls with the gap; below 0.05 nm a wide contact conducts less than it says."""
    history = contact_history(T, GAP, RADIUS, cell=np.full(5, 7.748091729e-5))
    np.testing.assert_allclose(history.cell, 1.0, rtol=1e-9)
    expected = np.pi * RADIUS[3] ** 2 * CU_SIO2_PT.tunnel.simmons(GAP[3]) / 7.748091729e-5
    assert history.simmons[3] == pytest.approx(expected, rel=1e-9)
    assert history.simmons[0] < 1e-9
    assert history.simmons[4] == np.inf
    table = tmp_path / "iv.csv"
    columns = {"t [s]": T, "gap [m]": GAP, "tip_radius [m]": RADIUS}
    pd.DataFrame(columns | {"I [A]": 1e-6, "V_cell [V]": [0, 1, 1, 2, 1]}).to_csv(table)
    conductance = read_filament(table)[3]
    assert np.isnan(conductance[0])
    np.testing.assert_allclose(conductance[1:], [1e-6, 1e-6, 5e-7, 1e-6])
    assert "qpc.png" in qpc(tmp_path)
    assert (tmp_path / "qpc.png").stat().st_size > 10_000


def test_filament_that_stays_far_from_its_electrode_has_a_figure(tmp_path):
    columns = {"t [s]": T, "gap [m]": GAP + 2e-9, "tip_radius [m]": RADIUS}
    pd.DataFrame(columns).to_csv(tmp_path / "far.csv")
    assert "neck.png" in qpc(tmp_path / "far.csv", tmp_path / "neck.csv")


def test_bad_tables(tmp_path):
    table = tmp_path / "run.csv"
    with pytest.raises(InputError, match="cannot be read as a table"):
        read_filament(table)
    os.mkfifo(tmp_path / "pipe.csv")  # nobody writes into it
    with pytest.raises(InputError, match="it is a pipe or a device"):
        read_filament(tmp_path / "pipe.csv")
    table.write_text("t [s],gap [m]\n0,1e-9\n")
    with pytest.raises(
        InputError, match=r"has no column 'tip_radius \[m\]': give a table with t \[s\]"
    ):
        read_filament(table)
    table.write_text("t [s],gap [m],tip_radius [m]\n0,wide,1e-9\n")
    with pytest.raises(InputError, match="cannot be read as a table"):
        read_filament(table)
    with pytest.raises(ValueError, match="gap must not be negative, got -1e-09 m"):
        contact_history(T[:1], np.array([-1e-9]), RADIUS[:1])
    with pytest.raises(ValueError, match=r"radius must be positive, got 0\.0 m"):
        contact_history(T[:1], GAP[:1], np.array([0.0]))
