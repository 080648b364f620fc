"""The list of the gallery: its runs, and how one that is complete is used again."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SPEC = importlib.util.spec_from_file_location("gallery", ROOT / "tools" / "gallery.py")
gallery = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(gallery)

pytestmark = pytest.mark.serial


def test_list_is_valid_and_names_files_that_exist():
    for run in gallery.listed().values():
        for line in run.lines(gallery.RUNS):
            assert all((ROOT / word).exists() for word in line.split() if word.endswith(".toml"))


def test_complete_run_is_used_and_an_incomplete_one_named(tmp_path):
    (tmp_path / "lsmo_barrier").mkdir()
    with pytest.raises(SystemExit, match="is not the complete run of these commands; delete it"):
        gallery.make("lsmo_barrier", tmp_path)
    lines = gallery.listed()["lsmo_barrier"].lines(tmp_path)
    (tmp_path / "lsmo_barrier.done").write_text("\n".join(lines))
    assert gallery.make("lsmo_barrier", tmp_path) == tmp_path / "lsmo_barrier"


def test_run_that_reads_others_needs_them():
    assert "lsmo_iv" in gallery.listed()["vo2_filament"].needs


def test_every_run_has_a_page_and_a_card():
    entry = (gallery.DOCS / "gallery.md").read_text()
    for name, run in gallery.listed().items():
        assert f":link: gallery/{name}\n" in entry, "run make gallery"
        assert (gallery.DOCS / "gallery" / f"{name}.md").read_text().startswith(f"# {run.title}\n")
