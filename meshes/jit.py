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

import ffcx.codegeneration.jit
from dolfinx.jit import DOLFINX_DEFAULT_JIT_OPTIONS

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
_FOLDER = "mitmodels"  # within the cache of DOLFINx: other programs there do not ask for the lock


def one_at_a_time[Result](compile_objects: Callable[..., Result]) -> Callable[..., Result]:
    """Let a compiling function of FFCx wait for its turn and remove what others left behind."""

    @functools.wraps(compile_objects)
    def compile_alone(*objects: Any, cache_dir: Path, **options: Any) -> Result:
        folder = cache_dir / _FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("a") as lock:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(lock, fcntl.LOCK_EX)
                _remove_leftovers(folder)
            return compile_objects(*objects, cache_dir=folder, **options)

    return compile_alone


def _remove_leftovers(folder: Path) -> None:
    with os.scandir(folder) as entries:  # thousands, at each form: faster than as paths
        names = {entry.name for entry in entries}
    for claim in (name for name in names if name.endswith(".c") and f"{name}.cached" not in names):
        for path in folder.glob(f"{claim.removesuffix('.c')}.*"):
            path.unlink(missing_ok=True)


# The default only: what a user's dolfinx_jit_options.json says still holds.
_, _meaning = DOLFINX_DEFAULT_JIT_OPTIONS["cffi_extra_compile_args"]
DOLFINX_DEFAULT_JIT_OPTIONS["cffi_extra_compile_args"] = (_FLAGS, _meaning)

ffcx.codegeneration.jit.compile_forms = one_at_a_time(ffcx.codegeneration.jit.compile_forms)
ffcx.codegeneration.jit.compile_expressions = one_at_a_time(
    ffcx.codegeneration.jit.compile_expressions
)
