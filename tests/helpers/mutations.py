"""Mistakes that people and disks make in a TOML file or a mesh, drawn from a seeded generator.

An input is a file and, sometimes, ``--set`` items or a mesh, as `mitmodels check` takes them.
"""

import contextlib
import copy
import random
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import tomli_w

# A value of every type, and numbers that no float or no unit library likes.
_ODD: tuple[Any, ...] = (
    *(True, False, 0, -1, 3, 10**30, -(10**4000), 0.0, -0.0, 1e-320, 1e308, float("nan")),
    *(float("inf"), "", " ", "x", "100", "1e400 um", "1e-400 um", "nan m", "inf K", "-5 um"),
    *(
        "100 um um",
        "1 furlong",
        "1 m^99",
        "1e99999999 m",
        "3 µm",
        "3 μm",
        "−3 K",
        "\uff12 V",
        "1 K/0",
    ),
    *("half_space", "ramp", "quarter", "none", "pads", "voltage", "I > 1 mA", "gap < 1 V", "\n"),
    *("a\nb", '"', "\x7f", "\u202e", "é" * 500, "../../etc", "{}", "%s", "1 V; 2 V"),
    *([], [[]], [1, "2 V"], ["1 V"] * 50, {}, {"value": {}}, {"value": "1 V", "status": "guess"}),
    *({"value": "1 um", "unit": "m"}, {"step": "ramp"}, [{"step": "hold"}], [{}]),
)
_UNITS = ("m", "um", "nm", "K", "degC", "V", "mV", "A", "uA", "s", "ohm", "kohm", "eV", "S/m")
_UNITS += ("1/s", "W/(m K)", "%", "", "m2", "Hz", "ohm m", "kg", "V/s", "furlong", "um/", "m^2")
_WORDS = ("[", "]", "{", "}", "=", '"', "'", "\n", "#", ",", ".", "[[protocol]]", "[mesh]", "\\")
_WORDS += ("\x00", "\ufeff", "\r", "case = 1\n", '"""', "1e", "[sweep]\n", "é", "inf", "\\ud800")

