"""What `check` says before a run: values that are unusual or dominate, time and memory."""

import pytest

from mitmodels.cases.api import check

pytestmark = pytest.mark.serial


@pytest.mark.parametrize(
    ("override", "warning"),
    [
        (
            "geometry.thickness=40 um",
            "geometry.thickness = 40 um is unusual for a thickness of a l",
        ),
        ("ambient.temperature=1e9 K", "ambient.temperature = 1e9 K is unusual for a temperature"),
        ("ambient.temperature=60 K", "T_max = 60 K is below the range of film.resistivity, 100 K"),
        ("substrate.conductivity=8000 W/(m K)", "is unusual for a thermal conductivity, which is"),
        ("geometry.thickness=200 nm", "makes 200 ohm of contacts against 21.2 ohm of the film it"),
    ],
)
def test_check_warns_of_what_is_unusual_and_of_what_dominates(override, warning):
    sizes = ("mesh.size=12.5 um", "mesh.edge_size=6 um", "mesh.cells_across=3")
    said = check("lsmo_iv", overrides=(*sizes, override))
    assert warning in said["warning"]


@pytest.mark.parametrize("name", ["lsmo_iv", "ecm_set", "qpc_loop", "lsmo_barrier"])
def test_check_of_a_shipped_case_finds_nothing_unusual(name):
    said = check(name)
    assert "unusual" not in said.get("warning", "")


def test_check_estimates_time_and_memory():
    """The shipped film takes some 20 s and 370 MiB."""
    said = check("lsmo_iv")
    assert said["time"] == "about 19 s on one core, within a factor of two"
    assert said["memory"] == "about 371 MiB per rank"
    assert said["resistance"] == "212 ohm at 100 K, contacts 200 ohm"
