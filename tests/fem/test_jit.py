"""Compiled forms: a process that is killed while it compiles does not block the next one."""

import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.serial

PROGRAM = """
from mpi4py import MPI
import basix.ufl, ufl
from mitmodels.meshes.device import Device
from dolfinx import fem, mesh
square = mesh.create_unit_square(MPI.COMM_WORLD, 1, 1)
x = ufl.SpatialCoordinate(square)
print(fem.assemble_scalar(fem.form(x[0] ** 3 * ufl.dx)))
"""


def claims(cache):
    return [path for path in cache.rglob("*.c") if not path.with_suffix(".c.cached").exists()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_form_of_a_process_that_was_ended_is_compiled_again(tmp_path, number):
    """Left to itself FFCx waits for ten seconds and fails, now and for ever after."""
    cache = tmp_path / "fenics"
    environment = os.environ | {
        "XDG_CACHE_HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-c", PROGRAM]
    process = subprocess.Popen(
        command,
        env=environment,
        stderr=subprocess.DEVNULL,
        # A job in the background, such as these tests may be, ignores interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not claims(cache):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(number)
    assert process.wait() != 0
    assert claims(cache)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(0.25, rel=1e-12)
    assert claims(cache) == []
