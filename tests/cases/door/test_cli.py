"""The command line: what it leaves on disk, and how it fails."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mitmodels.cases.cli import main
from mitmodels.cases.config import shipped as folders
from mitmodels.cases.config.document import read
from mitmodels.cases.config.shipped import MATERIALS
from mitmodels.cases.registry import CASES, PLOTS
from mitmodels.solvers.runs.reading import load

pytestmark = pytest.mark.serial

CASE = Path(__file__).parents[2] / "helpers" / "resistor.py"
TEXT = """\
case = "resistor"
resistance = "1 kohm"

[[protocol]]
step = "ramp"
to = "2 V"
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Work in an empty folder with one input file, knowing the case of the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(CASE.parent)
    monkeypatch.setitem(CASES, "resistor", "resistor:CASE")
    monkeypatch.setitem(PLOTS, "resistor:CASE", "resistor:plot")
    Path("my.toml").write_text(TEXT)


@pytest.fixture
def mitmodels(monkeypatch, capsys):
    """Call the command line in this process; return exit code, output and errors."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["mitmodels", *arguments])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return call


def mpirun(ranks, *arguments):
    """Start the command line on several ranks, with what it says in ``out.txt``."""
    launcher = Path(sys.executable).with_name("mpirun")
    if not launcher.exists():
        launcher = "mpirun"
    command = [launcher, "-n", str(ranks), sys.executable, CASE, *arguments]
    with Path("out.txt").open("w") as out:
        return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)


def wait_for(words, seconds=60):
    """Wait until the job says something."""
    end = time.monotonic() + seconds
    while words not in Path("out.txt").read_text():
        assert time.monotonic() < end, Path("out.txt").read_text()
        time.sleep(0.02)


def status(folder):
    return json.loads((Path(folder) / "run.json").read_text())["status"]


def test_run_leaves_input_tables_summary_figures_and_record(mitmodels):
    code, out, err = mitmodels("run", "my.toml", "--out", "a/run", "--set", "resistance=2 ohm")
    assert (code, out) == (0, "run folder: a/run\n")
    assert "sweep: done in" in err
    run = load("a/run")
    assert run.record["status"] == "completed"
    assert run.record["overrides"] == ["resistance=2 ohm"]
    assert run.summary == {"I_max": {"value": 1.0, "unit": "A"}}
    assert list(run.iv["V_source [V]"]) == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert Path("a/run/config.toml").read_text() == TEXT.replace("1 kohm", "2 ohm")
    assert Path("a/run/figures/iv.png").exists()
    assert "INFO solving" in Path("a/run/log.txt").read_text()
    assert 'value = "2.0 ohm"' in Path("a/run/config.resolved.toml").read_text()


def test_resolved_configuration_is_an_input_that_gives_the_same_run(mitmodels):
    mitmodels("run", "my.toml", "--out", "a", "--set", "resistance=3 kohm")
    code, _, _ = mitmodels("run", "a/config.resolved.toml", "--out", "b")
    assert code == 0
    for name in ("iv.csv", "summary.json", "config.resolved.toml"):
        assert Path("a", name).read_bytes() == Path("b", name).read_bytes()


def test_folder_without_name_gets_the_case_and_the_time(mitmodels):
    assert mitmodels("run", "my.toml")[0] == 0
    (folder,) = Path("runs").iterdir()
    assert re.fullmatch(r"resistor-\d{8}T\d{6}", folder.name)


def test_figures_can_be_left_out_and_drawn_later(mitmodels):
    mitmodels("run", "my.toml", "--out", "a", "--set", "output.figures=false")
    assert not any(Path("a/figures").iterdir())
    assert mitmodels("plot", "a")[:2] == (0, "a/figures/iv.png\n")
    assert Path("a/figures/iv.png").exists()


@pytest.mark.filterwarnings("default")
def test_warning_of_a_solver_is_shown_and_logged_even_if_it_came_before_the_folder(mitmodels):
    _, _, err = mitmodels("run", "my.toml", "--out", "a", "--set", "fault=warning")
    assert err.startswith("the mesh is coarse\n")
    assert "WARNING the mesh is coarse" in Path("a/log.txt").read_text()


def test_check_says_what_is_asked_for_and_writes_nothing(mitmodels):
    code, out, _ = mitmodels("check", "my.toml", "--set", "resistance=2 kohm")
    assert (code, out) == (0, "resistance: 2 kohm\n")
    assert [file.name for file in Path().iterdir()] == ["my.toml"]


def test_shipped_cases_are_listed_and_copied_but_never_over_a_file(mitmodels, monkeypatch):
    shipped = Path("shipped")
    shipped.mkdir()
    (shipped / "resistor.toml").write_text("# A resistor\n" + TEXT)
    monkeypatch.setattr(folders, "CASES", shipped)
    assert mitmodels("cases")[1].split(maxsplit=1) == ["resistor", "A resistor\n"]
    assert mitmodels("new", "resistor", "new.toml")[0] == 0
    assert Path("new.toml").read_text() == "# A resistor\n" + TEXT
    code, _, err = mitmodels("new", "resistor", "my.toml")
    assert (code, err) == (2, "mitmodels: my.toml: exists already: name another file\n")
    assert Path("my.toml").read_text() == TEXT
    code, _, err = mitmodels("new", "resister", "b.toml")
    message = 'mitmodels: case or material = "resister" is not known: did you mean resistor?\n'
    assert (code, err) == (2, message)
    code, _, err = mitmodels("new", "resistor", "nowhere/b.toml")
    assert code == 2
    assert "nowhere/b.toml: cannot be written (No such file or directory)" in err
    code, _, err = mitmodels("new", "b.toml", "resistor")
    message = "is no case or material: the name comes first, new resistor b.toml\n"
    assert (code, err) == (2, f"mitmodels: b.toml: {message}")
    assert mitmodels("new", "resistor")[1] == "wrote resistor.toml\n"
    assert mitmodels("new", "lsmo", "mine.toml")[0] == 0
    assert Path("mine.toml").read_bytes() == (MATERIALS / "lsmo.toml").read_bytes()


def test_every_shipped_file_names_a_known_case():
    for name in folders.cases():
        document = read(name)
        assert document.data["case"] in CASES


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("run no.toml", "no.toml: there is no such file: give the path of a TOML file"),
        ("run .", ".: cannot be read (Is a directory): give a TOML file"),
        ("run empty.toml", "empty.toml: is empty: start from a shipped case"),
        ("run my.toml --out taken", "taken: exists already: name another with --out"),
        ("run my.toml --set resistance=5_V", '--set: resistance = "5 V" is not a resistance [ohm]'),
        ("run my.toml --set resistance=5", "--set: resistance = 5 is a number without a unit"),
        ("run my.toml --set resistance=-5_ohm", '"-5 ohm" must be greater than 0 ohm: write it'),
        ("run my.toml --set resistence=5", "resistence = 5 is not a known key: did you mean resis"),
        ("run my.toml --set resistance", '--set resistance: is not "section.key=value": write'),
        ("run my.toml --set case=resister", 'case = "resister" is not known: did you mean resis'),
        ("run my.toml --set case=7", "my.toml: case = 7 is not known: use one of"),
        ("run my.toml --set region=pad", '--set: region = "pad" is not in the mesh: use film'),
        ("check my.toml --set region=pad", '--set: region = "pad" is not in the mesh: use film'),
        ("check nocase.toml", "nocase.toml: case is missing: add one of "),
        ("plot my.toml", "my.toml: is no run folder: `mitmodels run my.toml` makes one"),
        ("mesh a.msh my.toml", "a.msh: my.toml comes first: mesh my.toml ...; see mitmodels mesh"),
        ("probe 0_um 0_um taken", "0 um: taken comes first: probe taken ...; see mitmodels probe"),
        ("keys film cell", "film: is a section: the case comes first, keys cell film"),
        ("keys film", "film: is a section: the case comes first, keys CASE film"),
        ("plot taken", "taken: is not a run folder (run.json is missing): give one to read"),
        ("run", 'Command "run" parameter CONFIG requires an argument; see mitmodels run --h'),
        ("run my.toml --ot a", "Unknown option: --ot. Did you mean --out?; see mitmodels run --h"),
        ("rum my.toml", 'Unknown command "rum". Did you mean "run"?; see mitmodels --help\n'),
    ],
)
def test_bad_input_is_one_sentence_exit_code_2_and_nothing_written(mitmodels, arguments, message):
    Path("empty.toml").touch()
    Path("nocase.toml").write_text('resistance = "1 ohm"')
    Path("taken").mkdir()
    before = sorted(Path().rglob("*"))
    code, out, err = mitmodels(*(word.replace("_", " ") for word in arguments.split()))
    assert (code, out) == (2, "")
    assert err.startswith("mitmodels: ")
    assert message in err
    assert err.count("\n") == 1
    assert sorted(Path().rglob("*")) == before


def test_run_folder_in_place_of_a_file_is_recognised(mitmodels):
    mitmodels("run", "my.toml", "--out", "a", "--set", "output.figures=false")
    code, out, err = mitmodels("run", "a")
    assert (code, out) == (2, "")
    assert "a: is a run folder: `mitmodels resume a` goes on with it, a/config.toml is its" in err


def test_failed_run_keeps_what_it_found_and_says_why(mitmodels):
    code, _, err = mitmodels("run", "my.toml", "--out", "a", "--set", "fault=solver")
    assert code == 1
    assert err.endswith("about to fail\nmitmodels: no convergence at 2 V\n")
    assert load("a").record["error"] == "no convergence at 2 V"
    assert status("a") == "failed"
    assert len(load("a").iv) == 5
    assert "RunError: no convergence at 2 V" in Path("a/log.txt").read_text()


def test_folder_deleted_meanwhile_is_one_sentence(mitmodels):
    code, _, err = mitmodels("run", "my.toml", "--out", "a", "--set", "fault=gone")
    assert code == 1
    message = "cannot be written (No such file or directory): the run folder was moved or deleted"
    assert message in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not Path("a").exists()


def test_defect_of_the_program_shows_where(mitmodels):
    code, _, err = mitmodels("run", "my.toml", "--out", "a", "--set", "fault=bug")
    assert code == 1
    assert "Traceback" in err
    assert load("a").record["error"] == "ZeroDivisionError: oops"


def test_folder_that_cannot_be_written_ends_the_run_in_one_sentence(mitmodels):
    code, _, err = mitmodels("run", "my.toml", "--out", "my.toml/a")
    assert (code, err.count("\n")) == (1, 1)
    assert err.startswith("mitmodels: my.toml/a: cannot be written (")


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        ("region=pad", 2, 'mitmodels: --set: region = "pad" is not in the mesh: use film'),
        ("resistance=5 V", 2, 'mitmodels: --set: resistance = "5 V" is not a resistance'),
        ("fault=solver", 1, "mitmodels: no convergence at 2 V"),
        ("fault=bug", 1, "mitmodels: ZeroDivisionError: oops"),
    ],
)
def test_what_all_ranks_refuse_is_said_once(fault, code, message):
    job = mpirun(3, "run", "my.toml", "--out", "a", "--set", fault)
    assert job.wait(60) == code
    assert Path("out.txt").read_text().count(message) == 1
    assert Path("a").exists() == (code == 1)


def test_failing_ranks_end_the_job_within_two_seconds_and_say_it_once():
    """The first of three ranks waits for the other two."""
    job = mpirun(3, "run", "my.toml", "--out", "a", "--set", "fault=some")
    wait_for("about to fail")
    failed = time.monotonic()
    assert job.wait(60) == 1
    elapsed = time.monotonic() - failed
    assert elapsed < 2
    out = Path("out.txt").read_text()
    assert "mitmodels: rank 1: ZeroDivisionError: oops" in out
    assert out.count("mitmodels: rank") == 1
    assert status("a") == "failed"


def test_all_ranks_together_make_one_run():
    assert mpirun(3, "run", "my.toml", "--out", "a").wait(60) == 0
    assert status("a") == "completed"
    assert load("a").record["ranks"] == 3
    assert len(load("a").iv) == 5


@pytest.mark.parametrize("fault", ["hang", "callback"])
@pytest.mark.parametrize(
    ("sent", "ranks"), [(signal.SIGINT, 3), (signal.SIGTERM, 1), (signal.SIGTERM, 3)]
)
def test_interrupted_run_is_readable_and_marked(sent, ranks, fault):
    job = mpirun(ranks, "run", "my.toml", "--out", "a", "--set", f"fault={fault}")
    wait_for("hanging")
    job.send_signal(sent)
    assert job.wait(60) == 130
    assert status("a") == "interrupted", Path("out.txt").read_text()
    assert len(load("a").iv) == 5
    out = Path("out.txt").read_text()
    said = "interrupted before its first checkpoint; `mitmodels resume a` begins again"
    assert out.count(said) == 1
    assert "Traceback" not in out


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import mitmodels", ["numpy", "scipy", "mpi4py", "pydantic"]),
        (
            "import mitmodels.cases.cli",
            ["dolfinx", "petsc4py", "pint", "pandas", "scipy", "pyvista"],
        ),
        ("import mitmodels.cases.api", ["dolfinx", "petsc4py", "pandas", "pyvista", "scipy"]),
        (
            "import mitmodels.cases.film.config",
            ["dolfinx_solver", "mpi4py", "gmsh", "scipy.sparse"],
        ),
        (
            "import mitmodels.cases.film.steady",
            ["scipy.sparse", "scipy.linalg", "meshio", "pandas"],
        ),
    ],
)
def test_start_does_not_load_what_it_does_not_need(statement, absent):
    code = f"{statement}; import sys; print(*set({absent!r}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_reader_that_has_seen_enough_is_no_error():
    """As of ``mitmodels materials | head -1``."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "mitmodels", "materials"]
    with os.fdopen(writer, "wb") as out:
        done = subprocess.run(
            command,
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
    assert (done.returncode, done.stderr) == (0, b"")
