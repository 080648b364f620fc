"""A TOML file on top of another: what is taken from which, and what is refused."""

from importlib.resources import files
from pathlib import Path

import pytest

from mitmodels.cases.cell.sections import Config
from mitmodels.cases.config.document import load_config, read
from mitmodels.cases.film import steady_config
from mitmodels.cases.fitting.parameters import Parameter
from mitmodels.cases.sweeps.points import expand
from mitmodels.errors import InputError

CELL = """\
base = "ecm_set"

[circuit]
compliance = "100 uA"

[[protocol]]
step = "ramp"
to = "1 V"
rate = "1 V/s"
"""


@pytest.fixture
def file(tmp_path):
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_what_the_file_says_replaces_what_its_base_says(file) -> None:
    """Key by key; lists and numbers with their sources as a whole."""
    file("lower/cell.toml", CELL)
    found = load_config(file("my.toml", 'base = "lower/cell.toml"\nvoid.ratio = 0\n'), [], Config)
    shipped = load_config(Path(str(files("mitmodels.cases") / "ecm_set.toml")), [], Config)
    assert found.circuit.compliance == 1e-4
    assert found.circuit.compliance.source == "not stated"
    assert found.circuit.compliance_softness == shipped.circuit.compliance_softness
    assert found.circuit.compliance_softness.source == shipped.circuit.compliance_softness.source
    assert [float(step.to) for step in found.protocol] == [1.0]
    assert found.void.ratio == 0
    assert found.void.width == shipped.void.width


def test_command_line_is_on_top_of_all(file) -> None:
    found = load_config(file("my.toml", CELL), ["circuit.compliance=2 uA"], Config)
    assert found.circuit.compliance == 2e-6


FORMER = 'base = "ecm_set"\n[compliance]\ncurrent = "2 uA"\n'


def test_former_name_of_a_key_wins_over_the_present_one_of_the_base(file) -> None:
    """Of a file, of its base, of the command line; what it does not give stays the base's."""
    shipped = load_config("ecm_set", [], Config).circuit
    for found in (
        load_config(file("my.toml", FORMER), [], Config),
        load_config(file("other.toml", 'base = "my.toml"\n'), [], Config),
        load_config("ecm_set", ["compliance.current=2 uA"], Config),
        load_config("ecm_set", ["compliance={ current = '2 uA' }"], Config),
    ):
        assert found.circuit.compliance == 2e-6
        assert found.circuit.compliance_softness == shipped.compliance_softness
    soft = load_config(file("my.toml", FORMER), ["compliance.voltage_scale=10 mV"], Config)
    assert soft.circuit.compliance_softness == 0.01
    none = load_config("ecm_set", ["compliance.current=", "compliance.voltage_scale="], Config)
    assert none.circuit.compliance is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[compliance]\ncurrent = "-1 A"',
            r"my.toml:3:1: circuit.compliance = .-1 A. must be",
        ),
        ('[compliance]\ncurent = "1 A"', r"my.toml:2:1: compliance = .* is not a known key"),
        (
            '[compliance]\ncurrent = "1 A"\n[circuit]\ncompliance = "1 A"',
            r"my.toml: compliance.current is another name of circuit.compliance: give one",
        ),
    ],
)
def test_fault_at_a_former_name_is_found(text, message, file) -> None:
    with pytest.raises(InputError, match=message):
        load_config(file("my.toml", f'base = "ecm_set"\n{text}\n'), [], Config)


def test_former_names_are_swept_fitted_and_reproduced(file) -> None:
    """A sweep keeps the names that it was given."""
    path = file("my.toml", FORMER + '[sweep]\ncompliance.current = ["1 uA", "3 uA"]\n')
    sweep = expand(read(path))
    assert [dict(point.values) for point in sweep.points] == [
        {"compliance.current": "1 uA"},
        {"compliance.current": "3 uA"},
    ]
    assert [point.data["circuit"]["compliance"] for point in sweep.points] == ["1 uA", "3 uA"]
    parameter = Parameter(key="compliance.voltage_scale", min="10 mV", max="0.1 V")
    assert parameter.key == "circuit.compliance_softness"
    again = file("again.toml", read(path).reproduction())
    assert read(again).data == read(path).data


def test_paths_count_from_the_file_that_names_them(file, tmp_path) -> None:
    file("lower/cell.toml", 'case = "a"\nfilm.file = "rho.csv"\n')
    data = read(file("my.toml", 'base = "lower/cell.toml"\ncurve.file = "iv.csv"\n')).data
    assert data["film"]["file"] == str(tmp_path / "lower" / "rho.csv")
    assert data["curve"]["file"] == str(tmp_path / "iv.csv")


