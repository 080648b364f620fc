"""`make setup` finds a Python that works, trusts only the lock, and says what is missing."""

import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[3]


@pytest.fixture
def bootstrap(monkeypatch, tmp_path):
    """Return the script as a module that sees an empty PATH, no pyenv and no `.venv`."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "tools/bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    return module


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_shim_that_fails_and_python_that_does_not_fit_are_passed_over(bootstrap, tmp_path):
    script(tmp_path / "bin/python3.14", "exit 127")
    script(tmp_path / "bin/python3.13", "echo")
    script(tmp_path / "bin/python3.12", "echo /the/one")
    assert bootstrap.find_python() == "/the/one"


def test_newest_pyenv_version_wins(bootstrap, tmp_path):
    for version in ("3.12.1", "3.13.9", "3.13.10", "3.9.18"):
        script(tmp_path / f"versions/{version}/bin/python", f"echo {version}")
    assert bootstrap.find_python() == "3.13.10"


def test_version_is_measured_in_the_candidate(bootstrap, tmp_path):
    found = bootstrap.output(sys.executable, "-c", bootstrap.FITS)
    assert found == sys.executable
    too_new = bootstrap.FITS.replace("sys.version_info[:2]", "(3, 15)")
    assert bootstrap.output(sys.executable, "-c", too_new) == ""


def test_no_python_at_all(bootstrap):
    with pytest.raises(SystemExit, match=r"no Python 3\.12 to 3\.14 .* sudo apt install python3"):
        bootstrap.make_venv(None)


def test_uv_that_cannot_fetch_a_python_says_why(bootstrap, tmp_path):
    script(tmp_path / "bin/uv", "echo 'cause: no route to host' >&2; exit 2")
    with pytest.raises(SystemExit, match=r"can be fetched \(cause: no route to host\)"):
        bootstrap.make_venv("uv")


def test_wheel_that_is_not_the_locked_one_is_refused(bootstrap, monkeypatch):
    lock = bootstrap.LOCK.read_text()
    digest = re.search(r"^uv==.*\n +--hash=sha256:(\w+)", lock, re.MULTILINE).group(1)
    link = f'<a href="uv-manylinux_x86_64.whl#sha256={digest}">'.encode()
    monkeypatch.setattr(
        bootstrap, "get", lambda url: link if url.endswith("/uv/") else b"something else"
    )
    with pytest.raises(SystemExit, match=r"is not the file that requirements\.lock names"):
        bootstrap.find_uv()


def test_index_out_of_reach_leaves_pip(bootstrap, monkeypatch, capsys):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "file:///nowhere")
    assert bootstrap.find_uv() is None
    assert "pip takes its place" in capsys.readouterr().out


def test_missing_library_is_named_with_the_packages(bootstrap, monkeypatch):
    python = bootstrap.VENV / "bin/python"
    script(python, f'exec {sys.executable} "$@"')
    missing = "raise OSError('libGLU.so.1: cannot open shared object file')"
    monkeypatch.setattr(bootstrap, "CHECKS", {"do nothing": "", "load Gmsh": missing})
    with pytest.raises(
        SystemExit, match=r"cannot load Gmsh \(OSError: libGLU\.so\.1.*apt install .*libglu1-mesa"
    ):
        bootstrap.check_machine()


def test_crash_is_a_fault(bootstrap):
    crash = "import os; os.kill(os.getpid(), 11)"
    assert bootstrap.fault(sys.executable, "-c", crash) == "ended by signal 11"


def test_lock_holds_every_dependency_with_a_hash_and_no_address():
    lock = (ROOT / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([\w-]+)==([^ ;]+).*\\\n +--hash=sha256:", lock, re.MULTILINE))
    assert len(locked) == len(re.findall(r"^\w", lock, re.MULTILINE))
    assert "://" not in lock
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["wheel"],
        *project["dependency-groups"]["dev"],
    ]
    for requirement in map(Requirement, wanted):
        assert Version(locked[requirement.name]) in requirement.specifier


def test_image_has_what_runs_need_at_the_versions_of_the_tests():
    locks = ((ROOT / f"{name}requirements.lock").read_text() for name in ("", "containers/"))
    whole, image = (dict(re.findall(r"^([\w-]+)==([^ ;]+)", lock, re.MULTILINE)) for lock in locks)
    assert image.items() <= whole.items()
    assert {"dolfinx-solver-real", "setuptools", "pyvista"} <= image.keys()
    assert not {"pytest", "hypothesis", "mypy", "ruff", "uv", "pre-commit"} & image.keys()


@pytest.mark.parametrize("file", ["environment.yml", "containers/conda/recipe.yaml"])
def test_conda_has_every_dependency_at_the_same_version(file):
    """Gmsh and Matplotlib have other names there; UFL comes with DOLFINx."""
    listed = (ROOT / file).read_text()
    other = {"gmsh": "python-gmsh", "matplotlib": "matplotlib-base"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for requirement in map(Requirement, project["dependencies"]):
        name = other.get(requirement.name, requirement.name)
        assert name == "fenics-ufl" or f"  - {name} {requirement.specifier}\n" in listed
