"""The wheel of DOLFINx, if this is one, and the cache of forms; imported by all that need it."""

import importlib.util
import logging
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

import mitmodels.threads  # noqa: F401

_LOG = logging.getLogger(__name__)
FOLDER = Path("fenics", "mitmodels")  # of compiled forms, within the cache; DOLFINx names the first


def settle_cache() -> None:
    """Name another home and cache in the environment where those of the user cannot be used.

    DOLFINx asks for both when it is imported.
    """
    home = os.path.expanduser("~")  # noqa: PTH111  # stays as it is where nobody knows it
    if not os.access(home, os.X_OK):
        os.environ["HOME"] = str(_own_folder())
    given = os.environ.pop("XDG_CACHE_HOME", "")  # empty, it would be the working directory
    cache = Path(given or f"{home}/.cache")
    try:
        (cache / FOLDER).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache / FOLDER):
            pass
    except OSError as error:
        given = str(_own_folder())
        _LOG.warning(
            "%s cannot be written (%s): compiled forms are kept in %s; name another folder with "
            "XDG_CACHE_HOME",
            cache,
            error.strerror,
            given,
        )
    if given:
        os.environ["XDG_CACHE_HOME"] = given


def _own_folder() -> Path:
    """Return a folder for temporary files that nobody else can write to: code is loaded from it."""
    path = Path(tempfile.gettempdir(), f"mitmodels-{os.getuid()}")
    with suppress(FileExistsError):
        path.mkdir(0o700)
    found = path.lstat()
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return path if mine and not found.st_mode & 0o022 else Path(tempfile.mkdtemp())


settle_cache()
# The wheel loads its MPI through this module; other installations do not have it.
if importlib.util.find_spec("dolfinx_solver"):
    import dolfinx_solver  # noqa: F401
