"""The two ways a run can end without a result: what was asked, and what happened."""


class InputError(ValueError):
    """The input cannot be used: one sentence that names file, key, value and remedy."""


class RunError(RuntimeError):
    """A valid run cannot go on: one sentence that names what failed and where."""


_STACK = {"basix", "dolfinx", "dolfinx_solver", "ffcx", "mpi4py", "petsc4py", "slepc4py"}


def without_dolfinx(error: BaseException | None) -> str | None:
    """Return what to say of an import that failed for want of DOLFINx or its MPI.

    Returns
    -------
    str or None
        One sentence; None if the import failed for another reason.
    """
    while error is not None:
        name = (getattr(error, "name", None) or "").partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and name in _STACK:
            return (
                f"this needs DOLFINx, but there is no {name}: pip install 'mitmodels[wheel]', or "
                "conda install -c conda-forge fenics-dolfinx, or take the container image"
            )
        error = error.__cause__ or error.__context__
    return None