_MESHED = 0.1
_NUMBERS = ("0", "-1", "1", "2", "7", "99999999", "1e400", "nan", "inf", "-0.0", "1e-300", "x", "")

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Mesh:
    """A file beside the TOML file that names it."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Input:
    """A file, what is given with ``--set``, and the mesh that the file names."""

    text: bytes
    overrides: tuple[str, ...] = ()
    mesh: Mesh | None = None

    @property
    def parses(self) -> bool:
        """Whether the file is TOML."""
        try:
            tomllib.loads(self.text.decode())
        except (ValueError, RecursionError):
            return False
        return True


def inputs(bases: list[dict[str, Any]], meshed: list[Input], seed: int) -> Iterator[Input]:
    """Yield mutated inputs for ever; a tenth have mistakes in their mesh.

    Parameters
    ----------
    bases
        Content of TOML files.
    meshed
        Inputs with a mesh.
    seed
        Of the generator.
    """
    draw = random.Random(seed)
    while True:
        if draw.random() < _MESHED:
            yield _with_another_mesh(draw.choice(meshed), draw)
        else:
            yield _with_another_text(copy.deepcopy(draw.choice(bases)), draw)


def _with_another_text(data: dict[str, Any], draw: random.Random) -> Input:
    """Make mistakes in a document: of three, two have them in their values alone."""
    kind = draw.random()
    if kind < 0.35:  # of this kind, most are good inputs
        for _ in range(_few(draw)):
            _change_number(data, draw)
        return Input(tomli_w.dumps(data).encode())
    if kind < 0.7:
        for _ in range(_few(draw)):
            draw.choice(_MUTATIONS)(data, draw)
        return Input(_text(data).encode())
    if kind < 0.8:
        overrides = tuple(_override(data, draw) for _ in range(_few(draw)))
        return Input(tomli_w.dumps(data).encode(), overrides)
    text = tomli_w.dumps(data)
    for _ in range(_few(draw)):
        text = _damaged(text, draw)
    return Input(_bytes(text, draw))


def _few(draw: random.Random) -> int:
    return draw.choice((1, 1, 1, 2, 2, 3, 5))


def _text(data: dict[str, Any]) -> str:
    """TOML of a mutated document; an integer of thousands of digits is more than Python prints."""
    try:
        return tomli_w.dumps(data)
    except ValueError:
        return "x = " + "9" * 5000


def _places(data: Any, path: Path = ()) -> Iterator[Path]:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from _places(value, (*path, key))


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _choose(data: dict[str, Any], draw: random.Random, leaf: bool = False) -> Path | None:
    """Draw a key of the document, or one whose value is no table and no list."""
    found = [
        path for path in _places(data) if not (leaf and isinstance(_at(data, path), dict | list))
    ]
    return draw.choice(found) if found else None


def _change_number(data: dict[str, Any], draw: random.Random) -> None:
    """Another magnitude, sign or way to write one number."""
    numbers = [
        path
        for path in _places(data)
        if isinstance(value := _at(data, path), str | int | float)
        and not isinstance(value, bool)
        and re.match(r"[+-]?\d", str(value))
    ]
    if not numbers:
        return
    path = draw.choice(numbers)
    value = _at(data, path)
    given = str(value)
    match = re.match(r"[+-]?[\d.]+(?:e[+-]?\d+)?", given)
    size = draw.choice((0.9, 1.1, 0.5, 2.0, 3.7, 0.1, 10.0, 1e-3, 1e3, 1e-9, 1e9, -1.0, 0.0))
    number = float(match[0]) * size if match else 0.0
    if isinstance(value, str):
        changed: Any = f"{number:.6g}{given[match.end() :] if match else ''}"
    else:
        whole = isinstance(value, int) and draw.random() < 0.8 and abs(number) < 1e18
        changed = round(number) if whole else number
    _at(data, path[:-1])[path[-1]] = changed


def _other_unit(data: dict[str, Any], draw: random.Random) -> None:
    path = _choose(data, draw, leaf=True)
    if path and isinstance(value := _at(data, path), str):
        number = re.match(r"[+-]?[\d.e+-]*", value)
        _at(data, path[:-1])[path[-1]] = f"{number[0] if number else ''} {draw.choice(_UNITS)}"


def _odd_value(data: dict[str, Any], draw: random.Random) -> None:
    if path := _choose(data, draw):
        _at(data, path[:-1])[path[-1]] = copy.deepcopy(draw.choice(_ODD))


def _remove(data: dict[str, Any], draw: random.Random) -> None:
    if path := _choose(data, draw):
        del _at(data, path[:-1])[path[-1]]


def _rename(data: dict[str, Any], draw: random.Random) -> None:
    path = _choose(data, draw)
    if path and isinstance(path[-1], str):
        table, key = _at(data, path[:-1]), path[-1]
        cut = draw.randrange(len(key) + 1)
        names = (key[:cut] + key[cut + 1 :], key[:cut] + "x" + key[cut:], key.upper(), key[::-1])
        table[draw.choice(names)] = table.pop(key)


def _move(data: dict[str, Any], draw: random.Random) -> None:
    """Put a copy of one value at the place of another one."""
    source, target = _choose(data, draw), _choose(data, draw)
    if source and target:
        _at(data, target[:-1])[target[-1]] = copy.deepcopy(_at(data, source))


def _wrap(data: dict[str, Any], draw: random.Random) -> None:
    if path := _choose(data, draw):
        parent, value = _at(data, path[:-1]), _at(data, path)
        for _ in range(draw.choice((1, 1, 2, 30))):
            value = draw.choice(({"value": value}, [value], {path[-1]: value}))
            value = {str(key): item for key, item in value.items()} if _is_table(value) else value
        parent[path[-1]] = value


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _new_key(data: dict[str, Any], draw: random.Random) -> None:
    tables = [data, *(t for path in _places(data) if _is_table(t := _at(data, path)))]
    key = draw.choice(("x", "", "value", "source", "status", "sweep", "step", "a.b", "case", "é\n"))
    draw.choice(tables)[key] = copy.deepcopy(draw.choice(_ODD))


_MUTATIONS: tuple[Callable[[dict[str, Any], random.Random], None], ...] = (
    *(_change_number, _other_unit, _odd_value, _remove, _rename, _move, _wrap, _new_key),
)


def _override(data: dict[str, Any], draw: random.Random) -> str:
    """One ``--set`` item, most of them for a key that the file has."""
    path = _choose(data, draw)
    key = ".".join(map(str, path or ("x",)))
    if draw.random() < 0.2:
        key = draw.choice((key + ".0", key + ".x", key[1:], "", ".", "protocol.99.to", key[::-1]))
    changed = copy.deepcopy(data)
    draw.choice((_change_number, _odd_value, _other_unit))(changed, draw)
    value = str(draw.choice(_ODD[11:]))
    with contextlib.suppress(KeyError, IndexError, TypeError):
        value = str(_at(changed, path or ()))
    return draw.choice((f"{key}={value}", f"{key} = {value}", f'{key}="{value}"', key, value))


def _damaged(text: str, draw: random.Random) -> str:
    """Cut, double or swap some of a text, or put something into it."""
    a, b = sorted(draw.randrange(len(text) + 1) for _ in range(2))
    lines = text.split("\n")
    i, j = draw.randrange(len(lines)), draw.randrange(len(lines))
    kind = draw.randrange(6)
    if kind == 0:
        return text[:a] + text[a + draw.randrange(1, 4) :]
    if kind == 1:
        return text[:a] + draw.choice(_WORDS) + text[a:]
    if kind == 2:
        return "\n".join([*lines[:i], lines[j], *lines[i:]])
    if kind == 3:
        return "\n".join([*lines[:i], *lines[i + 1 :]])
    if kind == 4:
        return text[:a] if draw.random() < 0.3 else text[:a] + text[min(b, a + 40) :]
    digits = [match.start() for match in re.finditer(r"\d", text)] or [0]
    at = draw.choice(digits)
    return text[:at] + draw.choice("0123456789-.e") + text[at + 1 :]


def _with_another_mesh(item: Input, draw: random.Random) -> Input:
    """Damage the mesh of an input, as text where it is text and as bytes where it is not."""
    assert item.mesh
    text = item.mesh.content.decode("latin-1")
    for _ in range(_few(draw)):
        text = draw.choice((_damaged, _other_number, _other_name))(text, draw)
    return replace(item, mesh=replace(item.mesh, content=text.encode("latin-1", "replace")))


def _other_number(text: str, draw: random.Random) -> str:
    numbers = list(re.finditer(r"[+-]?\d[\d.]*(e[+-]?\d+)?", text))
    if not numbers:
        return text
    match = draw.choice(numbers)
    number = draw.choice((*_NUMBERS, draw.choice(numbers)[0]))
    return text[: match.start()] + number + text[match.end() :]


def _other_name(text: str, draw: random.Random) -> str:
    """Call one thing like another one."""
    names = sorted(set(re.findall(r"[A-Za-z_]{3,}", text)))
    if not names:
        return text
    return text.replace(draw.choice(names), draw.choice(names), draw.choice((1, -1)))


def _bytes(text: str, draw: random.Random) -> bytes:
    """Encode a text, rarely not as UTF-8."""
    kind = draw.random()
    if kind < 0.02:
        return text.encode("utf-16", errors="replace")
    data = text.encode(errors="replace")
    if kind < 0.05:
        at = draw.randrange(len(data) + 1)
        return data[:at] + bytes([draw.randrange(256)]) + data[at:]
    return data