def test_sweep_of_the_base_is_left_out(file) -> None:
    assert "sweep" not in read(file("my.toml", 'base = "ecm_compliance"\n')).data
    own = read(file("my.toml", 'base = "ecm_compliance"\n[sweep]\nvoid.ratio = [0, 0.1]\n')).data
    assert own["sweep"] == {"void": {"ratio": [0, 0.1]}}


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        ("[void]\nratio = 2", "", r"low.toml:3:1: void.ratio = 2 must be at most 1"),
        ("", "[void]\nwidth = 3", r"my.toml:3:1: void.width = 3 is a number with"),
        ("[void]\nrato = 2", "", r"low.toml:3:1: void.rato = 2 is not a known key: did you mean r"),
        ("[void]\nratio = 2", "void.ratio = 3", r"my.toml:2:\d+: void.ratio = 3 must be at most 1"),
    ],
)
def test_fault_is_shown_in_the_file_that_has_it(low, high, message, file) -> None:
    file("low.toml", f'base = "ecm_set"\n{low}\n')
    with pytest.raises(InputError, match=message):
        load_config(file("my.toml", f'base = "low.toml"\n{high}\n'), [], Config)


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ('"ecm_sett"', r'my.toml: base = "ecm_sett" is not known: did you mean ecm_set\?'),
        ("3", r"my.toml: base = 3 is not known: use one of cell_"),
        ('"gone.toml"', r"gone.toml: there is no such file"),
        ('"my.toml"', r"my.toml: base leads back to .*my.toml: remove it"),
        ('"low.toml"', r"low.toml: base leads back to .*my.toml: remove it"),
        ('"empty.toml"', r"empty.toml: is empty"),
        (r'"\u0000.toml"', r"embedded null"),
    ],
)
def test_base_that_is_none_is_refused(base, message, file) -> None:
    file("low.toml", 'base = "my.toml"\n')
    file("empty.toml", "")
    with pytest.raises(InputError, match=message):
        read(file("my.toml", f"base = {base}\n"))


FILM = 'base = "lsmo_iv"\n'
TABLE = """
[film]
law = "table"
temperatures = ["50 K", "400 K"]
resistivities = ["1e-6 ohm m", "5e-5 ohm m"]
"""
SHEET = """
geometry.pad_length = "0 um"
pads = "unset"
[substrate]
model = "sheet"
loss = "3e5 W/(m2 K)"
"""


def film(path, *overrides):
    return load_config(path, overrides, steady_config.Config)


def test_section_changes_its_kind_on_a_base(file) -> None:
    """Keys that both kinds have stay, those and the range of the other one go."""
    of_table, on_sheet = film(file("a.toml", FILM + TABLE)), film(file("b.toml", FILM + SHEET))
    assert of_table.film.law == "table"
    assert of_table.film.thermal_conductivity == 2.0
    assert of_table.film.valid == {}
    assert on_sheet.substrate.model == "sheet"
    assert on_sheet.pads is None
    file("low.toml", FILM + SHEET)
    back = 'base = "low.toml"\nsubstrate = { model = "half_space", conductivity = "8 W/(m K)" }\n'
    assert film(file("c.toml", back)).substrate.model == "half_space"
    logarithmic = film(Path("lsmo_iv"), "film.law=logarithmic")
    assert logarithmic.film.valid == {}


def test_section_of_the_name_of_a_file_is_taken_out(file) -> None:
    found = film(file("my.toml", FILM + 'mesh = "unset"\ngeometry.mesh = "unset"\n'))
    assert found.mesh.size == 1e-6  # from the geometry
    assert found.geometry.mesh is None


def test_change_of_kind_is_reproduced(file) -> None:
    path = file("my.toml", FILM + SHEET)
    document = read(path).of_kinds(steady_config.Config)
    again = read(file("again.toml", document.reproduction()))
    assert again.data == document.data
    assert "material" not in again.data["substrate"]
    assert "pads" not in again.data


def test_keys_of_another_kind_beside_the_kind_are_refused(file) -> None:
    text = FILM + SHEET + 'conductivity = "8 W/(m K)"\n'
    with pytest.raises(InputError, match=r"my.toml:8:1: substrate.conductivity = .* another kind"):
        film(file("my.toml", text))


@pytest.mark.parametrize(
    "text",
    [
        "[output]\nfields_at = {}",
        "[output.fields_at]\nV_source = []",
        '[output]\nfields_at = "unset"',
        '[output.fields_at]\nV_source = "unset"',
    ],
)
def test_empty_table_or_list_leaves_nothing_of_the_base(text, file) -> None:
    found = film(file("my.toml", f"{FILM}{text}\n"))
    assert not found.output.fields_at.get("V_source")


def test_fault_of_a_base_names_a_remedy_that_is_accepted(file) -> None:
    file("low.toml", f'{FILM}mesh.size = "3 V"\n')
    with pytest.raises(InputError, match=r"low.toml:2:6: .*a base of .*my.toml: give mesh.size th"):
        film(file("my.toml", 'base = "low.toml"\n'))
    assert film(file("my.toml", 'base = "low.toml"\nmesh.size = "2 um"\n')).mesh.size == 2e-6
    file("low.toml", f'{FILM}mesh.sice = "3 um"\n')
    with pytest.raises(InputError, match=r'a base of .*my.toml: give mesh.sice = "unset" there'):
        film(file("my.toml", 'base = "low.toml"\n'))
    assert film(file("my.toml", 'base = "low.toml"\nmesh.sice = "unset"\n')).mesh.size
