"""Elementary functions of floats, arrays and UFL expressions alike."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

_NUMBERS = (float, int, np.ndarray, np.generic)


def _symbolic(*arguments: Any) -> bool:
    if all(isinstance(x, _NUMBERS) for x in arguments):  # the other test takes ten times as long
        return False
    ufl = sys.modules.get("ufl")  # an expression of it does not come without it
    return ufl is not None and any(isinstance(x, ufl.core.expr.Expr) for x in arguments)


def _function(name: str, numeric: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: getattr(sys.modules["ufl"], name)(x) if _symbolic(x) else numeric(x)


exp = _function("exp", np.exp)
"""Exponential."""
log = _function("ln", np.log)
"""Natural logarithm."""
sinh = _function("sinh", np.sinh)
"""Hyperbolic sine."""
cosh = _function("cosh", np.cosh)
"""Hyperbolic cosine."""
sqrt = _function("sqrt", np.sqrt)
"""Square root."""


def expm1(x: Any) -> Any:
    """Exponential minus one; without loss of digits near zero for numbers."""
    return exp(x) - 1 if _symbolic(x) else np.expm1(x)


def _conditional(a: Any, b: Any, then: Any, otherwise: Any) -> Any:
    """In UFL, one value where a < b and another one elsewhere."""
    ufl = sys.modules["ufl"]
    return ufl.conditional(ufl.lt(a, b), then, otherwise)


def smaller(a: Any, b: Any) -> Any:
    """Smaller of two values, with the derivative of the one it returns."""
    return _conditional(a, b, a, b) if _symbolic(a, b) else np.minimum(a, b)


def larger(a: Any, b: Any) -> Any:
    """Larger of two values, with the derivative of the one it returns."""
    return _conditional(b, a, a, b) if _symbolic(a, b) else np.maximum(a, b)


def below(x: Any, bound: float, then: Any, otherwise: Any) -> Any:
    """`then` where x < bound, else `otherwise`; both are evaluated."""
    if _symbolic(x, then, otherwise):
        return _conditional(x, bound, then, otherwise)
    return np.where(np.less(x, bound), then, otherwise)
