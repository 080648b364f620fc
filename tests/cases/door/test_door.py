"""``import mitmodels`` and ``python -m mitmodels``: what they offer, need and refuse."""

import ast
import inspect
import os
import shlex
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import mitmodels
from mitmodels.cases import cli
from mitmodels.cases.config.document import read
from mitmodels.cases.console.launcher import launch
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

STACK = ("mpi4py", "petsc4py", "slepc4py", "dolfinx", "dolfinx_solver", "basix", "ffcx")
WITHOUT_DOLFINX = f"""
import sys
sys.modules.update(dict.fromkeys({STACK}))
from mitmodels.cases.cli import main
main()
"""
TRAP = "raise SystemExit('the user\\'s own module was imported')"
SHORT = {"base": "lsmo_barrier", "voltage": {"points": 5}, "output": {"figures": False}}


@pytest.fixture
def shadows(tmp_path, monkeypatch):
    """Work in a folder whose modules have the names of ours and of Python's."""
    monkeypatch.chdir(tmp_path)
    for package in ("cases", "meshes"):
        Path(package).mkdir()
        Path(package, "__init__.py").write_text(TRAP)
    for module in ("cases", "solvers", "signal", "copy"):
        Path(f"{module}.py").write_text(TRAP)


def python(*arguments):
    """Return exit code, output and errors of a Python of its own."""
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout, done.stderr


def test_every_name_is_imported_and_is_typed():
    assert dir(mitmodels) == sorted([*mitmodels.MODULES, "__version__"])
    tree = ast.parse(Path(mitmodels.__file__).read_text(encoding="utf-8"))
    typed = {
        (alias.name, node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module.startswith("mitmodels.")
        for alias in node.names
        if alias.asname == alias.name  # else it is no name of ours for a type checker
    }
    for name, module in mitmodels.MODULES.items():
        function = getattr(mitmodels, name)
        assert (function.__module__, function.__name__) == (module, name)
        assert (name, module) in typed
    with pytest.raises(AttributeError, match="'mitmodels' has no attribute 'rnu'"):
        mitmodels.rnu  # noqa: B018


def test_first_line_of_every_docstring_is_the_help_of_its_command():
    for name, summary in cli.COMMANDS.items():
        assert inspect.getdoc(getattr(mitmodels, name)).partition("\n")[0] == summary
    assert set(mitmodels.MODULES) - set(cli.COMMANDS) == {"load"}


def test_name_path_and_mapping_give_the_same_run_which_its_config_repeats(tmp_path):
    overrides = ["voltage.points=5", "output.figures=false"]
    path = files("mitmodels.cases") / "lsmo_barrier.toml"
    runs = [
        mitmodels.run("lsmo_barrier", tmp_path / "name", overrides=overrides),
        mitmodels.run(path, tmp_path / "path", overrides=overrides),
        mitmodels.run(SHORT, tmp_path / "mapping"),
        mitmodels.run(tmp_path / "mapping" / "config.toml", tmp_path / "again"),
    ]
    for name in ("iv.csv", "summary.json", "config.resolved.toml"):
        assert len({(run.path / name).read_bytes() for run in runs}) == 1
    assert len(runs[0].iv) == 5


def test_paths_in_a_mapping_count_from_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text('base = "lsmo_barrier"\nvoltage.points = 5')
    said = mitmodels.check({"base": "own.toml"})
    assert said["voltage (base own)"] == "points = 5"
    assert said["threshold"] == mitmodels.check("lsmo_barrier")["threshold"]
    document = read({"base": "own.toml", "geometry": {"mesh": Path("my.msh")}})
    assert document.data["geometry"]["mesh"] == str(tmp_path / "my.msh")


def test_check_names_what_bases_and_records_give():
    own = {"geometry": {"width": "30 um"}, "film": {"width": "9 K"}, "mesh": {}}
    said = mitmodels.check({"base": "lsmo_iv", **own})
    assert said["contact (base lsmo_iv)"].startswith("resistance_width = 10 kohm um (fitted)")
    assert "length = 100 um (measured)" in said["geometry (base lsmo_iv)"]
    assert "temperature = 345 K (fitted)" in said["film (material lsmo)"]
    given = " ".join(text for name, text in said.items() if "(" in name)
    assert "30 um" not in given
    assert " 9 K" not in given
    assert "mesh (base lsmo_iv)" not in said  # whose sizes follow from the geometry


def test_existing_file_wins_over_the_shipped_case_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("lsmo_iv").write_text('base = "lsmo_barrier"')
    said = mitmodels.check("lsmo_iv")
    assert said["threshold"] == mitmodels.check("lsmo_barrier")["threshold"]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("lsmo_barier", "lsmo_barier: there is no such file, and .* did you mean lsmo_barrier"),
        ({}, "mapping: is empty"),
        ({"base": "lsmo_barier"}, 'mapping: base = "lsmo_barier" is not known: did you mean'),
        (SHORT | {"lost": {}}, r"mapping: lost = \{\} is not a known key: did you mean loss"),
        (SHORT | {"voltage": {"to": "5 K"}}, 'mapping: voltage.to = "5 K" is not a voltage'),
        (SHORT | {"voltage": {"to": None}}, "mapping: voltage.to = None is not a value of TOML"),
    ],
)
def test_fault_of_an_input_that_is_no_file_names_the_key(config, message, tmp_path):
    with pytest.raises(InputError, match=message):
        mitmodels.run(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-c", "import mitmodels; mitmodels.run('lsmo_barrier', 'out')"),
        ("-m", "mitmodels", "run", "lsmo_barrier", "--out", "out"),
    ],
)
def test_modules_of_the_working_directory_are_none_of_ours(shadows, arguments):
    code, out, err = python(*arguments)
    assert (code, "imported" in out + err) == (0, False), err
    assert mitmodels.load("out").record["status"] == "completed"


