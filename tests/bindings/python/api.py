"""The public surface of the package as text, from what `inspect` sees.

    api.py [--update]

Fails when bindings/api/python.txt differs (--update writes it), when something public has no documentation, and when something public mentions a type
of the generated module.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import enum
import inspect
import sys
import types
from pathlib import Path

import idwallet

ROOT = Path(__file__).resolve().parents[3]
SNAPSHOT = ROOT / "bindings" / "api" / "python.txt"
faults: list[str] = []


def class_node(cls: type) -> ast.ClassDef:
    """The class in its source; `inspect` does not find every one on each version of Python."""
    tree = ast.parse(Path(sys.modules[cls.__module__].__file__).read_text(encoding="utf-8"))
    return next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == cls.__name__)


def documented_attributes(cls: type) -> set[str]:
    """Names of a class body, and of its constructor, that a string follows."""
    found = set()
    for node in ast.walk(class_node(cls)):
        for body in (getattr(node, "body", None),):
            if not isinstance(body, list):
                continue
            for first, second in zip(body, body[1:]):
                if isinstance(second, ast.Expr) and isinstance(second.value, ast.Constant) and isinstance(second.value.value, str):
                    target = first.target if isinstance(first, ast.AnnAssign) else first.targets[0] if isinstance(first, ast.Assign) else None
                    if isinstance(target, ast.Name):
                        found.add(target.id)
                    elif isinstance(target, ast.Attribute):
                        found.add(target.attr)
    return found


def attributes(cls: type) -> dict[str, str]:
    """What instances have, with their types, as the source says."""
    found = {}
    tree = class_node(cls)
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and not isinstance(node.target, ast.Subscript):
            own = isinstance(node.target, ast.Name) and node in tree.body
            on_self = isinstance(node.target, ast.Attribute) and isinstance(node.target.value, ast.Name) and node.target.value.id == "self"
            name = node.target.id if isinstance(node.target, ast.Name) else node.target.attr
            if (own or on_self) and not name.startswith("_"):
                default = "" if node.value is None or on_self else f" = {ast.unparse(node.value)}"
                found[name] = f"{ast.unparse(node.annotation)}{default}"
    return found


def signature(function: object) -> str:
    try:
        return str(inspect.signature(function)).replace("'", "")
    except (TypeError, ValueError):
        return "(…)"


def doc(path: str, thing: object) -> None:
    text = thing.__doc__ if not isinstance(thing, types.FunctionType) else inspect.getdoc(thing)
    if not text or text.startswith(f"{getattr(thing, '__name__', '')}("):
        faults.append(f"{path} has no documentation")


def lines_of(name: str, thing: object) -> list[str]:
    if not inspect.isclass(thing) or isinstance(thing, types.GenericAlias):
        if inspect.isfunction(thing):
            doc(name, thing)
            return [f"def {name}{signature(thing)}"]
        return [f"type {name} = {thing}".replace("typing.", "").replace("idwallet.", "")]
    doc(name, thing)
    bases = [base.__name__ for base in thing.__bases__ if base is not object]
    frozen = "frozen " if dataclasses.is_dataclass(thing) and thing.__dataclass_params__.frozen else ""
    out = [f"{frozen}class {name}{'(' + ', '.join(bases) + ')' if bases else ''}"]
    told = documented_attributes(thing)
    if issubclass(thing, enum.Enum):
        for member in thing:
            out.append(f"    {member.name} = {member.value!r}")
            if member.name not in told:
                faults.append(f"{name}.{member.name} has no documentation")
        return out
    for attribute, kind in attributes(thing).items():
        out.append(f"    {attribute}: {kind}")
        if attribute not in told:
            faults.append(f"{name}.{attribute} has no documentation")
    for member, value in sorted(vars(thing).items()):
        special = member in ("__init__", "__enter__", "__aenter__") and not dataclasses.is_dataclass(thing)
        if member.startswith("_") and not special:
            continue
        function = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        kind = {classmethod: "classmethod ", staticmethod: "staticmethod "}.get(type(value), "")
        if isinstance(value, property):
            doc(f"{name}.{member}", value)
            out.append(f"    property {member}{signature(value.fget)}")
        elif inspect.isfunction(function):
            if member.startswith("_") and member != "__init__":
                out.append(f"    {member}")
                continue
            if member != "__init__":
                doc(f"{name}.{member}", function)
            elif thing in MADE_BY_OTHERS or issubclass(thing, Exception) or "ffi" in inspect.signature(function).parameters:
                continue
            wait = "async " if inspect.iscoroutinefunction(function) else ""
            out.append(f"    {kind}{wait}def {member}{signature(function)}")
    return out


MADE_BY_OTHERS = (idwallet.StreamListener,)


def main() -> None:
    lines = []
    for name in sorted(idwallet.__all__):
        lines += [*lines_of(name, getattr(idwallet, name)), ""]
    text = "\n".join(lines)
    for line in lines:
        if "_ffi" in line:
            faults.append(f"the generated module shows: {line.strip()}")
    for fault in faults:
        print(f"api: {fault}")
    if "--update" in sys.argv[1:]:
        SNAPSHOT.write_text(text, encoding="utf-8")
    before = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.exists() else ""
    if before != text:
        print("\n".join(difflib.unified_diff(before.splitlines(), text.splitlines(), "snapshot", "now", lineterm="", n=1)))
        print(f"api: the public surface is not what {SNAPSHOT.relative_to(ROOT)} says; `run LIBRARY_DIR --update-api` writes it")
    print(f"api: {len(idwallet.__all__)} public names")
    sys.exit(bool(faults) or before != text)


main()
