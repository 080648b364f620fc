"""DOLFINx/PETSc solvers, continuation, substrate, time stepping and files."""

import mitmodels.threads  # noqa: F401
