"""A TOML file, or its content, on top of another one: ``base = "ecm_set"`` or ``"my.toml"``.

What the file says replaces what its base says, key by key; lists and numbers with their sources
are replaced as a whole. ``{}`` and ``[]`` leave nothing of what the base has, ``"unset"`` takes a
key or section out. A base may have a base. A ``[sweep]`` is of the file alone.
"""

import copy
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from mitmodels.cases.config.messages import known, shortened
from mitmodels.cases.config.shipped import CASES
from mitmodels.cases.config.toml_file import check_key, has, plain, read_toml
from mitmodels.errors import InputError

RENAMED = {
    "compliance.current": "circuit.compliance",
    "compliance.voltage_scale": "circuit.compliance_softness",
}
"""Keys that files may still give by their former names."""

UNSET = "unset"
"""Value of a key that is to be as if no file gave it."""

# A file, the name of a shipped case, or content as it would stand in a file.
type Source = Path | str | Mapping[str, Any]


@dataclass(frozen=True)
class Layer:
    """One of the files that a configuration consists of.

    Attributes
    ----------
    path : Path
        ``mapping`` of content that is not a file.
    text : str
        As it stands on disk, empty without a file.
    data : dict
        Parsed, paths in it absolute, without ``base``.
    """

    path: Path
    text: str
    data: dict[str, Any]

    def written(self, location: Sequence[int | str]) -> tuple[int | str, ...]:
        """Location of a key under the name that the file gives it."""
        former = {present: name for name, present in RENAMED.items()}.get(
            ".".join(map(str, location))
        )
        if former and _at(tomllib.loads(self.text), former.split(".")) is not None:
            return tuple(former.split("."))
        return tuple(location)

    def has(self, location: Sequence[int | str]) -> bool:
        """Whether the file itself gives a key."""
        return self.at(location) is not None

    def at(self, location: Sequence[int | str]) -> Any:
        """Return what the file itself gives at a key, None if nothing."""
        return _at(self.data, location)


def read_layers(source: Source) -> tuple[Layer, ...]:
    """Return a file or content, its base, the base of that, and so on.

    Raises
    ------
    InputError
        If one of them is missing, unreadable, empty or not TOML, or leads back to one before it.
    """
    layers: list[Layer] = []
    given = isinstance(source, Mapping)
    following: Path | None = Path("mapping") if isinstance(source, Mapping) else _find(Path(source))
    while following is not None:
        text, data = ("", plain(source)) if given and not layers else read_toml(following)
        if following.resolve() in [layer.path.resolve() for layer in layers]:
            raise InputError(f"{layers[-1].path}: base leads back to {following}: remove it")
        if not data:
            raise InputError(
                f"{following}: is empty: start from a shipped case with `mitmodels new`"
            )
        base = data.pop("base", None)
        _refuse_both_names(data, following)
        rename(data)
        find_files(data, following.absolute().parent)
        layers.append(Layer(following, text, data))
        following = None if base is None else _base(base, following)
    return tuple(layers)


def _find(path: Path) -> Path:
    """Return a file, or the shipped case of its name where there is none."""
    if (path / "run.json").exists():
        raise InputError(
            f"{path}: is a run folder: `mitmodels resume {path}` goes on with it, "
            f"{path / 'config.toml'} is its input"
        )
    if path.exists() or path.suffix or len(path.parts) != 1:
        return path
    return _shipped(path.name, f"{path}: there is no such file, and case")


def _shipped(name: Any, subject: str) -> Path:
    names = [file.stem for file in CASES.glob("*.toml")]
    return CASES / f"{known(name, names, subject)}.toml"


def _base(name: Any, path: Path) -> Path:
    if isinstance(name, str) and name.endswith(".toml"):
        return path.parent / name
    return _shipped(name, f"{path}: base")


def merged(layers: Sequence[Layer]) -> dict[str, Any]:
    """Return what the first layer says on top of the others."""
    own, *bases = (layer.data for layer in layers)
    runs = [{key: value for key, value in data.items() if key != "sweep"} for data in bases]
    found: dict[str, Any] = _without_unset(reduce(on_top, reversed([own, *runs])))
    return copy.deepcopy(found)


def _without_unset(data: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_unset(value) if isinstance(value, dict) else value
        for key, value in data.items()
        if value != UNSET
    }


