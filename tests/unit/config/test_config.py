"""Configurations: every fault of a file is one sentence, and the way back loses nothing."""

import copy
import re
import shlex
import tomllib
from pathlib import Path
from typing import Literal

import pytest
import tomli_w
from pydantic import Field

from mitmodels import cases
from mitmodels.cases.config.dimensions import Length, LossCoefficient, Voltage
from mitmodels.cases.config.document import load_config, read, resolved
from mitmodels.cases.config.layers import put
from mitmodels.cases.config.section import Section
from mitmodels.cases.registry import find_case
from mitmodels.errors import InputError


class Film(Section):
    thickness: Length
    width: Length = Field({"value": "50 um", "source": "mask", "status": "measured"})
    law: Literal["switching", "table"] = "switching"


class Sheet(Section):
    kind: Literal["sheet"]
    loss: LossCoefficient


class HalfSpace(Section):
    kind: Literal["half_space"]
    depth: Length | None = None


class Spot(Section):
    at: Length


class Example(Section):
    case: Literal["example"]
    film: Film
    substrate: Sheet | HalfSpace = Field(discriminator="kind")
    fields_at: dict[str, tuple[Voltage, ...]] = Field({})
    spots: tuple[Spot, ...] = ()
    cells: int = Field(10, ge=1)


TEXT = """\
case = "example"
fields_at = { V_source = ["2 V", "0.5 kV"], "V film" = [] }

[film]
thickness = { value = "20 nm", source = "the \\"paper\\", p. 2", status = "measured" }

[substrate]
kind = "sheet"
loss = "5e5 W/m2/K"

[[spots]]
at = "1 um"

[[spots]]
at = "3.3 um"
"""


@pytest.fixture
def load(tmp_path):
    def load(text, *overrides):
        path = tmp_path / "my.toml"
        path.write_text(text, encoding="utf-8")
        return load_config(path, overrides, Example)

    return load


def test_values_are_floats_in_si(load):
    config = load(TEXT)
    assert config.film.thickness == 2e-8
    assert config.film.width == 5e-5
    assert config.fields_at["V_source"] == (2.0, 500.0)
    assert [spot.at for spot in config.spots] == [1e-6, 3.3e-6]


def test_resolved_configuration_reads_back_to_the_identical_one(load):
    config = load(TEXT)
    again = load(resolved(config))
    assert again == config
    assert resolved(again) == resolved(config)


def test_resolved_configuration_has_source_and_status_beside_every_number(load):
    text = resolved(load(TEXT))
    source = r'"the \"paper\", p. 2"'
    assert f'thickness = {{ value = "2e-08 m", status = "measured", source = {source} }}' in text
    assert 'width = { value = "5e-05 m", status = "measured", source = "mask" }' in text
    assert 'at = { value = "3.3e-06 m", status = "assumed", source = "not stated" }' in text


def test_overrides_replace_values_of_tables_and_lists(load):
    overrides = (
        "film.thickness=30 nm",
        "spots.1.at='2 um'",
        "cells=4",
        "substrate.loss='1 W/m2/K'",
    )
    config = load(TEXT, *overrides)
    assert (config.film.thickness, config.spots[1].at, config.cells) == (3e-8, 2e-6, 4)
    assert config.substrate.loss == 1.0
    assert config.film.thickness.source == "not stated"


def test_override_without_a_value_takes_the_key_out(load):
    """The way back from `[geometry] mesh = "my.msh"` to the mesh that the case makes itself."""
    config = load(TEXT, "spots=", "fields_at.V_source =", "film.width=3 um", "film.width=")
    assert (config.spots, list(config.fields_at)) == ((), ["V film"])
    assert config.film.width == 5e-5
    with pytest.raises(InputError, match=r"--set: film\.thickness is missing"):
        load(TEXT, "film.thickness=")


def test_configuration_is_frozen(load):
    with pytest.raises(ValueError, match="frozen"):
        load(TEXT).cells = 3


def replaced(old, new):
    assert old in TEXT
    return TEXT.replace(old, new)


THICKNESS = TEXT.splitlines()[4]

