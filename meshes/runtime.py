"""The wheel of DOLFINx, if this is one; imported by every package that needs DOLFINx."""

import importlib.util

import mitmodels.threads  # noqa: F401

# The wheel loads its MPI through this module; other installations do not have it.
if importlib.util.find_spec("dolfinx_solver"):
    import dolfinx_solver  # noqa: F401
