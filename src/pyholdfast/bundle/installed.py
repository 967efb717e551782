"""Says which packages a Python has, and what they require. Runs in that Python, by its path.

So it may import the standard library only, of Python 3.10 or later.
"""

from __future__ import annotations

import ast
import contextlib
import csv
import json
import os
import platform
import re
import sys
from importlib import metadata

__all__ = ["answers", "holds"]

REQUIREMENT = re.compile(r"\s*([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?")
VERSIONS = ("python_version", "python_full_version", "implementation_version")
STRINGS = {
    "os_name": os.name,
    "sys_platform": sys.platform,
    "platform_machine": platform.machine(),
    "platform_python_implementation": platform.python_implementation(),
    "platform_release": platform.release(),
    "platform_system": platform.system(),
    "platform_version": platform.version(),
    "python_version": "{}.{}".format(*sys.version_info),
    "python_full_version": platform.python_version(),
    "implementation_name": sys.implementation.name,
    "implementation_version": platform.python_version(),
}


def plain(name: str) -> str:
    """A package's name as packages are compared.

    >>> plain("Some_Package.x")
    'some-package-x'
    """
    return re.sub("[-_.]+", "-", name).lower()


def parts_of(requirement: str) -> tuple[str, frozenset[str], str]:
    """A requirement's name, extras and marker.

    >>> parts_of("mid[fast] >=1; extra == 'all'")
    ('mid', frozenset({'fast'}), "extra == 'all'")
    """
    found = REQUIREMENT.match(requirement)
    if found is None:
        return "", frozenset(), ""
    extras = frozenset(plain(word.strip()) for word in (found[2] or "").split(",") if word.strip())
    return plain(found[1]), extras, requirement.partition(";")[2].strip()


def holds(marker: str, extras: frozenset[str] = frozenset()) -> bool:
    """Whether a requirement with this marker counts here, if these extras are asked for.

    >>> holds("python_version >= '3.8' and extra == 'fast'", frozenset({"fast"}))
    True
    >>> holds("python_version < '3.8'"), holds("python_version ~= '3.0'"), holds("extra == 'fast'")
    (False, True, False)

    Raises:
        ValueError: it is not a marker.
    """
    if not marker:
        return True
    try:  # Python has no ~= and no ===
        tree = ast.parse(marker.replace("~=", " is ").replace("===", "=="), mode="eval").body
    except SyntaxError as error:
        raise ValueError(marker) from error
    return any(_value(tree, extra) for extra in extras or {""})


def _value(node: ast.AST, extra: str) -> bool:
    if isinstance(node, ast.BoolOp):
        parts = [_value(part, extra) for part in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        raise ValueError(ast.dump(node))
    sides = (node.left, node.comparators[0])
    left, right = (_text(side, extra) for side in sides)
    if isinstance(node.ops[0], (ast.In, ast.NotIn)):
        return (left in right) == isinstance(node.ops[0], ast.In)
    if any(isinstance(side, ast.Name) and side.id in VERSIONS for side in sides):
        return _compare(node.ops[0], _numbers(left), _numbers(right), is_prefix="*" in left + right)
    return _compare(node.ops[0], left, right, is_prefix=False)


def _text(node: ast.AST, extra: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name) and node.id in STRINGS:
        return STRINGS[node.id]
    if isinstance(node, ast.Name) and node.id == "extra":
        return extra
    raise ValueError(ast.dump(node))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text.partition("+")[0])[:3]))


def _compare(
    how: ast.cmpop, left: str | tuple[int, ...], right: str | tuple[int, ...], *, is_prefix: bool
) -> bool:
    if isinstance(how, ast.Is):
        return left >= right and left[: len(right) - 1] == right[:-1]  # type: ignore[operator]
    if is_prefix:
        left = left[: len(right)]
    if isinstance(left, str) and isinstance(right, str):
        left, right = plain(left), plain(right)
    elif isinstance(left, tuple) and isinstance(right, tuple):  # 3.8 is 3.8.0
        length = max(len(left), len(right))
        left, right = (side + (0,) * (length - len(side)) for side in (left, right))
    return {
        ast.Eq: left == right,
        ast.NotEq: left != right,
        ast.Lt: left < right,  # type: ignore[operator]
        ast.LtE: left <= right,  # type: ignore[operator]
        ast.Gt: left > right,  # type: ignore[operator]
        ast.GtE: left >= right,  # type: ignore[operator]
    }[type(how)]


def answers(names: list[str]) -> dict[str, list[object]]:
    """The packages of these names, with all that they require; and those that are not there."""
    known: dict[str, metadata.Distribution] = {}
    for one in metadata.distributions():
        # From 3.15 on: for what pip left half removed, and for metadata without a name
        with contextlib.suppress(FileNotFoundError, KeyError):
            known.setdefault(plain(one.metadata["Name"] or ""), one)
    found: dict[str, object] = {}
    absent: list[object] = []
    seen: set[tuple[str, str]] = set()
    waiting = [(*parts_of(name)[:2], "") for name in names]
    while waiting:
        name, extras, reason = waiting.pop()
        there = known.get(name)
        if there is None:
            absent.append([name, reason])
            continue
        # Each extra once: they may require each other
        new = {("", name), *((extra, name) for extra in extras)} - seen
        seen |= new
        if not new:
            continue
        title = there.metadata["Name"]
        found[name] = _described(there)
        for text in there.requires or []:
            needed, of_needed, marker = parts_of(text)
            if _counts(marker, frozenset(extra for extra, _ in new), needed in known):
                waiting.append((needed, of_needed, title))
    return {"found": list(found.values()), "absent": absent}


def _counts(marker: str, extras: frozenset[str], is_known: bool) -> bool:
    try:
        return holds(marker, extras)
    except (ValueError, KeyError, TypeError):  # then it held if what it is about is installed
        return is_known and "extra" not in marker


def _described(one: metadata.Distribution) -> dict[str, object]:
    base = os.path.realpath(str(one.locate_file("")))
    link = one.read_text("direct_url.json")
    editable = bool(link and (json.loads(link).get("dir_info") or {}).get("editable"))
    record = one.read_text("RECORD")
    if record is None:
        names = [str(file) for file in one.files or []]
    else:  # from 3.12 on, `files` has no links that lead nowhere
        names = [row[0] for row in csv.reader(record.splitlines()) if row]
    files = [[os.path.join(base, name), name] for name in names]  # noqa: PTH118
    return {
        "name": one.metadata["Name"],
        "version": one.version,
        "editable": editable,
        "files": files,
    }


if __name__ == "__main__":
    json.dump(answers(sys.argv[1:]), sys.stdout)
