"""Thousands of malformed meshes: each is refused in one sentence, or its parts close.

``make fuzz`` runs it. ``FUZZ`` is five times the number of meshes, ``SEED`` that of the generator.
"""

import os
import random
import sys

from mpi4py import MPI

from films import SHIPPED
from mesh_faults import closes, malformed, read, write

from mitmodels.cases import api
from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.steady import Config, prepare
from mitmodels.errors import InputError

COUNT = int(os.environ.get("FUZZ", "10000")) // 5
SEED = int(os.environ.get("SEED", "1"))
TINY = ("mesh.size=10 um", "mesh.edge_size=5 um", "mesh.cells_across=3")
_LONGEST = 600  # characters of a sentence


def refusal(path):
    """What is said of a mesh that is not taken."""
    try:
        prepare(load_config(SHIPPED, [f"geometry.mesh={path}"], Config), MPI.COMM_WORLD)
    except InputError as error:
        return str(error)
    return ""


def test_meshes_that_pass_close(tmp_path):
    path, draw, passed = tmp_path / "film.msh", random.Random(SEED), 0
    api.mesh(SHIPPED, path, overrides=TINY)
    film = read(path)
    for number in range(COUNT):
        mesh = malformed(film, draw)
        write(mesh, path)
        said = refusal(path)
        assert said.isprintable()
        assert len(said) < _LONGEST + len(str(path))
        if not said:
            passed += 1
            assert closes(mesh, draw), f"mesh {number} of seed {SEED}: {path}"
    sys.stdout.write(f"{COUNT} meshes of seed {SEED}: {passed} passed and close\n")
    assert 0 < passed < COUNT / 2
