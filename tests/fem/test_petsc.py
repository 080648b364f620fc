"""PETSc in a film's solvers: they die with their last reference, errors travel, options count."""

import gc
import weakref
from contextlib import contextmanager

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import pytest
from films import SHEET, continuation, in_time, joint_set, sheet
from memory import present

from mitmodels.cases.film.device import build_solver
from mitmodels.solvers.film.constraints import Drive, drive_at
from mitmodels.solvers.film.interfaces import Rejection
from mitmodels.solvers.film.small_signal.stability import leading_modes, slowest_rates
from mitmodels.solvers.petsc import SolverError, solve, use_lu

VOLTAGE = Drive.voltage_source()
SMALL = ("mesh.size=5 um", "mesh.edge_size=2 um", "mesh.cells_across=4", "geometry.far=250 um")
TINY = ("mesh.size=12 um", "mesh.edge_size=8 um", "mesh.cells_across=2", "geometry.far=250 um")
FOURIER = "substrate.operator=fourier"
STRIP = ("geometry.length=40 um", "mesh.size=0.5 um", "mesh.edge_size=5 um", "mesh.cells_across=2")
# In each, what six solvers hold is a multiple of the five per cent below.
LARGE = {
    "sheet": (sheet, ("mesh.size=0.4 um", "mesh.edge_size=2 um", "mesh.cells_across=10")),
    "dense": (joint_set, ("mesh.size=1.5 um", "mesh.edge_size=0.5 um")),
    "fourier": (joint_set, (*SMALL, FOURIER)),
}


def state(newton, voltage=3.0):
    """Steady state under a voltage, from the cold film."""
    constraint = drive_at(VOLTAGE, voltage, newton.film.voltage_scale)
    return newton.solve(constraint, newton.substrate.start, voltage)


def solvers_that_died(build, mesh, count):
    """Build so many solvers; the memory [byte] after each, and how many of their parts live on."""
    device, parts, memory = build(*mesh), [], []
    for _ in range(count):
        newton = build_solver(device)
        state(newton)
        parts += map(weakref.ref, (newton, newton.system, newton.film, newton.substrate))
        del newton
        gc.collect()
        memory.append(present())
    return memory, sum(reference() is not None for reference in parts)


@pytest.mark.serial
@pytest.mark.parametrize("name", LARGE)
def test_solver_dies_with_its_last_reference(name, record):
    """A context of PETSc's with a way back to the solver kept all of them, 30 MB each."""
    memory, alive = solvers_that_died(*LARGE[name], 6)
    growth = memory[-1] / memory[0] - 1
    record(f"film solvers alive, and memory of six over that of one - 1: {name}", "0, 5%", growth)
    assert alive == 0
    assert growth < 0.05


@pytest.mark.three_ranks
@pytest.mark.parametrize(("build", "mesh"), [(sheet, STRIP), (joint_set, TINY)])
def test_no_part_of_a_solver_outlives_it_on_any_rank(build, mesh):
    """On several ranks the KSP of a SNES kept its matrix, and so all of them."""
    assert solvers_that_died(build, mesh, 2)[1] == 0


@pytest.mark.serial
@pytest.mark.parametrize("name", ["sheet", "half-space"])
def test_steps_in_time_keep_their_memory(name, record):
    """2000 steps of changing length, at most 5 % more memory than after the first 100."""
    strip = ("mesh.size=10 um", "heat_capacity.film=3e6 J/(m3 K)", "protocol.0.rate=1 V/s")
    film = in_time(*strip, file=SHEET) if name == "sheet" else in_time(*TINY)
    now, stepper = film.rest().state, film.stepper
    for i in range(2000):
        duration = 1e-9 * 1.3 ** (i % 10)
        now = stepper.step(now, duration, lambda _: film.condition(1.0)).end
        if i == 100:
            before = present()
    growth = present() / before - 1
    record(f"memory of 2000 steps in time over that of 100 - 1: {name}", "5%", growth)
    assert growth < 0.05


@contextmanager
def failing(owner, name, error, after=0):
    """Let a method raise from its call number ``after`` on."""
    method, calls = getattr(owner, name), []

    def fail(*arguments):
        calls.append(arguments)
        if len(calls) > after:
            raise error
        return method(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, fail)
        yield


@pytest.mark.parametrize("error", [SolverError("too hot"), KeyboardInterrupt(), ValueError("x")])
@pytest.mark.parametrize("inside", ["residual", "linearise"])
def test_error_in_newton_reaches_the_caller_as_itself(inside, error):
    """And leaves the solver able to go on: an error through C left its vectors locked."""
    newton = build_solver(sheet(*STRIP))
    expected = state(newton)
    with failing(newton.film, inside, error, after=1), pytest.raises(type(error)) as caught:
        state(newton)
    assert caught.value is error
    assert state(newton).current == pytest.approx(expected.current, rel=1e-9)


@pytest.mark.parametrize("error", [SolverError("cold"), KeyboardInterrupt()])
def test_error_in_the_krylov_method_reaches_the_caller_as_itself(error):
    newton = build_solver(joint_set(*TINY, FOURIER))
    expected = state(newton)
    with failing(newton.substrate, "multiply", error), pytest.raises(type(error)) as caught:
        newton.tangent(expected, drive_at(VOLTAGE, 3.0, 1.0))
    assert caught.value is error
    assert state(newton).current == pytest.approx(expected.current, rel=1e-9)


