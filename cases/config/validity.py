"""Whether a run stays where the laws of its materials hold."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from mitmodels.cases.config.materials import Material

_SYMBOLS = {"K": "T_max", "V": "V"}


def left_ranges(
    config: BaseModel, before: Mapping[str, float], now: Mapping[str, float]
) -> Iterator[str]:
    """Say which laws a run has just left the range of: each once per run and side.

    Parameters
    ----------
    config
        Checked configuration of a case.
    before
        The largest values by now, by their units, ``{"K": 300.0}``; empty at the beginning.
    now
        The present ones.

    Yields
    ------
    str
        A sentence.
    """
    for section, content in config:
        for law, (low, high) in content.valid.items() if isinstance(content, Material) else ():
            if low.unit not in now:
                continue
            value, largest = now[low.unit], before.get(low.unit)
            above = value > high and (largest is None or largest <= high)
            if above or (value < low and largest is None):
                yield (
                    f"{_SYMBOLS[low.unit]} = {value:.4g} {low.unit} is "
                    f"{'above' if above else 'below'} the range of {section}.{law}, "
                    f"{low.given} to {high.given}"
                )
