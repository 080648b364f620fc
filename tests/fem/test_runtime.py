import os

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import pytest


def test_every_rank_computes_on_one_thread():
    assert os.environ["OMP_NUM_THREADS"] == "1"


def test_petsc_is_real_and_has_mumps():
    assert PETSc.ScalarType is np.float64
    solver = PETSc.KSP().create(MPI.COMM_WORLD)
    solver.setFromOptions()
    assert PETSc.Sys.hasExternalPackage("mumps")


@pytest.mark.three_ranks
def test_temporary_folder_is_the_same_on_every_rank(mpi_tmp_path):
    folders = MPI.COMM_WORLD.allgather(str(mpi_tmp_path))
    assert set(folders) == {folders[0]}
    assert mpi_tmp_path.is_dir()
