"""Finite-element multiphysics of resistive-switching devices.

The functions are those of the command ``mitmodels`` and are imported when they are first used:

>>> import mitmodels
>>> hot = mitmodels.run("my.toml", "runs/hot")  # doctest: +SKIP
>>> hot.iv.plot("V_source [V]", "I [A]")  # doctest: +SKIP

The physics (`mitmodels.film`, `mitmodels.cell`, ...) needs no mesh and no MPI.
"""

import sys

# `python -c`, `python -m` and notebooks search the working directory first: a user's signal.py or
# copy.py there would stand in for Python's own in everything that is imported from here on.
if sys.path and (sys.path[0] == "" or (sys.argv[:1] == ["-m"] and not sys.flags.safe_path)):
    sys.path.append(sys.path.pop(0))

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mitmodels.cases.api import check as check
    from mitmodels.cases.api import fit as fit
    from mitmodels.cases.api import mesh as mesh
    from mitmodels.cases.api import plot as plot
    from mitmodels.cases.api import resume as resume
    from mitmodels.cases.api import run as run
    from mitmodels.cases.cell.relaxation_run import relax as relax
    from mitmodels.cases.compact.export import export as export
    from mitmodels.cases.config.keys import keys as keys
    from mitmodels.cases.config.materials import materials as materials
    from mitmodels.cases.config.shipped import new as new
    from mitmodels.cases.config.shipped import schema as schema
    from mitmodels.cases.film.barrier_and_filament import mechanisms as mechanisms
    from mitmodels.cases.film.figures.iv_comparison import compare as compare
    from mitmodels.cases.film.sensitivity.command import sensitivity as sensitivity
    from mitmodels.cases.magnetism.fmr_run import fmr as fmr
    from mitmodels.cases.magnetism.kerr import moke as moke
    from mitmodels.cases.point_contact.filament import qpc as qpc
    from mitmodels.cases.readout.report import report as report
    from mitmodels.cases.readout.values import probe as probe
    from mitmodels.cases.readout.values import profile as profile
    from mitmodels.cases.sweeps.running import sweep as sweep
    from mitmodels.cases.sweeps.table import collect as collect
    from mitmodels.solvers.runs.reading import load as load

    __version__: str

# Where each function is; the command line knows them from here too.
MODULES = {
    **dict.fromkeys(("check", "fit", "mesh", "plot", "resume", "run"), "mitmodels.cases.api"),
    "collect": "mitmodels.cases.sweeps.table",
    "compare": "mitmodels.cases.film.figures.iv_comparison",
    "export": "mitmodels.cases.compact.export",
    "fmr": "mitmodels.cases.magnetism.fmr_run",
    "keys": "mitmodels.cases.config.keys",
    "load": "mitmodels.solvers.runs.reading",
    "materials": "mitmodels.cases.config.materials",
    "mechanisms": "mitmodels.cases.film.barrier_and_filament",
    "moke": "mitmodels.cases.magnetism.kerr",
    **dict.fromkeys(("new", "schema"), "mitmodels.cases.config.shipped"),
    "qpc": "mitmodels.cases.point_contact.filament",
    "relax": "mitmodels.cases.cell.relaxation_run",
    **dict.fromkeys(("probe", "profile"), "mitmodels.cases.readout.values"),
    "report": "mitmodels.cases.readout.report",
    "sensitivity": "mitmodels.cases.film.sensitivity.command",
    "sweep": "mitmodels.cases.sweeps.running",
}


if not TYPE_CHECKING:  # for which every name would be one of ours
    __all__ = ["__version__", *MODULES]

    def __getattr__(name: str) -> object:
        """Import a public function when it is first asked for."""
        if name == "__version__":
            from importlib.metadata import version

            return version("mitmodels")
        if name not in MODULES:
            raise AttributeError(f"module 'mitmodels' has no attribute {name!r}")
        try:
            found = getattr(import_module(MODULES[name]), name)
        except ImportError as error:
            from mitmodels.errors import without_dolfinx

            raise ImportError(without_dolfinx(error) or str(error)) from error
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted(__all__)
