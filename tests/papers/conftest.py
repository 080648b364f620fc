"""Runs of the gallery, made once for all tests that read them."""

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "gallery.py"


@pytest.fixture(scope="session")
def gallery():
    """Return the tool of `make gallery`."""
    spec = importlib.util.spec_from_file_location("gallery", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


@pytest.fixture(scope="session")
def made(gallery, tmp_path_factory):
    """Return a function that makes a run of `docs/gallery.toml` and returns its folder."""
    runs = tmp_path_factory.mktemp("gallery")
    return lambda name: gallery.make(name, runs)
