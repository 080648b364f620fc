"""``config.toml`` and ``config.resolved.toml`` in a run folder: inputs of the same run again."""

import shutil
import tomllib
from pathlib import Path

import pytest
import tomli_w

from mitmodels import cases
from mitmodels.cases import api
from mitmodels.cases.config.document import load_config, read, resolved
from mitmodels.cases.registry import find_case
from mitmodels.solvers.runs.reading import load

pytestmark = pytest.mark.serial

SHIPPED = sorted(Path(cases.__file__).parent.glob("*.toml"))
SHEET = Path(__file__).parents[2] / "helpers" / "vo2.toml"
COARSE = ("mesh.cells_across=4", "mesh.edge_size=3 um", "mesh.degree=1", "output.figures=false")


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
@pytest.mark.parametrize("overrides", [(), ("output.figures=false",)])
def test_shipped_case_reads_back_from_elsewhere(file, overrides, tmp_path, monkeypatch):
    document = read(file, overrides)
    (tmp_path / "config.toml").write_text(document.reproduction())
    monkeypatch.chdir(tmp_path)
    assert read("config.toml").data == document.data
    if "sweep" not in document.data:
        model = find_case(document.data["case"], "case").config
        text = resolved(document.validate(model))
        Path("config.resolved.toml").write_text(text)
        assert resolved(load_config("config.toml", (), model)) == text
        assert resolved(load_config("config.resolved.toml", (), model)) == text


def test_file_to_which_nothing_is_added_stays_as_it_is(tmp_path):
    text = '# mine\r\ncase = "a"   # of a kind\r\n[film]\r\n"odd key" = 0x10\r\n'
    (tmp_path / "my.toml").write_bytes(text.encode())
    assert read(tmp_path / "my.toml").reproduction() == text


def test_comments_stay_and_files_are_found(tmp_path, monkeypatch):
    """Of the base's base a path counts from the folder of that file."""
    (tmp_path / "low").mkdir()
    Path(tmp_path, "low", "low.toml").write_text('case = "a"\ngeometry.mesh = "cell.msh"\n')
    Path(tmp_path, "base.toml").write_text('base = "low/low.toml"\nfilm.material = "mine.toml"\n')
    Path(tmp_path, "my.toml").write_text(
        '# mine\nbase = "base.toml"\n[film]\nfile = "rho.csv"  # measured\n[[step]]\nto = 1 # up\n'
    )
    monkeypatch.chdir(tmp_path)
    text = read("my.toml", ("step.0.to=2", "film.width=1 m", "new.table.key='x'")).reproduction()
    assert [part in text for part in ("# mine", "# measured", "# up", "base")] == [1, 1, 1, 0]
    (tmp_path / "run").mkdir()
    Path("run", "config.toml").write_text(text)
    assert read("run/config.toml").data == {
        "case": "a",
        "geometry": {"mesh": str(tmp_path / "low" / "cell.msh")},
        "film": {
            "material": str(tmp_path / "mine.toml"),
            "file": str(tmp_path / "rho.csv"),
            "width": "1 m",
        },
        "step": [{"to": 2}],
        "new": {"table": {"key": "x"}},
    }


def test_copies_of_files_of_one_name_are_told_apart(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    files = [str(tmp_path / folder / "iv.csv") for folder in "aba"]
    document = read({"case": "x", "curve": [{"file": file} for file in files]})
    text, kept = document.packed("input")
    names = [curve["file"] for curve in tomllib.loads(text)["curve"]]
    assert names == ["input/iv.csv", "input/0-iv.csv", "input/iv.csv"]
    assert kept == dict(zip(names, files, strict=True))


@pytest.mark.serial
def test_run_is_repeated_from_its_folder(tmp_path, monkeypatch):
    """With a base, a material of one's own and values of the command line.

    The folder has been moved and its inputs are gone.
    """
    data = read(SHEET).data
    (tmp_path / "inputs").mkdir()
    monkeypatch.chdir(tmp_path / "inputs")
    record = {"title": "what the film is made of", "film": data.pop("film")}
    Path("film.toml").write_text(tomli_w.dumps(record))
    Path("sheet.toml").write_text(tomli_w.dumps(data))
    Path("my.toml").write_text('base = "sheet.toml"\n[film]\nmaterial = "film.toml"\n')
    first = api.run("my.toml", tmp_path / "first", overrides=(*COARSE, "protocol.0.to=3 V"))
    monkeypatch.chdir(tmp_path)
    shutil.rmtree("inputs")
    first = load(first.path.rename("moved"))
    for name in ("config.toml", "config.resolved.toml"):
        again = api.run(f"moved/{name}", tmp_path / name.removesuffix(".toml"))
        for file in ("config.resolved.toml", "iv.csv"):
            assert (again.path / file).read_bytes() == (first.path / file).read_bytes()
