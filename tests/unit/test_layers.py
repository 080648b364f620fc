"""A TOML file on top of another: what is taken from which, and what is refused."""

from importlib.resources import files
from pathlib import Path

import pytest

from mitmodels.cases.cell.growth import Config
from mitmodels.cases.config.document import load_config, read
from mitmodels.errors import InputError

CELL = """\
base = "ecm_set"

[compliance]
current = "100 uA"

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
    assert found.compliance.current == 1e-4
    assert found.compliance.current.source == "not stated"
    assert found.compliance.voltage_scale == shipped.compliance.voltage_scale
    assert found.compliance.voltage_scale.source == shipped.compliance.voltage_scale.source
    assert [float(step.to) for step in found.protocol] == [1.0]
    assert found.void.ratio == 0
    assert found.void.width == shipped.void.width


def test_command_line_is_on_top_of_all(file) -> None:
    found = load_config(file("my.toml", CELL), ["compliance.current=2 uA"], Config)
    assert found.compliance.current == 2e-6


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
        ("3", r"my.toml: base = 3 is not known: use one of ecm_"),
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