@pytest.mark.parametrize("error", [SolverError("lost"), KeyboardInterrupt()])
@pytest.mark.parametrize("spectrum", [leading_modes, slowest_rates])
def test_error_in_the_eigensolver_reaches_the_caller_as_itself(spectrum, error):
    newton = build_solver(joint_set(*SMALL))
    found = state(newton)
    with failing(newton, "solve_linear", error, after=2), pytest.raises(type(error)) as caught:
        spectrum(newton, found, VOLTAGE)
    assert caught.value is error
    assert len(spectrum(newton, found, VOLTAGE)) > 0


def test_continuation_rejects_a_step_in_which_a_callback_fails():
    trace = continuation(sheet(*STRIP))
    start, film = trace.start(), trace.newton.film
    with failing(film, "residual", SolverError("the law ends here"), after=1):
        found = next(trace.trace(start, 3.0))
    assert isinstance(found, Rejection)
    assert found.reason == "the law ends here"
    assert not isinstance(next(trace.trace(start, 3.0)), Rejection)


@pytest.mark.serial
def test_singular_matrix_is_a_solver_error():
    matrix = PETSc.Mat().createAIJ((2, 2), comm=PETSc.COMM_SELF)
    matrix.setUp()
    matrix.setDiagonal(PETSc.Vec().createWithArray([1.0, 0.0], comm=PETSc.COMM_SELF))
    matrix.assemble()
    solver = PETSc.KSP().create(PETSc.COMM_SELF)
    solver.setOperators(matrix)
    solver.getPC().setType(PETSc.PC.Type.LU)
    rhs, solution = matrix.createVecs()
    rhs.set(1.0)
    with pytest.raises(SolverError, match=r"it was not solved \(DIVERGED_PC\w*_FAILED\)"):
        solve(solver, rhs, solution, "it")


def test_film_is_solved_after_a_state_that_was_no_number():
    """PETSc kept the failure of MUMPS, and refused every matrix after it."""
    newton = build_solver(sheet(*STRIP))
    expected = state(newton)
    with pytest.raises(SolverError, match="the linearised film has an entry that is no"):
        newton.factor_at(expected.unknown * np.nan, 3.0)
    assert state(newton).current == pytest.approx(expected.current, rel=1e-9)


@pytest.fixture
def options():
    """Options of PETSc's as a user gives them; they are removed afterwards."""
    database = PETSc.Options()
    given = {"sheet_mat_mumps_icntl_7": "3", "film_with_loss_ksp_rtol": "1e-9"}
    former = {name: database.getString(name, "") for name in given}
    for name, value in given.items():
        database[name] = value
    yield given
    for name, value in former.items():
        database[name] = value
        if not value:
            database.delValue(name)


@pytest.mark.serial  # on ranks the first is called sheet_telescope_mat_mumps_icntl_7
def test_options_of_the_user_count(options):
    newton = build_solver(sheet(*STRIP))
    state(newton)
    factors = newton.substrate.krylov.getPC().getFactorMatrix()
    assert factors.getMumpsIcntl(7) == 3
    build_solver(joint_set(*SMALL))
    database = PETSc.Options()
    assert {name: database.getString(name) for name in options} == options


@pytest.mark.three_ranks
def test_boundary_values_count_whatever_the_guess(record):
    """psi at the contacts is fixed, but no residual tells: 0.504 gave 1 % more current."""
    newton = build_solver(joint_set(*SMALL))
    expected, constraint = state(newton), drive_at(VOLTAGE, 3.0, newton.film.voltage_scale)
    found = newton.solve(constraint, expected.unknown * [1.01, 1.0], 3.0)
    error = abs(found.current / expected.current - 1)
    record("current from a guess with wrong boundary values over the right one - 1", 1e-8, error)
    assert error < 1e-8
    largest = newton.film.comm.allreduce(np.abs(found.fields[:, 0]).max(initial=0.0), MPI.MAX)
    assert largest == pytest.approx(0.5, abs=1e-9)


@pytest.mark.serial
@pytest.mark.parametrize("scale", [1.0, 1e-30])
def test_pivots_of_a_definite_matrix_are_not_zero_in_any_unit(scale):
    """An electrolyte whose ions hardly move: conductances of 1e-30 of the scale of currents."""
    matrix = PETSc.Mat().createAIJ((3, 3), comm=MPI.COMM_SELF)
    matrix.setUp()
    for row in range(3):
        for column in range(max(row - 1, 0), min(row + 2, 3)):
            matrix[row, column] = scale * (2.0 if row == column else -1.0)
    matrix.assemble()
    solver = PETSc.KSP().create(MPI.COMM_SELF)
    use_lu(solver, "small_", 3, definite=True)
    solver.setOperators(matrix)
    b, x = matrix.createVecs()
    b.set(scale)
    solver.solve(b, x)
    np.testing.assert_allclose(x.array, [1.5, 2.0, 1.5], rtol=1e-14)
    for item in (solver, matrix, b, x):
        item.destroy()
