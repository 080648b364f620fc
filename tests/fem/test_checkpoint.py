"""Checkpoints on disk: complete, checked, two of them, and free of the mesh's distribution."""

import logging
import os
import signal

from mpi4py import MPI

from dolfinx import fem

import numpy as np
import pytest

from mitmodels.errors import InputError, RunError
from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.solvers.runs.checkpoints import Checkpoints, Origin, pack, unpack
from mitmodels.solvers.runs.numbering import Numbering

COMM = MPI.COMM_WORLD
CONTENT = {"T": np.linspace(100, 400, 7), "kind": np.array(["step", "fold"]), "n": np.array(3)}


ORIGIN = Origin.of(CONTENT, "config")


def checkpoints(folder, interval=1e9, origin=ORIGIN):
    return Checkpoints(COMM, folder, interval, origin)


def names(folder):
    COMM.barrier()
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.three_ranks
def test_content_is_read_back_bit_by_bit_on_every_rank(mpi_tmp_path):
    checkpoints(mpi_tmp_path).save(lambda: CONTENT)
    found = checkpoints(mpi_tmp_path).latest()
    assert found.keys() == CONTENT.keys()
    for name, array in CONTENT.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_last_two_are_kept_and_nothing_else(mpi_tmp_path):
    for _ in range(3):
        checkpoints(mpi_tmp_path).save(lambda: CONTENT)
    assert names(mpi_tmp_path) == ["000002.npz", "000003.npz"]


def test_without_a_checkpoint_there_is_no_content(mpi_tmp_path):
    assert checkpoints(mpi_tmp_path).latest() is None


def truncated(data):
    return data[: len(data) // 2]


def flipped(data):
    return data[:-40] + bytes([data[-40] ^ 1]) + data[-39:]


@pytest.mark.serial
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (truncated, "it is truncated or damaged"),
        (flipped, "it is truncated or damaged"),
        (lambda data: data[:0], "it is not a checkpoint or its beginning is lost"),
        (lambda data: data.replace(b" 2 ", b" 9 ", 1), "it has version 9 of the format, this"),
    ],
)
def test_damaged_newest_is_passed_over_with_a_warning(tmp_path, caplog, damage, reason):
    store = checkpoints(tmp_path)
    store.save(lambda: {"n": np.array(1)})
    store.save(lambda: {"n": np.array(2)})
    newest = tmp_path / "000002.npz"
    newest.write_bytes(damage(newest.read_bytes()))
    with caplog.at_level(logging.WARNING):
        assert store.latest()["n"] == 1
    assert f"000002.npz is passed over: {reason}" in caplog.text
    with pytest.raises(RunError, match=reason):
        unpack(newest.read_bytes(), ORIGIN)


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        (Origin.of([*CONTENT, "column"], "config"), "a version of the program that keeps other"),
        (Origin.of(CONTENT, "other"), "it belongs to a run with another configuration"),
    ],
)
def test_one_that_was_written_for_something_else_is_passed_over(mpi_tmp_path, origin, reason):
    checkpoints(mpi_tmp_path).save(lambda: {"n": np.array(1)})
    checkpoints(mpi_tmp_path, origin=origin).save(lambda: {"n": np.array(2)})
    store = checkpoints(mpi_tmp_path)
    assert store.latest()["n"] == 1
    (sentence,) = store.passed_over
    assert sentence.startswith(f"checkpoint {mpi_tmp_path / '000002.npz'} is passed over: ")
    assert reason in sentence


def test_run_of_which_no_checkpoint_fits_is_refused_on_every_rank(mpi_tmp_path):
    folder = mpi_tmp_path / "run" / "checkpoints"
    if COMM.rank == 0:
        folder.mkdir(parents=True)
    checkpoints(folder).save(lambda: CONTENT)
    store = checkpoints(folder, origin=Origin.of(CONTENT, "other"))
    with pytest.raises(InputError, match=r"another configuration: .* a new run of .*config.toml"):
        store.latest()
    assert names(folder) == ["000001.npz"]