def test_points_of_a_sweep_do_not_see_the_working_directory(shadows):
    Path("my.toml").write_text(
        'base = "lsmo_barrier"\noutput.figures = false\n'
        '[sweep]\nambient.temperature = ["100 K", "120 K"]\n'
    )
    command = Path(sys.executable).with_name("mitmodels")
    done = subprocess.run([command, "sweep", "my.toml", "--out", "s"], check=False, timeout=120)
    assert done.returncode == 0, [file.read_text() for file in Path("s/output").iterdir()]
    code, out, _ = python("-m", "mitmodels", "status", "s")
    assert (code, out.splitlines()[-1]) == (0, "2 completed")


@pytest.mark.parametrize(
    ("launcher", "argument"),
    [("PMI_RANK", "cases"), ("OMPI_COMM_WORLD_RANK", "--help"), ("SLURM_PROCID", "--version")],
)
def test_what_loads_no_mpi_is_printed_by_rank_0_alone(launcher, argument, monkeypatch):
    printed = []
    for rank in range(3):
        monkeypatch.setenv(launcher, str(rank))
        printed.append(python("-c", WITHOUT_DOLFINX, argument)[1])
    assert printed[0]
    assert printed[1:] == ["", ""]


def test_version_names_the_commit_and_the_build_of_dolfinx():
    code, out, _ = python("-m", "mitmodels", "--version")
    named = [line.split()[0] for line in out.splitlines()]
    assert (code, named) == (0, ["mitmodels", "commit", "DOLFINx"])


