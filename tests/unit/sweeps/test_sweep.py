"""Expansion of `[sweep]`: order, values and names of the points, and what is refused."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitmodels.cases.config.document import Document
from mitmodels.cases.sweeps.points import expand
from mitmodels.errors import InputError

BASE = """
ambient.temperature = { value = "100 K", source = "a paper" }
film.hot = "5e-5 ohm m"
protocol = [{ step = "ramp", to = "55 V" }]
"""

CHANGES = ("hot=4e-5ohm-m", "hot=6e-5ohm-m", "to=30V")


def sweep(text):
    full = BASE + text
    return expand(Document(Path("my.toml"), full, tomllib.loads(full)))


def test_product_varies_the_last_key_fastest_and_changes_nothing_else():
    found = sweep(
        '[sweep]\nambient.temperature = ["60 K", "80 K"]\nprotocol.0.to = ["30 V", "55 V"]'
    )
    assert [point.name for point in found.points] == [
        "temperature=60K,to=30V",
        "temperature=60K,to=55V",
        "temperature=80K,to=30V",
        "temperature=80K,to=55V",
    ]
    assert [len(axis) for axis in found.axes] == [2, 2]
    assert found.points[2].data == {
        "ambient": {"temperature": "80 K"},
        "film": {"hot": "5e-5 ohm m"},
        "protocol": [{"step": "ramp", "to": "30 V"}],
    }


def test_zipped_keys_change_together_and_multiply_with_the_others():
    found = sweep(
        '[sweep]\nfilm.hot = ["4e-5 ohm m", "5e-5 ohm m", "6e-5 ohm m"]\n[[sweep.zip]]\n'
        'ambient.temperature = ["60 K", "80 K"]\nprotocol.0.to = ["30 V", "55 V"]'
    )
    assert [tuple(point.values.values()) for point in found.points[:3]] == [
        ("4e-5 ohm m", "60 K", "30 V"),
        ("4e-5 ohm m", "80 K", "55 V"),
        ("5e-5 ohm m", "60 K", "30 V"),
    ]
    assert len(found.points) == 6


def test_one_at_a_time_leaves_all_else_as_it_is_and_multiplies_with_the_others():
    found = sweep(
        '[sweep]\nambient.temperature = ["60 K", "80 K"]\n[sweep.one_at_a_time]\n'
        'film.hot = ["4e-5 ohm m", "6e-5 ohm m"]\nprotocol.0.to = ["30 V"]'
    )
    names = ["temperature=60K", *(f"temperature=60K,{end}" for end in CHANGES)]
    assert [point.name for point in found.points[:4]] == names
    assert [len(axis) for axis in found.axes] == [2, 4]
    assert found.points[4].data == {
        "ambient": {"temperature": "80 K"},
        "film": {"hot": "5e-5 ohm m"},
        "protocol": [{"step": "ramp", "to": "55 V"}],
    }
    assert found.points[5].data["film"] == {"hot": "4e-5 ohm m"}


def test_point_without_any_change_is_called_base():
    points = sweep("[sweep.one_at_a_time]\na = [1]\nb.a = [1, 2]").points
    assert [point.name for point in points] == ["base", "a=1", "b.a=1", "b.a=2"]
    assert points[0].values == {}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('from = "60 K", to = "100 K", points = 3', ("60 K", "80 K", "100 K")),
        ('from = "1 mK", to = "100 mK", points = 3, spacing = "log"', ("1 mK", "10 mK", "100 mK")),
        ("from = 14, to = 4, points = 3", (14, 9, 4)),
        ("from = 1, to = 2, points = 3", (1.0, 1.5, 2.0)),
    ],
)
def test_range_has_both_ends_and_the_given_unit(text, values):
    (axis,) = sweep(f"[sweep]\nfilm.hot = {{ {text} }}").axes
    assert axis.values == {"film.hot": values}
    assert [type(v) for v in axis.values["film.hot"]] == [type(v) for v in values]


def test_names_are_fit_for_folders_and_tell_equal_keys_apart():
    text = """[sweep]
    a.x = ["8 W/(m K)", "-1e-3 V"]
    b.x = [{ value = "2 V", source = "s" }]
    c = [[1, 2], []]
    """
    assert [point.name for point in sweep(text).points] == [
        "a.x=8W-m-K,b.x=2V,c=no1",
        "a.x=8W-m-K,b.x=2V,c=no2",
        "a.x=-1e-3V,b.x=2V,c=no1",
        "a.x=-1e-3V,b.x=2V,c=no2",
    ]


def test_names_that_would_be_equal_or_too_long_are_numbered():
    equal = sweep('[sweep]\na = ["1 / s", "1 * s"]').points
    assert [point.name for point in equal] == ["0000,a=1-s", "0001,a=1-s"]
    long = sweep(f'[sweep]\na = ["{"x" * 300}", "b"]').points
    assert [len(point.name) for point in long] == [125, 8]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"my.toml: has no \[sweep\]: add one"),
        ("[sweep]", r"has no \[sweep\]"),
        ("[sweep]\nfilm.hot = 3", r"sweep.film.hot is neither a list of values nor a range: write"),
        ("[sweep]\nfilm.hot = []", "sweep.film.hot is neither a list"),
        ("[sweep]\nfilm.hot = [1, 2, 1]", "sweep.film.hot has the same value twice"),
        ("[[sweep.zip]]\na.b = [1, 1]\na.c = [2, 2]", "sweep.a.b and a.c has the same value twice"),
        ('[sweep]\na = { from = "1 K" }', r"sweep.a is not a range: write \{ from"),
        ('[sweep]\na = { from = "1 K", to = "2 K", points = 1 }', "is not a range"),
        ('[sweep]\na = { from = "1 K", to = "2 m", points = 2 }', "from K to m: give one unit"),
        ('[sweep]\na = { from = 0, to = 2, points = 2, spacing = "log" }', "of the same sign"),
        ("[sweep]\nzip = 3", r"sweep.zip is not a list of tables: write \[\[sweep.zip\]\]"),
        ("[[sweep.zip]]\na = [1]\nb = [1, 2]", "as many values of every key: a has 1, b has 2"),
        ("[[sweep.zip]]", "as many values of every key: it is empty"),
        ("[sweep]\na = [1]\n[[sweep.zip]]\na = [2]", "sweep changes a twice"),
        ("[sweep]\na = [1]\n[sweep.one_at_a_time]\na = [2]", "sweep changes a twice"),
        ("[sweep]\none_at_a_time = [1]", r"is not a table of keys: write them below"),
        ("[sweep.one_at_a_time]", "sweep.one_at_a_time is not a table of keys"),
        ("[sweep.one_at_a_time]\na = 1", "sweep.a is neither a list"),
        ("[sweep.one_at_a_time]\na = [1, 1]", "sweep.a has the same value twice"),
        ("[sweep]\nprotocol.3.to = [1]", 'nothing in the file is called "protocol.3.to"'),
        (
            "[sweep]\n" + "\n".join(f"{k} = {list(range(10))}" for k in "abcde"),
            "sweep has 100000 points: give at most 10000",
        ),
    ],
)
def test_what_cannot_be_expanded_is_one_sentence(text, message):
    with pytest.raises(InputError, match=message):
        sweep(text)


@given(st.lists(st.text(max_size=200), min_size=1, max_size=8, unique=True))
def test_any_values_give_one_folder_name_each(values):
    data = {"sweep": {"a": values}}
    points = expand(Document(Path("my.toml"), "", data)).points
    names = [point.name for point in points]
    assert len(set(names)) == len(values)
    assert all(len(name) <= 125 and name == Path(name).name for name in names)
    assert [point.data for point in points] == [{"a": value} for value in values]