@pytest.mark.serial
def test_objects_that_would_have_to_be_executed_are_neither_written_nor_read(tmp_path):
    with pytest.raises(ValueError, match="allow_pickle"):
        pack({"x": np.array([object()])}, ORIGIN)


@pytest.mark.serial
def test_folder_that_is_gone_is_one_sentence(tmp_path):
    with pytest.raises(RunError, match=r"000001.npz: cannot be written .* moved or deleted"):
        checkpoints(tmp_path / "gone").save(lambda: CONTENT)


def test_checkpoint_is_written_when_it_is_time(mpi_tmp_path):
    with checkpoints(mpi_tmp_path) as never, checkpoints(mpi_tmp_path, 0.0) as always:
        never.offer(lambda: CONTENT)
        assert names(mpi_tmp_path) == []
        always.offer(lambda: CONTENT)
    assert names(mpi_tmp_path) == ["000001.npz"]


@pytest.mark.three_ranks
def test_usr1_on_one_rank_writes_a_checkpoint_and_the_run_goes_on(mpi_tmp_path):
    with checkpoints(mpi_tmp_path) as store:
        if COMM.rank == COMM.size - 1:
            os.kill(os.getpid(), signal.SIGUSR1)
        store.offer(lambda: CONTENT)
        store.offer(lambda: CONTENT)
    assert names(mpi_tmp_path) == ["000001.npz"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end_asked_of_one_rank_waits_for_the_checkpoint_and_ends_all(mpi_tmp_path, number):
    handler = signal.getsignal(number)
    with checkpoints(mpi_tmp_path) as store:
        if COMM.rank == COMM.size - 1:
            os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            store.offer(lambda: CONTENT)
    assert names(mpi_tmp_path) == ["000001.npz"]
    assert signal.getsignal(number) is handler


def test_same_signal_from_two_senders_still_waits_for_the_checkpoint(mpi_tmp_path):
    """SLURM signals the ranks and mpirun, which signals the ranks once more."""
    with checkpoints(mpi_tmp_path) as store:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            store.offer(lambda: CONTENT)
    assert names(mpi_tmp_path) == ["000001.npz"]


def test_second_signal_ends_at_once(mpi_tmp_path, monkeypatch):
    monkeypatch.setattr("mitmodels.solvers.runs.checkpoints._ECHO", 0.0)
    with checkpoints(mpi_tmp_path):
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def space(comm, degree):
    channel = PlanarChannel(
        length=100e-6,
        width=50e-6,
        thickness=20e-9,
        pad_length=50e-6,
        far=300e-6,
        size=10e-6,
        edge_size=5e-6,
        cells_across=3,
        domain="quarter",
    )
    layer, _ = channel.build(comm).restrict("film", "pad_right")
    return fem.functionspace(layer.mesh, ("Lagrange", degree, (2,)))


@pytest.mark.three_ranks
@pytest.mark.parametrize("degree", [1, 2])
def test_order_of_nodes_is_that_of_one_rank(degree):
    numbering = Numbering(space(COMM, degree))
    alone = Numbering(space(MPI.COMM_SELF, degree)).coordinates
    if COMM.rank == 0:
        np.testing.assert_allclose(numbering.coordinates, alone, rtol=0, atol=1e-18)
        assert len(np.unique(alone, axis=0)) == len(alone)
    numbering.check(alone)


@pytest.mark.three_ranks
@pytest.mark.parametrize("degree", [1, 2])
def test_rows_come_back_to_their_nodes(degree):
    V = space(COMM, degree)
    numbering = Numbering(V)
    owned = V.tabulate_dof_coordinates()[: V.dofmap.index_map.size_local] ** 2
    np.testing.assert_array_equal(numbering.scatter(numbering.gather(owned)), owned)


def test_rows_of_another_mesh_are_refused():
    numbering = Numbering(space(COMM, 1))
    moved = COMM.bcast(numbering.coordinates + 1e-9)
    with pytest.raises(RunError, match="the checkpoint belongs to another mesh"):
        numbering.check(moved)
