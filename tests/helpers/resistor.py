"""A case for tests of the command line: a resistor that can be told to fail.

``python resistor.py ARGUMENTS`` is the command line with this case added.
"""

import logging
import os
import shutil
import time
import warnings
from typing import Literal

from mpi4py import MPI
from petsc4py import PETSc

from mitmodels.cases import registry
from mitmodels.cases.cli import main
from mitmodels.cases.config.dimensions import Resistance
from mitmodels.cases.config.protocol import ProtocolEntries, build_protocol
from mitmodels.cases.config.section import CaseConfig
from mitmodels.errors import InputError, RunError

COMM = MPI.COMM_WORLD


class Config(CaseConfig):
    case: Literal["resistor"]
    resistance: Resistance
    region: str = "film"
    fault: Literal["none", "solver", "bug", "some", "hang", "callback", "warning", "gone"] = "none"
    protocol: ProtocolEntries


def prepare(config, comm):
    if config.region != "film":
        raise InputError(f'region = "{config.region}" is not in the mesh: use film')
    if config.fault == "warning":
        warnings.warn("the mesh is coarse", stacklevel=1)
    return config


def check(config):
    return {"resistance": config.resistance.given}


def run(config, folder, progress):
    PETSc.Options()  # PETSc is initialised, signal handlers included
    logging.getLogger("mitmodels.solvers.resistor").info("solving")
    iv = folder.table("iv", {"V_source": "V", "I": "A"})
    (first, last), *_ = build_protocol(config.protocol).sweeps()
    with progress.stage("sweep", total=last - first, unit="V") as stage:
        for step in range(5):
            value = first + (last - first) * step / 4
            iv.append({"V_source": value, "I": value / config.resistance})
            stage.update(value, "fine")
    if config.fault != "none":
        fail(config.fault, folder)
    folder.write_summary({"I_max": (last / config.resistance, "A")})


def fail(fault, folder):
    COMM.barrier()  # rank 0 would say it while the others are on their way
    logging.getLogger("mitmodels.solvers.resistor").info("about to fail")
    last = COMM.rank == COMM.size - 1
    if fault == "gone":
        shutil.rmtree(folder.path)
    if fault == "solver":
        raise RunError("no convergence at 2 V")
    if fault == "bug" or (fault == "some" and COMM.rank > 0):
        raise ZeroDivisionError("oops")
    if fault == "hang" and last:
        wait()
    if fault == "callback" and last:
        matrix = PETSc.Mat().createPython(1, context=Callback(), comm=PETSc.COMM_SELF)
        matrix.setUp()
        matrix.mult(*matrix.createVecs())
    COMM.barrier()


def wait():
    # Only now: what a signal raises while PETSc makes a matrix can be lost.
    os.write(1, b"hanging\n")  # of any rank
    while True:
        time.sleep(0.01)


class Callback:
    """Hangs inside PETSc."""

    def mult(self, *_):
        wait()


def plot(run):
    file = run.path / "figures" / "iv.png"
    file.touch()
    return [file]


CASE = registry.Case(Config, prepare, check, run)
registry.CASES["resistor"] = "resistor:CASE"
registry.PLOTS["resistor:CASE"] = "resistor:plot"

if __name__ == "__main__":
    main()
