// holdfast/calls/fingerprint.hpp: the Python code that computes a signature's fingerprint.
//
// The class is copied from hints/fingerprint.py, which computes the fingerprints in headers. An
// interpreter runs it when a bound function is looked up there.
#pragma once

namespace holdfast::detail {

// clang-format off
inline constexpr const char *fingerprint_program =
"Any = object\n"
// begin: made by tools/fingerprint_header.py
R"python(
_AST_ONLY = 1024


class Fingerprints:
    """The fingerprints of a module's names."""

    def __init__(self, source: bytes | str) -> None:
        """Parse the text of a module, bytes or str."""
        self.texts: dict[str, list[str]] = {}
        self.names: dict[str, set[str]] = {}
        tree: Any = compile(source, "<module>", "exec", _AST_ONLY, True, 0)
        self._block("", tree.body)

    def of(self, name: str) -> str:
        """Sixteen hexadecimal digits; empty if the module has no such name."""
        if name not in self.texts:
            return ""
        seen = {name}
        waiting = [name]
        while waiting:
            for other in self.names.get(waiting.pop(), ()):
                if other in self.texts and other not in seen:
                    seen.add(other)
                    waiting.append(other)
        number = 0xCBF29CE484222325
        for part in [name, *sorted(seen - {name})]:
            for byte in "\n".join([part, *self.texts[part], ""]).encode(
                "utf-8", "backslashreplace"
            ):
                number = ((number ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
        return f"{number:016x}"

    def _block(self, prefix: str, body: Any) -> None:
        for node in body:
            kind = type(node).__name__
            if kind in ("FunctionDef", "AsyncFunctionDef"):
                self._add(prefix, node.name, self._function(node, prefix + node.name))
            elif kind == "ClassDef":
                self._class(prefix, node)
            elif kind in ("Import", "ImportFrom"):
                for alias in node.names:
                    text = f"{getattr(node, 'level', 0)} {getattr(node, 'module', '')} {alias.name}"
                    self._add(prefix, alias.asname or alias.name.split(".")[0], text)
            elif kind in ("Assign", "AnnAssign", "TypeAlias"):
                self._assignment(prefix, node)
            else:  # if, try, with
                for part in ("body", "handlers", "orelse", "finalbody"):
                    inner = getattr(node, part, None)
                    if inner and kind in ("If", "Try", "With", "ExceptHandler"):
                        self._block(prefix, inner)

    def _add(self, prefix: str, name: str, text: str) -> None:
        self.texts.setdefault(prefix + name, []).append(text)

    def _assignment(self, prefix: str, node: Any) -> None:
        targets = node.targets if hasattr(node, "targets") else [getattr(node, "target", None)]
        for target in [getattr(node, "name", None), *targets]:
            name = getattr(target, "id", None)
            if isinstance(name, str):
                whole = prefix + name
                text = [self._hint(getattr(node, "annotation", None), whole)]
                text.append(self._hint(node.value, whole))
                text.append(self._hint((getattr(node, "type_params", None) or []), whole))
                self._add(prefix, name, " = ".join(text))

    def _class(self, prefix: str, node: Any) -> None:
        whole = prefix + node.name
        parts = [node.bases, node.keywords, (getattr(node, "type_params", None) or [])]
        self._add(prefix, node.name, "class" + ";".join(self._hint(part, whole) for part in parts))
        before = set(self.texts)
        self._block(whole + ".", node.body)
        # Fields, members, nested classes and the constructor; other methods have a print each.
        functions = {item.name for item in node.body if type(item).__name__.endswith("FunctionDef")}
        for name in self.texts:
            last = name[len(whole) + 1 :]
            inside = name not in before and not last.startswith("_") and last not in functions
            if inside or name in (whole + ".__init__", whole + ".__new__"):
                self.names.setdefault(whole, set()).add(name)

    def _function(self, node: Any, whole: str) -> str:
        arguments = node.args
        parts = [type(node).__name__]
        for group in (arguments.posonlyargs, arguments.args, arguments.kwonlyargs):
            parts.append("/")
            parts += [item.arg + ":" + self._hint(item.annotation, whole) for item in group]
        for mark, item in (("*", arguments.vararg), ("**", arguments.kwarg)):
            if item is not None:
                parts.append(mark + item.arg + ":" + self._hint(item.annotation, whole))
        # Whether there is a default matters; its value is Python's business.
        parts.append(str(len(arguments.defaults)))
        parts.append("".join("." if item is None else "=" for item in arguments.kw_defaults))
        parts.append(self._hint(node.returns, whole))
        parts.append(self._hint((getattr(node, "type_params", None) or []), whole))
        return " ".join(parts)

    def _hint(self, node: Any, whole: str) -> str:
        """The text of an expression, the same for every version of Python; notes its names."""
        if isinstance(node, list):
            return "[" + ",".join(self._hint(item, whole) for item in node) + "]"
        if not hasattr(node, "_fields"):
            return repr(node)
        kind = type(node).__name__
        if kind == "Name":
            self.names.setdefault(whole, set()).add(node.id)
            return str(node.id)
        if kind == "Constant" and isinstance(node.value, str):
            # A hint in a string is the hint; any other string is no expression, or does no harm.
            try:
                inner: Any = compile(f"({node.value}\n)", "", "eval", _AST_ONLY, True, 0)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return repr(node.value)
            if type(inner.body).__name__ in ("Name", "Attribute", "Subscript", "BinOp"):
                return self._hint(inner.body, whole)
            return repr(node.value)
        parts = [kind]
        for field in node._fields:
            value = getattr(node, field, None)
            if field not in ("ctx", "kind") and value is not None and value != []:
                parts.append(self._hint(value, whole))
        return "(" + " ".join(parts) + ")"
)python"
// end
R"python(

_known = {}


def fingerprint(module, name):
    """That of a name in a module that was imported; empty where its source is not there."""
    import sys

    if module not in _known:
        spec = getattr(sys.modules.get(module), "__spec__", None)
        source = spec.loader.get_source(module) if hasattr(spec.loader, "get_source") else None
        _known[module] = Fingerprints(source) if source is not None else None
    return _known[module].of(name) if _known[module] is not None else ""
)python";
// clang-format on

}  // namespace holdfast::detail
