"""The two ways a run can end without a result: what was asked, and what happened."""


class InputError(ValueError):
    """The input cannot be used: one sentence that names file, key, value and remedy."""


class RunError(RuntimeError):
    """A valid run cannot go on: one sentence that names what failed and where."""
