"""A TOML file, or its content, on top of another one: ``base = "ecm_set"`` or ``"my.toml"``.

What the file says replaces what its base says, key by key; lists and numbers with their sources
are replaced as a whole. ``{}`` and ``[]`` leave nothing of what the base has, ``"unset"`` takes a
key or section out. A base may have a base. A ``[sweep]`` is of the file alone.
"""

import copy
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from mitmodels.cases.config.messages import known
from mitmodels.cases.config.shipped import CASES
from mitmodels.cases.config.toml_file import has, plain, read_toml
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
    if path.exists() or path.suffix or len(path.parts) != 1:
        return path
    return _shipped(path.name, f"{path}: there is no such file, and case")


def _shipped(name: Any, subject: str) -> Path:
    names = [file.stem for file in CASES.glob("*.toml")]
    return CASES / f"{known(name, names, subject)}.toml"


def _base(name: Any, path: Path) -> Path:
    """Return the file that another one names as its base."""
    if isinstance(name, str) and name.endswith(".toml"):
        return path.parent / name
    return _shipped(name, f"{path}: base")


def merged(layers: Sequence[Layer]) -> dict[str, Any]:
    """Return what the first layer says on top of the others."""
    own, *bases = (layer.data for layer in layers)
    runs = [{key: value for key, value in data.items() if key != "sweep"} for data in bases]
    found: dict[str, Any] = _without_unset(reduce(_on_top, reversed([own, *runs])))
    return copy.deepcopy(found)


def _without_unset(data: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_unset(value) if isinstance(value, dict) else value
        for key, value in data.items()
        if value != UNSET
    }


def _on_top(base: Any, own: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(own, dict) or "value" in own:
        return own
    return {
        **base,
        **{k: _on_top(base[k], v) if k in base and v != {} else v for k, v in own.items()},
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
    """Return what stands at a location, None if nothing does."""
    for part in location:
        node = node[part] if has(node, part) else None
    return node


def find_files(data: Any, folder: Path) -> None:
    """Make the paths in the data absolute: they count from the TOML file's folder."""
    if isinstance(data, list):
        for item in data:
            find_files(item, folder)
    elif isinstance(data, dict):
        for key, value in data.items():
            if isinstance(value, str) and _is_path(key, value):
                data[key] = str(folder / value)
            else:
                find_files(value, folder)


def keep_files(data: Any, folder: str, kept: dict[str, str]) -> None:
    """Let the data name copies of its files in a folder beside it: ``kept`` gets copy and file."""
    if isinstance(data, list):
        for item in data:
            keep_files(item, folder, kept)
    elif isinstance(data, dict):
        for key, value in data.items():
            if isinstance(value, str) and _is_path(key, value):
                name = Path(value).name.encode(errors="replace").decode()
                copies = (f"{folder}/{name}", *(f"{folder}/{i}-{name}" for i in range(len(kept))))
                data[key] = next(c for c in copies if kept.get(c, value) == value)
                kept[data[key]] = value
            else:
                keep_files(value, folder, kept)


def _is_path(key: str, value: str) -> bool:
    """Whether a text names a file; that of a material may also name a record."""
    if value == UNSET:
        return False
    return key in ("file", "mesh") or (key == "material" and value.endswith(".toml"))
