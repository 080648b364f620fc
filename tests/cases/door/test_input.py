"""Mistaken inputs, drawn at random and kept from earlier: never a traceback, a hang or a file."""

import os
from itertools import islice
from pathlib import Path

import pytest
from checked_inputs import check, check_all, fault, meshed, shipped
from mutations import Input, inputs

from mitmodels import cases
from mitmodels.cases import api
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

FILM = (Path(cases.__file__).with_name("lsmo_iv.toml")).read_bytes()
NETWORK = (Path(cases.__file__).with_name("lsmo_network.toml")).read_bytes()
# Inputs that once hung, asked for more memory than there is, or were answered with more than a
# printable line.
KEPT = {
    "elements of 0.3 fm": (FILM, ("mesh.size=0.3 fm",), "mesh.size = 0.3 fm makes elements that"),
    "a row of a million elements": (
        FILM,
        ("mesh.size=0.05 nm", "mesh.edge_size=25 um", "mesh.cells_across=1"),
        "makes elements that are 25 um wide: give a longer size or more cells",
    ),
    "elements of 2 nm on 100 um": (
        FILM,
        ("mesh.size=2 nm", "mesh.edge_size=2 nm", "mesh.cells_across=100"),
        "make more than 1000000 nodes: give a longer size or fewer cells",
    ),
    "triangles of 20 nm on 100 um": (
        FILM,
        ("mesh.size=20 nm", "mesh.structure=free"),
        "make more than 1000000 nodes: give a longer size or fewer cells",
    ),
    "ten megabytes": (b"#" * (10 << 20) + b"\n" + FILM, (), "it has more than 4 MiB"),
    "200,000 tables": (
        FILM + b"".join(b"[t%d]\n" % i for i in range(200_000)),
        (),
        "has more than 20000 lines",
    ),
    "key of 50,000 parts": (
        b".".join([b"a"] * 50_000) + b" = 1\n" + FILM,
        (),
        "has a key of more than 50 parts",
    ),
    "key of 50,000 parts on the command line": (
        FILM,
        (".".join(["a"] * 50_000) + "=1",),
        "has a key of more than 50 parts",
    ),
    "number of cells that is no float": (
        FILM,
        (f"mesh.cells_across={10**400}",),
        "mesh.cells_across = ",
    ),
    "key that cannot be printed": (
        b'"\xe2\x80\xae" = 1\n' + FILM,
        (),
        r'"\u202e" = 1 is not a known key',
    ),
    "key of several lines": (b'"a\\nb" = 1\n' + FILM, (), r'"a\nb" = 1 is not a known key'),
    "value that cannot be printed": (
        FILM,
        ("geometry.domain=\x7f",),
        r'geometry.domain = "\x7f" should be',
    ),
    "case of several lines": (b'case = "a\\nb"', (), r'case = "a\nb" is not known'),
    "case that is a long number": (
        b"case = 1" + 4000 * b"0",
        (),
        "000... is not known: use one of",
    ),
    "billions of voltages": (NETWORK, ("voltages.fine=1e-7",), "make 1.2e+11 voltages, at most"),
    "no voltage": (NETWORK, ("voltages.fine=1e9",), "must not fall in this order: give others"),
    "truth in place of a number": (
        FILM,
        ("mesh.cells_across=true",),
        "mesh: cells_across = true is not a number: write one",
    ),
    "no step": (FILM, ("protocol=[]",), "protocol = [] has too few entries: add one"),
    "number of 400 digits in an expression": (
        FILM,
        (f"output.derived.p=I*{10**400}",),
        '00...": cannot be read: write it as in "V_film * I"',
    ),
    "override as long as a section": (FILM, ("{" + "'x': 1, " * 200 + "}",), "--set {'x': 1"),
}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", KEPT)
def test_input_that_once_failed_is_refused_in_one_sentence(name):
    text, overrides, words = KEPT[name]
    code, out, err = check(Input(text, overrides))
    assert fault(code, out, err) == ""
    assert code == 2
    assert words in err


def test_mistaken_inputs_end_well_or_with_one_sentence(tmp_path_factory, record):
    meshes = meshed(tmp_path_factory.mktemp("meshes"))
    tally = check_all(islice(inputs(shipped(), meshes, 4), 300), 100.0)
    assert tally.failed == []
    assert tally.counts["parsed"] >= 150
    assert tally.counts["passed"] >= 30
    record("mistaken inputs that end with more than a sentence", 0, len(tally.failed))


@pytest.mark.parametrize("special", ["pipe", "/dev/zero"])
@pytest.mark.parametrize("key", ["", "base", "film.material", "film.file", "geometry.mesh"])
def test_special_files_are_refused_unread(special, key, tmp_path):
    """Nobody writes into the pipe, and the device never ends: to read either would hang."""
    path, pipe = tmp_path / "my.toml", tmp_path / "special.toml"
    if special == "pipe":
        os.mkfifo(pipe)
    else:
        pipe.symlink_to(special)
    base = "" if key == "base" else 'base = "lsmo_iv"\n'
    kind = 'film.law = "table"\n' if key == "film.file" else ""
    path.write_text(f'{base}{kind}{key} = "special.toml"\n')
    with pytest.raises(InputError, match="not a regular file"):
        api.check(path if key else pipe)