@pytest.fixture(scope="module")
def finished_sweep(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep") / "s"
    mitmodels.sweep(SHORT | {"sweep": {"ambient": {"temperature": ["100 K", "120 K"]}}}, folder)
    return folder


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("cases", "lsmo_iv "),
        ("materials lsmo", "lsmo: La0.7Sr0.3MnO3"),
        ("schema", '"$schema"'),
        ("new lsmo_iv my.toml", "wrote my.toml"),
        ("status SWEEP", "2 completed"),
        ("collect SWEEP", "sweep.nc"),
        ("--help", "Draw the figures"),
    ],
)
def test_what_lists_copies_and_collects_needs_no_dolfinx(
    arguments, words, finished_sweep, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    words_of_it = arguments.replace("SWEEP", str(finished_sweep)).split()
    code, out, err = python("-c", WITHOUT_DOLFINX, *words_of_it)
    assert (code, err) == (0, "")
    assert words in out


def test_figures_need_none_of_what_computes(finished_sweep):
    """Nor is it loaded: it takes longer than the figures."""
    program = WITHOUT_DOLFINX.replace("'mpi4py', ", "")
    code, out, err = python("-c", program, "plot", next(finished_sweep.glob("*/iv.csv")).parent)
    assert (code, err) == (0, "")
    assert "widths.png" in out


@pytest.mark.parametrize("arguments", ["run lsmo_iv", "check lsmo_barrier", "sweep lsmo_family"])
def test_what_computes_says_how_to_get_dolfinx(arguments):
    code, out, err = python("-c", WITHOUT_DOLFINX, *arguments.split())
    assert (code, out) == (2, "")
    assert err == (
        "mitmodels: this needs DOLFINx, but there is no mpi4py: pip install 'mitmodels[wheel]', or "
        "conda install -c conda-forge fenics-dolfinx, or take the container image\n"
    )
    program = f"import sys; sys.modules.update(dict.fromkeys({STACK})); import mitmodels"
    _, _, err = python("-c", f"{program}; mitmodels.run('lsmo_iv')")
    assert "ImportError: this needs DOLFINx" in err.splitlines()[-1]


def test_a_shell_completes_commands_and_options():
    """The script that is printed, asked as a shell asks it."""
    ask = (
        'source <(printf "%s" "$1"); '
        "COMP_WORDS=(mitmodels ke); COMP_CWORD=1; _mitmodels mitmodels ke mitmodels; "
        'echo "${COMPREPLY[@]}"; '
        "COMP_WORDS=(mitmodels run a.toml --s); COMP_CWORD=3; _mitmodels mitmodels --s a.toml; "
        'echo "${COMPREPLY[@]}"'
    )
    command = ["bash", "-c", ask, "bash", cli.completion("bash")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["keys", "--set"]


def test_examples_of_the_help_are_commands():
    words = [line.split("  ")[1] for line in cli._EXAMPLES.splitlines()[1:]]
    for line in words:
        program, *arguments = shlex.split(line)
        assert program == "mitmodels"
        cli.app.meta.parse_args(arguments)
        assert arguments[0] in cli.COMMANDS


def test_completion_is_installed_where_the_shell_looks(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    script = cli.app.install_completion(shell="bash")
    assert script == tmp_path / ".local/share/bash-completion/completions/mitmodels"
    assert "--ranks" in script.read_text()
    assert str(script) in (tmp_path / ".bashrc").read_text()


def test_ranks_are_started_by_the_launcher_of_this_mpi(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ["run", "lsmo_barrier", "--out", "a", "--set", "voltage.points=5"]
    arguments += ["--set", "output.figures=false", "--ranks", "2"]
    assert python("-m", "mitmodels", *arguments)[0] == 0
    assert mitmodels.load("a").record["ranks"] == 2


def test_far_more_ranks_than_cores_are_refused_before_one_starts(monkeypatch):
    """Thousands take all memory of a machine: none may start here, either."""
    monkeypatch.setattr(os, "execvp", lambda *_: pytest.fail("started"))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.delenv("SLURM_JOB_NUM_NODES", raising=False)
    with pytest.raises(InputError, match=r"--ranks 9: .* cores: give at most 8"):
        launch(9, ["run", "lsmo_barrier"])


@pytest.mark.parametrize(
    ("variable", "arguments", "message"),
    [
        ("PMI_SIZE", "check lsmo_barrier", "4 processes were started that do not see one another"),
        ("PMI_SIZE", "run lsmo_barrier --ranks 2", "mpirun has started several already"),
        ("LANG", "run lsmo_barrier --ranks 0", "--ranks 0: is less than 1: give the number"),
        ("LANG", "plot runs/a --ranks 2", "--ranks: is of check, fit, mesh, resume, run alone"),
    ],
)
def test_processes_that_are_no_ranks_are_refused(
    variable, arguments, message, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, "4")
    code, out, err = python("-m", "mitmodels", *arguments.split())
    assert (code, out) == (2, "")
    assert message in err
    assert list(tmp_path.iterdir()) == []
