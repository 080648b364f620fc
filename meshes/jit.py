"""Compilation of forms that no killed process blocks; imported by whatever builds a device.

FFCx claims a form by its C file and lets all others wait for the library: ten seconds, then they
fail. What is killed or interrupted in between blocks that form for good. Here one process at a time
compiles, in a folder of the project's own, so a claim without a library is a leftover.
"""

import fcntl
import functools
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from mpi4py import MPI

import basix.ufl
import ffcx.codegeneration.jit
import ufl
from dolfinx.jit import DOLFINX_DEFAULT_JIT_OPTIONS, ffcx_jit

from mitmodels.errors import RunError
from mitmodels.meshes.runtime import FOLDER

# Sums in any order, which vector registers need: a Jacobian is assembled in 0.8 of the time. NaN
# and infinity keep their meaning, which -ffast-math would take from them.
_FLAGS = [
    "-O3",
    "-g0",
    "-fassociative-math",
    "-fno-signed-zeros",
    "-fno-trapping-math",
    "-fno-math-errno",
]


def one_at_a_time[Result](compile_objects: Callable[..., Result]) -> Callable[..., Result]:
    """Let a compiling function of FFCx wait for its turn and remove what others left behind."""
    seen: dict[Path, int] = {}  # when the folder was without leftovers

    @functools.wraps(compile_objects)
    def compile_alone(*objects: Any, cache_dir: Path, **options: Any) -> Result:
        folder = cache_dir / FOLDER.name  # other programs in the cache do not ask for the lock
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("a") as lock:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(lock, fcntl.LOCK_EX)
                if folder.stat().st_mtime_ns != seen.get(folder):  # the scan takes 50 ms
                    _remove_leftovers(folder)
                    seen[folder] = folder.stat().st_mtime_ns
            return compile_objects(*objects, cache_dir=folder, **options)

    return compile_alone


def once[Found: tuple[Any, Any]](find: Callable[..., Found]) -> Callable[..., Found]:
    """Keep what FFCx has loaded: for every form it lists its folder, of thousands of files."""
    known: dict[str, Found] = {}

    @functools.wraps(find)
    def find_once(module: str, *arguments: Any) -> Found:
        if module in known:
            return known[module]
        found = find(module, *arguments)
        if found[0] is not None:  # else it is to be compiled
            known[module] = found
        return found

    return find_once


def _remove_leftovers(folder: Path) -> None:
    with os.scandir(folder) as entries:  # thousands: faster than as paths
        names = {entry.name for entry in entries}
    for claim in (name for name in names if name.endswith(".c") and f"{name}.cached" not in names):
        for path in folder.glob(f"{claim.removesuffix('.c')}.*"):
            path.unlink(missing_ok=True)


@functools.cache
def check_compiler() -> None:
    """Make sure, once in a process and before anything is computed, that forms can be compiled.

    Raises
    ------
    RunError
        If they cannot.
    """
    plane = ufl.Mesh(basix.ufl.element("Lagrange", "triangle", 1, shape=(2,)))
    try:
        ffcx_jit(MPI.COMM_SELF, 1.0 * ufl.dx(plane))
    except Exception as error:
        reason = str(error).strip().rpartition("\n")[2]
        raise RunError(
            f"no form can be compiled ({reason}): install a C compiler and the headers of Python, "
            "name a folder that programs may be run from with XDG_CACHE_HOME, or correct the "
            "dolfinx_jit_options.json or ffcx_options.json that you have"
        ) from error


# The default only: what a user's dolfinx_jit_options.json says still holds.
_, _meaning = DOLFINX_DEFAULT_JIT_OPTIONS["cffi_extra_compile_args"]
DOLFINX_DEFAULT_JIT_OPTIONS["cffi_extra_compile_args"] = (_FLAGS, _meaning)

ffcx.codegeneration.jit.get_cached_module = once(ffcx.codegeneration.jit.get_cached_module)
ffcx.codegeneration.jit.compile_forms = one_at_a_time(ffcx.codegeneration.jit.compile_forms)
ffcx.codegeneration.jit.compile_expressions = one_at_a_time(
    ffcx.codegeneration.jit.compile_expressions
)
