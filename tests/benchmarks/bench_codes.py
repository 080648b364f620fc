"""The benchmark problems by every code that is installed; results are kept beside them."""

import gc
import os
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from codes.drivers import COUPLED, Found, film_on_half_space, heated_square, planar_cell
from codes.growing import hemisphere
from problems import Result, load, write
from references.oscillator import cycle

CODES = {
    "mitmodels": "own",
    "scikit-fem": "scikit_fem",
    "NGSolve": "ngsolve_code",
}
WITH_FREEFEM = CODES | {"FreeFEM": "freefem"}
NEEDS = {"scikit-fem": "skfem", "NGSolve": "ngsolve"}
CELLS = {"mitmodels": "own_cell", "scikit-fem": "scikit_fem_cell"}
GROWING = {"mitmodels": "own_cell", "scikit-fem": "scikit_fem_growing"}
CIRCUITS = {"mitmodels": "own_oscillator", "scikit-fem": "scikit_fem_oscillator"}
FILMS = {"mitmodels": "own_film", "SciPy": "finite_volumes"}

PROBLEMS: dict[str, tuple[dict[str, str], Callable[[ModuleType], Found]]] = {
    **{
        name: (
            CODES if name in ("constriction", "filament") else WITH_FREEFEM,
            lambda module, solve=solve: solve(module.Coupled),
        )
        for name, solve in COUPLED.items()
    },
    "heated_square": (
        WITH_FREEFEM,
        lambda module: (
            module.heated_square() if module.NAME == "mitmodels" else heated_square(module.heat)
        ),
    ),
    "planar_cell": (CELLS, lambda module: planar_cell(module.ionic_current)),
    "film_on_half_space": (FILMS, lambda module: film_on_half_space(module.Film())),
    "hemisphere": (GROWING, lambda module: hemisphere(module.Growing)),
    "oscillator": (CIRCUITS, lambda module: cycle(*module.oscillation())),
}
PAIRS = [
    (problem, code, module)
    for problem, (codes, _) in PROBLEMS.items()
    for code, module in codes.items()
]


def cpu() -> float:
    """CPU time of this process and of those that it has waited for [s]."""
    gc.collect()
    return sum(os.times()[:4])


@pytest.mark.parametrize(("problem", "code", "module"), PAIRS)
def test_code(problem, code, module, request):
    if code == "FreeFEM" and not shutil.which("FreeFem++"):
        pytest.skip("FreeFem++ is not installed")
    pytest.importorskip(NEEDS.get(code, "dolfinx"))
    module = import_module(f"codes.{module}")
    begin = cpu()
    found = PROBLEMS[problem][1](module)
    seconds = round(cpu() - begin, 2)
    file = Path(module.__file__)
    sources = [file, *file.parent.glob(f"{file.stem}*.edp")]
    lines = sum(len(source.read_text().splitlines()) for source in sources)
    results = [
        Result(code, module.VERSION, name, value, seconds, lines, "")
        for name, value in found.items()
    ]
    if request.config.getoption("--write-performance"):
        write(problem, code.lower().replace("-", "_"), results)
    known = load(problem)
    tolerance = {q.quantity: q.tolerance for q in known.report}
    for result in results:
        assert known.error(result) <= tolerance[result.quantity]
