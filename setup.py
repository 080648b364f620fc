"""Commit that a wheel or an archive of the sources was made from: `mitmodels/commit.txt` in it."""

import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent


def _write_commit(root: Path) -> None:
    """Write the commit below a folder of copies; an archive of the sources has it already."""
    describe = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=40", "--dirty"]
    if (ROOT / ".git").exists():
        done = subprocess.run(describe, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            (root / "mitmodels" / "commit.txt").write_text(done.stdout)


class BuildWithCommit(build_py):
    """Modules of a wheel, and their commit."""

    def run(self) -> None:
        """Copy the modules."""
        super().run()
        if not self.editable_mode:
            _write_commit(Path(self.build_lib))


class ArchiveWithCommit(sdist):
    """Archive of the sources, and their commit."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Copy the sources."""
        super().make_release_tree(base_dir, files)
        _write_commit(Path(base_dir))


setup(cmdclass={"build_py": BuildWithCommit, "sdist": ArchiveWithCommit})
