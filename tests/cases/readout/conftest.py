"""A film, a cell and a sweep of two films on coarse meshes."""

import shutil

import pytest
from damages import CELL, FILM

import mitmodels
from mitmodels.cases.sweeps.folder import SweepFolder


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    return mitmodels.run(FILM, tmp_path_factory.mktemp("readout") / "film")


@pytest.fixture(scope="session")
def cell(tmp_path_factory):
    return mitmodels.run(CELL, tmp_path_factory.mktemp("readout") / "cell")


@pytest.fixture(scope="session")
def sweep(film, tmp_path_factory):
    swept = FILM | {"sweep": {"ambient": {"temperature": ["100 K", "120 K"]}}}
    path = tmp_path_factory.mktemp("readout") / "sweep"
    mitmodels.sweep(swept, path, slurm=True)  # runs nothing
    folder = SweepFolder.open(path)
    shutil.copytree(film.path, path / folder.names[0])
    mitmodels.run(folder.input(folder.names[1]), path / folder.names[1])
    return folder
