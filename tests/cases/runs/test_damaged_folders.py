"""Folders with damaged files: one sentence names the file; no other point of a sweep is lost."""

import json
import shutil

import pandas as pd
import pytest
from damages import COMMANDS, FILM, command_line, fault, stop, words

import mitmodels
from mitmodels.errors import InputError
from mitmodels.solvers.runs.vtk_files import read_collection

pytestmark = pytest.mark.serial

KINDS = {
    "empty": b"",
    "truncated": None,
    "list": b"[1, 2, 3]\n",
    "binary": bytes(range(255, 0, -1)),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return mitmodels.run(FILM, tmp_path_factory.mktemp("sound") / "run").path


def spoil(file, kind):
    content = KINDS[kind]
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2] if content is None else content)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("run.json", "binary"),
        ("config.resolved.toml", "empty"),
        ("iv.csv", "truncated"),
        ("fields/5V-metal.vtu", "list"),
    ],
)
def test_damaged_file_of_a_complete_run_is_named(name, kind, sound, tmp_path):
    run = tmp_path / "damaged"
    shutil.copytree(sound, run)
    spoil(run / name, kind)
    named = 0
    for number, command in enumerate(COMMANDS["film"]):
        code, err = command_line(*words(command, run, sound, tmp_path / f"out{number}"))
        assert fault(code, err, "damaged") == "", (command, err)
        named += str(run / name) in err
    assert named >= 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("run.json", "list"),
        ("config.toml", "truncated"),
        ("iv.csv", "empty"),
        ("checkpoints/000001.npz", "binary"),
    ],
)
def test_damaged_file_of_a_run_that_stopped_is_named_by_resume(name, kind, sound, tmp_path):
    run = tmp_path / "damaged"
    stop(shutil.copytree(sound, run))
    spoil(run / name, kind)
    code, err = command_line("resume", str(run))
    assert code in (1, 2)
    assert fault(code, err, "damaged") == "", err
    assert str(run / name.partition("/")[0]) in err


def test_index_of_fields_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "states.pvd").mkdir()
    with pytest.raises(InputError, match=r"states\.pvd: cannot be used \(Is a directory\)"):
        read_collection(tmp_path / "states.pvd")


def test_tables_that_lost_a_column_are_one_sentence(sound, tmp_path):
    """Also where no hash tells of it, as of a run that did not end."""
    run = tmp_path / "damaged"
    stop(shutil.copytree(sound, run))
    table = pd.read_csv(run / "iv.csv")
    table.drop(columns="I [A]").to_csv(run / "iv.csv", index=False)
    code, err = command_line("plot", str(run))
    assert fault(code, err, "damaged") == "", err
    assert "KeyError: 'I [A]'): iv.csv or events.csv is damaged" in err
    (run / "iv.csv").write_text("V_source [V],I [A]\n1,x\n")
    assert "I [A] is not all numbers" in command_line("plot", str(run))[1]
    (run / "iv.csv").write_text("V_source [V],I [A]\n1,2,3\n")
    assert "as many values in every line" in command_line("plot", str(run))[1]


@pytest.mark.parametrize("name", ["run.json", "summary.json", "iv.csv"])
def test_broken_point_stops_nothing_of_a_sweep(name, sound, tmp_path):
    folder = sweep_of(sound, tmp_path / "sweep", 3)
    spoil(folder / "point1" / name, "list")
    code, err = command_line("status", str(folder))
    assert (code, err) == (0, "")
    assert [p.state for p in _states(folder)] == ["completed", "damaged", "completed"]
    assert command_line("collect", str(folder))[0] == 0
    found = pd.read_csv(folder / "sweep.csv")
    assert str(folder / "point1" / name) in found["reason"][1]
    assert command_line("plot", str(folder)) == (0, "")


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_record_of_a_sweep_is_named(kind, sound, tmp_path):
    folder = sweep_of(sound, tmp_path / "damaged", 1)
    spoil(folder / "sweep.json", kind)
    for command in COMMANDS["sweep"]:
        code, err = command_line(command, str(folder))
        assert code == 2
        assert err.startswith(f"mitmodels: {folder / 'sweep.json'}: cannot be used (")
        assert fault(code, err, "damaged") == ""


def sweep_of(run, folder, count):
    """Make a sweep whose points are copies of a run."""
    names = [f"point{i}" for i in range(count)]
    (folder / "inputs").mkdir(parents=True)
    (folder / "output").mkdir()
    for name in names:
        shutil.copytree(run, folder / name)
        shutil.copy(run / "config.toml", folder / "inputs" / f"{name}.toml")
    shutil.copy(run / "config.toml", folder)
    key = "ambient.temperature"
    points = [
        {"name": name, "changes": [key], "values": {key: {"value": 100.0 + i, "unit": "K"}}}
        for i, name in enumerate(names)
    ]
    record = {"axes": [{"keys": [key], "size": count}], "points": points}
    (folder / "sweep.json").write_text(json.dumps(record))
    return folder


def _states(folder):
    from mitmodels.cases.sweeps.folder import SweepFolder

    return SweepFolder.open(folder).states()
