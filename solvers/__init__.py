"""DOLFINx/PETSc solvers, continuation, substrate, time stepping and files."""

import meshes.runtime  # noqa: F401
