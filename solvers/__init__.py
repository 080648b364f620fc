"""DOLFINx/PETSc solvers, continuation, substrate, time stepping and files."""

import mitmodels.meshes.runtime  # noqa: F401