FAULTS = {
    "": "my.toml: is empty: start from a shipped case with `mitmodels new`",
    "# nothing": "my.toml: is empty",
    "case = ": r"my.toml: is not valid TOML: Invalid value \(at end of document\); correct it",
    "a = [[[": "my.toml: is not valid TOML",
    "a = " + "[" * 5000: "my.toml: is nested too deeply",
    "a = 1" + "0" * 5000: "my.toml: is not valid TOML: .*4300 digits",
    'case = "example"': "my.toml: film is missing: add it",
    replaced('"example"', '"exmple"'): "my.toml: case = \"exmple\" should be 'example'",
    replaced("thickness", "thicknes"): (
        "my.toml: film.thicknes = .* is not a known key: did you mean thickness"
    ),
    replaced("status", "stats"): (
        'my.toml: film.thickness.stats = "measured" is not a known key: did you mean status'
    ),
    replaced('case = "example"', 'case = "example"\nthickness = "1 m"'): (
        'my.toml: thickness = "1 m" is not a known key here: did you mean film.thickness'
    ),
    replaced("[substrate]", "zzz = 1\n[substrate]"): (
        "film.zzz = 1 is not a known key: remove it or use one of law, thickness, width$"
    ),
    replaced(THICKNESS, 'thickness = "5 V"'): (
        r'my.toml: film.thickness = "5 V" is not a length \[m\]: write it as in "100 um"$'
    ),
    replaced(THICKNESS, "thickness = 20"): (
        'my.toml: film.thickness = 20 is a number without a unit: write a string, "100 um"$'
    ),
    replaced(THICKNESS, 'thickness = "-20 nm"'): (
        'film.thickness = "-20 nm" must be greater than 0 m: write it as in "100 um"$'
    ),
    replaced(THICKNESS, 'thickness = "0 nm"'): 'film.thickness = "0 nm" must be greater than 0 m',
    replaced("20 nm", "x" * 100): 'film.thickness = {"value": "x*... cannot be read as a length',
    replaced('"1 um"', '"1 K"'): r'my.toml: spots.0.at = "1 K" is not a length',
    replaced('"sheet"', '"shet"'): (
        "my.toml: substrate.kind = \"shet\" should be one of 'sheet', 'half_space'$"
    ),
    replaced('kind = "sheet"', ""): "my.toml: substrate.kind is missing: add it$",
    replaced("loss =", "depth ="): (
        'my.toml: substrate.depth = "5e5 W/m2/K" is a key of another kind of substrate: remove it'
    ),
    replaced('["2 V", "0.5 kV"]', '"2 V"'): 'fields_at.V_source = "2 V" should be a list',
    replaced('"0.5 kV"', '"1 m"'): r"my.toml: fields_at.V_source.1 = .* is not a voltage \[V\]",
    'film = 5\ncase = "example"': "my.toml: film = 5 should be a table",
    "cells = 0\nspots = 0x1" + "0" * 5000 + "\n" + TEXT.split("[[")[0]: "my.toml: ",
    "cells = 0\n" + TEXT: "my.toml: cells = 0 should be greater than or equal to 1",
    "cells = 'many'\n" + TEXT: 'my.toml: cells = "many" should be a valid integer',
    "cells = 1979-05-27\n" + TEXT: 'my.toml: cells = "1979-05-27" should be',
}


@pytest.mark.parametrize("text", FAULTS)
def test_each_fault_is_one_sentence_with_file_key_value_and_remedy(load, text):
    with pytest.raises(InputError) as info:
        load(text)
    sentence = re.sub(r"my\.toml:\d+:\d+: ", "my.toml: ", str(info.value))
    assert re.search(FAULTS[text], sentence)
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (replaced("thickness", "thicknes"), "5:1: film.thicknes = "),
        (replaced("status", "stats"), "5:64: film.thickness.stats = "),
        (replaced('"0.5 kV"', '"1 m"'), "2:34: fields_at.V_source.1 = "),
        (replaced('kind = "sheet"', ""), "7:1: substrate.kind is missing"),
        (replaced('"3.3 um"', "3"), "15:1: spots.1.at = 3"),
        (replaced('"1 um"', '"1 um"\n  to = 3'), "13:3: spots.0.to = 3"),
        (replaced('at = "1 um"', ""), "11:1: spots.0.at is missing"),
        (
            replaced("[film]\n", "").replace("thickness =", "film.thicknes ="),
            "4:6: film.thicknes =",
        ),
        ("cells = 0\r\n" + TEXT.replace("\n", "\r\n"), "1:1: cells = 0"),
        (TEXT.replace("[film]", "['film']").replace('"20 nm"', "inf"), "5:1: film.thickness = "),
        ('case = "example"', " film is missing"),
    ],
)
def test_fault_is_pointed_at(load, text, place):
    with pytest.raises(InputError, match=re.escape(f"my.toml:{place}")):
        load(text)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("film.thickness=5 V", '--set: film.thickness = "5 V" is not a length'),
        ("film.tickness=5 nm", "--set: film.tickness = .* did you mean thickness"),
        ("film.thickness", '--set film.thickness: is not "section.key=value": write --set'),
        ("=5", 'is not "section.key=value"'),
        ("film..thickness=5", 'is not "section.key=value"'),
        ("spots.2.at=1 m", 'nothing in the file is called "spots.2.at": name a key of it'),
        ("spots.x.at=1 m", 'nothing in the file is called "spots.x.at"'),
        ("case.x=1", 'nothing in the file is called "case.x"'),
        ("case.x=", 'no key of the file is called "case.x": name one to take out'),
        ("film.tickness=", 'no key of the file is called "film.tickness"'),
        ("spots.0=", 'no key of the file is called "spots.0"'),
        ("spots.2.at=", 'nothing in the file is called "spots.2.at"'),
    ],
)
def test_faulty_override_is_named_as_such(load, override, message):
    with pytest.raises(InputError, match=message):
        load(TEXT, override)


