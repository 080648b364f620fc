"""What must happen before NumPy, MPI and DOLFINx are loaded; imported first by every package."""

import importlib.util
import os

# One process per core is MPI's business: a threaded BLAS in every rank would oversubscribe.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

# The wheel of DOLFINx loads its MPI through this module; other installations do not have it.
if importlib.util.find_spec("dolfinx_solver"):
    import dolfinx_solver  # noqa: F401
