"""One thread per process, which must be said before NumPy is loaded."""

import os

# One process per core is MPI's business: a threaded BLAS in every rank would oversubscribe.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