def test_missing_or_unreadable_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"no\.toml: there is no such file: give the path"):
        load_config(tmp_path / "no.toml", (), Example)
    with pytest.raises(InputError, match=r"cannot be read \(Is a directory\)"):
        load_config(tmp_path, (), Example)
    (tmp_path / "latin.toml").write_bytes(b'a = "\xb5m"')
    with pytest.raises(InputError, match=r"latin\.toml: is not a text in UTF-8"):
        load_config(tmp_path / "latin.toml", (), Example)


# One of every type of sentence about a value or a key: what is put where into a sound file.
REMEDIED = {
    "number without a unit": ("film.thickness", 20),
    "no text": ("film.thickness", True),
    "no number": ("film.thickness", "thin"),
    "infinite": ("film.thickness", "1e400 m"),
    "another dimension": ("film.thickness", "5 V"),
    "out of bounds": ("film.thickness", "-1 nm"),
    "unknown name": ("film.law", "swiching"),
    "unknown tag": ("substrate.kind", "shet"),
    "no tag": ("substrate", {"loss": "5e5 W/m2/K"}),
    "missing key": ("film", {}),
    "key of another kind": ("substrate.depth", "1 mm"),
    "misspelled key": ("film.widht", "3 um"),
    "key of another section": ("width", "3 um"),
    "unknown key": ("film.zzz", 1),
    "no table": ("film", 5),
    "no list": ("spots", 5),
    "no integer": ("cells", "many"),
    "too small an integer": ("cells", 0),
}


def value_at(data, key):
    for part in key.split("."):
        data = data[part]
    return data


def remedied(data, sentence):
    """Do what the sentence says; where it leaves the value open, take that of the sound file."""
    data = copy.deepcopy(data)
    key, predicate = re.fullmatch(r".*my\.toml(?::\d+:\d+)?: ([\w.]+)(.*)", sentence).groups()
    parent, _, last = key.rpartition(".")
    table = value_at(data, parent) if parent else data
    if found := re.search(r"write .*\"(.*)\"$|should be (?:one of )?'(\w+)", predicate):
        table[last] = found[1] or found[2]
    elif found := re.search(r"here: did you mean ([\w.]+)\?", predicate):
        put(data, found[1], table.pop(last), "")
    elif found := re.search(r"did you mean (\w+)\?", predicate):
        table[found[1]] = table.pop(last)
    elif "remove it" in predicate:
        del table[last]
    elif found := re.search(r"greater than or equal to (\d+)|valid integer", predicate):
        table[last] = int(found[1] or 3)
    else:
        assert re.search("is missing: add it|should be a (table|list)", predicate)
        table[last] = value_at(tomllib.loads(TEXT), key)
    return data


@pytest.mark.parametrize("fault", REMEDIED)
def test_file_that_follows_the_remedy_is_accepted(fault, tmp_path):
    data, path = tomllib.loads(TEXT), tmp_path / "my.toml"
    put(data, *REMEDIED[fault], "")
    path.write_text(tomli_w.dumps(data))
    with pytest.raises(InputError) as refused:
        load_config(path, (), Example)
    path.write_text(tomli_w.dumps(remedied(data, str(refused.value))))
    load_config(path, (), Example)


FOLDER = Path(cases.__file__).parent
FILES = sorted([*FOLDER.glob("*.toml"), *FOLDER.glob("papers/*.toml")])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_override_that_a_sentence_shows_is_accepted_by_every_case(file):
    with pytest.raises(InputError) as refused:
        read(file, ["nonsense"])
    option, item = shlex.split(str(refused.value).partition(": write ")[2])
    document = read(file, [item])
    document.data.pop("sweep", None)
    assert option == "--set"
    document.validate(find_case(document.data["case"], "case").config)
