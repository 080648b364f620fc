"""The wheel that is built from the sdist: what it installs, and that it is whole."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DATA = (
    "*.toml",
    "*.bib",
    "config/*.json",
    "data/*",
    "materials/*",
    "papers/*.csv",
    "paraview/*.py",
    "sweeps/*.sbatch",
)

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Folder with what the wheel would put beside other packages."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "build", "--offline", "--no-build-isolation", "--python", sys.executable]
    done = subprocess.run(
        [*command, "--out-dir", folder, ROOT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_nothing_but_mitmodels_is_installed(installed):
    names = sorted(path.name for path in installed.iterdir())
    assert [name for name in names if not name.endswith(".dist-info")] == ["mitmodels"]


def test_every_module_and_every_file_of_data_is_in_it(installed):
    for folder in ("mitmodels", "meshes", "solvers", "cases"):
        inside = Path("mitmodels", "" if folder == "mitmodels" else folder)
        for module in (ROOT / folder).rglob("*.py"):
            assert (installed / inside / module.relative_to(ROOT / folder)).is_file()
    shipped = [file for pattern in DATA for file in (ROOT / "cases").glob(pattern)]
    assert len(shipped) > 40
    for file in shipped:
        copy = installed / "mitmodels" / file.relative_to(ROOT)
        assert copy.read_bytes() == file.read_bytes()
    assert (installed / "mitmodels" / "py.typed").is_file()


def test_it_tells_the_commit_that_it_was_built_from(installed):
    command = ["git", "-C", ROOT, "describe", "--always", "--abbrev=40", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("these sources are not in a repository")
    assert (installed / "mitmodels" / "commit.txt").read_text() == done.stdout


def test_it_runs_from_an_unrelated_folder(installed, tmp_path):
    program = (
        "import mitmodels; print(mitmodels.__file__)\n"
        "run = mitmodels.run('lsmo_barrier', 'out', overrides=['output.figures=false'])\n"
        "print(run.summary['V_th']['unit'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(installed / "mitmodels" / "__init__.py"), "V"]