def on_top(base: Any, own: Any) -> Any:
    """Return what is written on top of something else, key by key."""
    if not isinstance(base, dict) or not isinstance(own, dict) or "value" in own:
        return own
    return {
        **base,
        **{k: on_top(base[k], v) if k in base and v != {} else v for k, v in own.items()},
    }


def rename(data: dict[str, Any]) -> None:
    """Put what stands at former names of keys at the present ones, in place of what is there."""
    for former, present in RENAMED.items():
        section, key = former.split(".")
        table = data.get(section)
        if isinstance(table, dict) and key in table:
            into, name = present.split(".")
            data[into] = {**data.get(into, {}), name: table.pop(key)}
            if not table:
                del data[section]


def _refuse_both_names(data: dict[str, Any], path: Path) -> None:
    for former, present in RENAMED.items():
        if all(_at(data, key.split(".")) is not None for key in (former, present)):
            raise InputError(f"{path}: {former} is another name of {present}: give one of them")


def si(config: dict[str, Any], key: str) -> float | None:
    """Return the value in SI at a key of a resolved configuration, whatever its name was then."""
    former = next((old for old, new in RENAMED.items() if new == key), key)
    entry = _at(config, key.split(".")) or _at(config, former.split("."))
    return None if entry is None else float(str(entry["value"]).split()[0])


def _at(node: Any, location: Sequence[int | str]) -> Any:
    for part in location:
        node = node[part] if has(node, part) else None
    return node


def put(data: dict[str, Any], key: str, value: Any, origin: str) -> None:
    """Put a value at a dotted key of a parsed document; items of a list have numbers.

    Raises
    ------
    InputError
        If the key leads nowhere; ``origin`` says where it was given.
    """
    table, last = _parent(data, key, origin)
    table[_index(table, last, key, origin)] = value
    rename(data)


def _parent(data: dict[str, Any], key: str, origin: str) -> tuple[Any, str]:
    """Return the table or list that a dotted key leads to, made if need be, and its last part."""
    *parents, last = key.split(".")
    table: Any = data
    for part in parents:
        if isinstance(table, dict):
            table.setdefault(part, {})
        table = table[_index(table, part, key, origin)]
    return table, last


def override(data: dict[str, Any], item: str) -> None:
    """Put one ``section.key=value`` of the command line into a parsed document.

    Raises
    ------
    InputError
        If it is none, or its key leads nowhere.
    """
    name, equals, text = item.partition("=")
    key, origin = name.strip(), f"--set {shortened(item)}"
    check_key(key, origin)
    if not equals or not all(key.split(".")):
        raise InputError(f'{origin}: is not "section.key=value": write --set output.figures=false')
    if text.strip():
        put(data, key, _value(text.strip()), origin)
        return
    table, last = _parent(data, RENAMED.get(key, key), origin)
    if not (isinstance(table, dict) and last in table):
        raise InputError(f'{origin}: no key of the file is called "{key}": name one to take out')
    del table[last]


def _index(table: Any, part: str, key: str, origin: str) -> int | str:
    """Return a part of a key, of a list the position that it is the number of."""
    if isinstance(table, dict):
        return part
    if isinstance(table, list) and part.isdecimal() and int(part) < len(table):
        return int(part)
    raise InputError(f'{origin}: nothing in the file is called "{key}": name a key of it')


def _value(text: str) -> Any:
    """Read a TOML value, or else the text itself: a shell takes the quotes off a string."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def find_files(data: Any, folder: Path) -> None:
    """Make the paths in the data absolute: they count from the TOML file's folder."""
    _change_files(data, lambda file: str(folder / file))


def keep_files(data: Any, folder: str, kept: dict[str, str]) -> None:
    """Let the data name copies of its files in a folder beside it: ``kept`` gets copy and file."""

    def copied(file: str) -> str:
        name = Path(file).name.encode(errors="replace").decode()
        copies = (f"{folder}/{name}", *(f"{folder}/{i}-{name}" for i in range(len(kept))))
        chosen = next(c for c in copies if kept.get(c, file) == file)
        kept[chosen] = file
        return chosen

    _change_files(data, copied)


def _change_files(data: Any, change: Callable[[str], str]) -> None:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        if isinstance(value, str) and _is_path(key, value):
            data[key] = change(value)
        elif isinstance(value, dict | list):
            _change_files(value, change)


def _is_path(key: int | str, value: str) -> bool:
    """Whether a text names a file; that of a material may also name a record."""
    if value == UNSET:
        return False
    names = ("file", "conductivity_file", "layout", "mesh")
    return key in names or (key == "material" and value.endswith(".toml"))
