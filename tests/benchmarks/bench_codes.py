"""The benchmark problems by this package, scikit-fem and NGSolve; results are kept beside them."""

import time
from importlib import import_module
from pathlib import Path

import pytest
from codes.drivers import COUPLED, film_on_half_space, heated_square, planar_cell
from problems import Result, load, write

CODES = {"mitmodels": "own", "scikit-fem": "scikit_fem", "NGSolve": "ngsolve_code"}
NEEDS = {"scikit-fem": "skfem", "NGSolve": "ngsolve"}
CELLS = {"mitmodels": "own_cell", "scikit-fem": "scikit_fem_cell"}
FILMS = {"mitmodels": "own_film", "SciPy": "finite_volumes"}
PAIRS = [
    *(
        (code, module, problem)
        for problem in (*COUPLED, "heated_square")
        for code, module in CODES.items()
    ),
    *((code, module, "planar_cell") for code, module in CELLS.items()),
    *((code, module, "film_on_half_space") for code, module in FILMS.items()),
]


def solve(module, problem):
    if problem == "planar_cell":
        return planar_cell(module.ionic_current)
    if problem == "film_on_half_space":
        return film_on_half_space(module.Film())
    if problem in COUPLED:
        return COUPLED[problem](module.Coupled)
    return module.heated_square() if module.NAME == "mitmodels" else heated_square(module.heat)


@pytest.mark.parametrize(("code", "module", "problem"), PAIRS)
def test_code(code, module, problem, request):
    pytest.importorskip(NEEDS.get(code, "dolfinx"))
    module = import_module(f"codes.{module}")
    begin = time.process_time()
    found = solve(module, problem)
    seconds = round(time.process_time() - begin, 2)
    lines = len(Path(module.__file__).read_text().splitlines())
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
