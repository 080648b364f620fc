"""What `check` says before a run: values that are unusual or dominate, time and memory."""

import subprocess
import sys

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
    assert said["time"] == "about 14 s on one core, within a factor of two"
    assert said["memory"] == "about 371 MiB per rank"
    assert said["resistance"] == "212 ohm at 100 K, contacts 200 ohm"


def test_mesh_may_be_left_out():
    """Its sizes follow from the geometry, on a sheet from the walls too; those given stay."""
    said = check("lsmo_iv", overrides=("mesh=",))
    sizes = "1 um along the current, 0.3125 um at the lateral edge, 12 over half of the width"
    assert said["mesh"] == f"{sizes}, from geometry and walls"
    said = check("lsmo_iv", overrides=("mesh=", "mesh.cells_across=5"))
    assert "5 over half of the width" in said["mesh"]
    said = check("vo2_voltage", overrides=("mesh=", "substrate.loss=5e4 W/(m2 K)"))
    assert "80 over half of the width" in said["mesh"]  # elements of 0.125 um, a wall of 3.2 um
    said = check("vo2_voltage", overrides=("mesh=", "geometry.domain=quarter", "inhomogeneity="))
    assert "warning" not in said  # the walls are resolved


@pytest.mark.parametrize(
    ("base", "key"),
    [
        ("lsmo_iv", "film.tickness"),
        ("lsmo_pulse", "limits.tension"),
        ("ecm_set", "void.witdh"),
        ("lsmo_fit", "jobs"),
        ("ecm_fit", "mesured"),
        ("lsmo_network", "network.raws"),
    ],
)
def test_misspelt_key_is_told_before_anything_heavy_is_loaded(base, key, tmp_path):
    """DOLFINx, Gmsh, pint, SciPy and UFL take seconds; the sentence needs none of them."""
    path = tmp_path / "my.toml"
    path.write_text(f'base = "{base}"\n{key} = "3 nm"\n')
    heavy = "{'dolfinx', 'gmsh', 'petsc4py', 'pint', 'scipy.interpolate', 'ufl'}"
    code = (
        "import sys, mitmodels\n"
        f"try: mitmodels.check({str(path)!r})\n"
        "except ValueError as error: print(error)\n"
        f"print(sorted({heavy} & sys.modules.keys()))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    sentence, loaded = said.stdout.splitlines()
    assert f'{key} = "3 nm" is not a known key' in sentence
    assert loaded == "[]"


def test_check_of_a_cell_warns_of_an_ambient_beyond_its_laws():
    said = check("ecm_set", overrides=("heat.ambient=77 K",))
    assert "T_max = 77 K is below the range of heat.oxide, 273 K to 373 K" in said["warning"]
    assert "about 0.2 s per time step" in said["time"]
    said = check("ecm_set", overrides=("heat.ambient=0.3 uK",))
    assert "hold 2 V for longer, or go higher" in said["warning"]
