"""A function's body as a tree of statements.

It is built from tokens, because clang-tidy reports where things begin but not where they end. Its
reports choose between the branches of an #if, and show the returns that macros hide.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pyholdfast.check.compiled_tokens import compiled, end_of_body
from pyholdfast.check.tokens import Source, Token

__all__ = ["Statement", "read_body"]

# Before these words an expression goes on.
_CONTINUED = frozenset(
    {"return", "case", "throw", "co_return", "new", "delete", "sizeof", "goto", "else", "do"}
)
# Macros that open a block and close it, and so need no braces after a condition.
_BLOCKS = {
    "Py_BEGIN_ALLOW_THREADS": "Py_END_ALLOW_THREADS",
    "Py_BEGIN_CRITICAL_SECTION": "Py_END_CRITICAL_SECTION",
    "Py_BEGIN_CRITICAL_SECTION2": "Py_END_CRITICAL_SECTION2",
}
_LEAVES = {"break": "break", "continue": "continue"}
_CONTINUES_EXPRESSION = frozenset(["(", "[", ".", "->", "=", ",", ";", "?", ":", "+", "-", "*", "/", "%", "&", "|", "^", "<", ">", ")", "]", "==", "!=", "<=", ">=", "&&", "||", "<<", "+=", "-=", "*=", "/=", "++", "--", "{", "::", "|=", "&=", "..."])  # fmt: skip


@dataclass(slots=True)
class Statement:
    """One statement.

    Attributes:
        kind: ``expression``, ``block``, ``if``, ``loop``, ``do``, ``switch``, ``case``,
            ``return``, ``break``, ``continue``, ``goto``, ``label``, ``try``, ``throw``.
        start: its first token.
        stop: the token after its last.
        condition: the tokens of the condition: first, and one after the last.
        parts: of a block: its statements; of an if: the two branches; of a loop or switch: the
            body; of a try: the block, then the handlers.
        name: of a label, or of a goto's target.
    """

    kind: str
    start: int
    stop: int
    condition: tuple[int, int] = (0, 0)
    parts: list[Statement] = field(default_factory=list)
    name: str = ""


def read_body(
    source: Source, opening: int, places: Collection[int], begins: Collection[int] = ()
) -> Statement:
    """The block whose ``{`` is token `opening`; with its handlers, if a function consists of a try block.

    Args:
        source: the file's tokens.
        opening: number of the token.
        places: tokens at which the compiler saw something: a branch of an #if without any of them
            was not compiled.
        begins: tokens at which the compiler begins a statement of a block.

    Raises:
        ValueError: if the text is not a valid block.
    """
    if source.tokens[opening].text != "{":
        message = "the body does not begin with a brace"
        raise ValueError(message)
    stop = end_of_body(source, opening)
    tried = _is_tried(source.tokens, opening)
    if tried:
        stop = _end_of_handlers(source, stop)
    problem = ValueError("its braces do not match")
    for otherwise in (None, 0, -1):  # of an #if in which the compiler sees nothing
        kept = compiled(source.tokens, opening, stop, places, {None: otherwise})
        try:
            reader = _Reader(source.tokens, kept, begins)
            block, position = reader.handled(0, opening) if tried else reader.statement(0)
        except ValueError as error:
            problem = error
            continue
        if position >= len(kept) or kept[position] >= stop:
            if not tried:
                return block
            if source.tokens[opening - 1].text != "try":
                _throw_at_the_end(block.parts[1:])
            return Statement("block", opening, block.stop, parts=[block])
    raise problem


def _is_tried(tokens: Sequence[Token], opening: int) -> bool:
    """Whether a function consists of the try block whose ``{`` is token `opening`.

    A constructor's initialisers stand between: ``session() try : name(1), other{2} {``.
    """
    number = opening - 1
    while number > 0 and tokens[number].text in {")", "}"}:
        number = _opening(tokens, number) - 1
        while number > 0 and (tokens[number].kind == "word" or tokens[number].text == "::"):
            number -= 1
        if tokens[number].text == ":":
            return tokens[number - 1].text == "try"
        if tokens[number].text != ",":
            return False
        number -= 1
    return tokens[number].text == "try"


def _throw_at_the_end(handlers: Sequence[Statement]) -> None:
    """A constructor's handlers throw the exception again, as there is no object."""
    for handler in handlers:
        handler.parts.append(Statement("throw", handler.stop - 1, handler.stop))


def _opening(tokens: Sequence[Token], closing: int) -> int:
    """The number of the token that opens the bracket which ends at `closing`; 0 if none does."""
    depth = 0
    for number in range(closing, -1, -1):
        token = tokens[number]
        if token.kind == "mark":
            depth += (token.text in {")", "}", "]"}) - (token.text in {"(", "{", "["})
            if depth == 0:
                return number
    return 0


def _end_of_handlers(source: Source, stop: int) -> int:
    """One after the last handler that follows a try block, which ends before `stop`.

    A macro may stand for a handler's block: what it does cannot be followed.
    """
    tokens = source.tokens
    while [token.text for token in tokens[stop : stop + 2]] == ["catch", "("]:
        opening = source.closing(stop + 1) + 1
        if [token.text for token in tokens[opening : opening + 1]] != ["{"]:
            return stop
        stop = end_of_body(source, opening)
    return stop


class _Reader:
    """Reads statements from the compiled tokens."""

    def __init__(
        self, tokens: Sequence[Token], kept: Sequence[int], begins: Collection[int]
    ) -> None:
        self._tokens = tokens
        self._kept = kept
        self._begins = begins

    def _text(self, position: int) -> str:
        return self._tokens[self._kept[position]].text if position < len(self._kept) else ""

    def _number(self, position: int) -> int:
        return self._kept[position] if position < len(self._kept) else self._kept[-1] + 1

    def _closing(self, position: int) -> int:
        opening = self._text(position)
        closing = {"(": ")", "[": "]", "{": "}"}[opening]
        depth = 0
        for at in range(position, len(self._kept)):
            token = self._tokens[self._kept[at]]
            if token.kind == "mark":
                depth += (token.text == opening) - (token.text == closing)
                if depth == 0:
                    return at
        message = f"a '{opening}' is not closed"
        raise ValueError(message)

    def statement(self, at: int) -> tuple[Statement, int]:
        """The statement that begins at `at`, and the start of the next one."""
        text = self._text(at)
        start = self._number(at)
        if text == "{":
            return self._block(at)
        if text == "if":
            return self._if(at)
        if text in {"while", "for", "switch"}:
            first, stop, following = self._head(at + 1)
            body, after = self._inner(following)
            kind = "switch" if text == "switch" else "loop"
            span = (self._number(first), self._number(stop))
            return Statement(kind, start, self._number(after), span, [body]), after
        others = {"do": self._do, "try": self._try, "case": self._label, "default": self._label}
        if text in others:
            return others[text](at)
        if text in {"return", "co_return", "throw"}:
            after = self._expression_end(at + 1)
            kind = "throw" if text == "throw" else "return"
            return Statement(kind, start, self._number(after)), after
        if text in _LEAVES or text == "goto":
            after = self._expression_end(at)
            name = self._text(at + 1) if text == "goto" else ""
            return Statement(text, start, self._number(after), name=name), after
        if self._is_word(at) and self._text(at + 1) == ":":
            return Statement("label", start, self._number(at + 2), name=text), at + 2
        return self._expression(at)

    def _head(self, at: int) -> tuple[int, int, int]:
        """The condition that begins at `at`, where it stops, and what follows: also ``while FOREVER {``."""
        head = at
        while self._is_word(head):
            head += 1
        if self._text(head) != "(":
            return at, head, head
        close = self._closing(head)
        return head + 1, close, close + 1

    def _inner(self, at: int) -> tuple[Statement, int]:
        """The statement after a condition, which may be a block between two macros."""
        closing = _BLOCKS.get(self._text(at))
        if closing is None:
            return self.statement(at)
        opening, parts, depth = self._text(at), [], 0
        position = at
        while position < len(self._kept) and self._text(position) != "}":
            text = self._text(position)
            depth += (text == opening) - (text == closing)
            part, after = self.statement(position)
            parts.append(part)
            position = max(after, position + 1)
            if depth == 0:
                whole = Statement("block", self._number(at), self._number(position), parts=parts)
                return whole, position
        return self.statement(at)

    def _is_word(self, at: int) -> bool:
        return at < len(self._kept) and self._tokens[self._kept[at]].kind == "word"

    def _block(self, at: int) -> tuple[Statement, int]:
        close = self._closing(at)
        parts: list[Statement] = []
        position = at + 1
        while position < close:
            part, after = self.statement(position)
            parts.append(part)
            position = max(after, position + 1)
        stop = self._number(close) + 1
        return Statement("block", self._number(at), stop, parts=parts), close + 1

    def _if(self, at: int) -> tuple[Statement, int]:
        head = at + 1
        while self._text(head) != "(" and head < at + 4:
            head += 1  # if constexpr, if MACRO(...)
        if self._text(head) != "(":
            return self._expression(at)
        close = self._closing(head)
        then, after = self._inner(close + 1)
        parts = [then]
        if self._text(after) == "else":
            other, after = self._inner(after + 1)
            parts.append(other)
        span = (self._number(head + 1), self._number(close))
        return Statement("if", self._number(at), self._number(after), span, parts), after

    def _do(self, at: int) -> tuple[Statement, int]:
        body, after = self.statement(at + 1)
        span = (self._number(after), self._number(after))
        if self._text(after) == "while":
            first, stop, after = self._head(after + 1)
            span = (self._number(first), self._number(stop))
        after += self._text(after) == ";"
        return Statement("do", self._number(at), self._number(after), span, [body]), after

    def _try(self, at: int) -> tuple[Statement, int]:
        return self.handled(at + 1, self._number(at))

    def handled(self, at: int, start: int) -> tuple[Statement, int]:
        """The try block whose ``{`` is at `at`, with its handlers, and the start of what follows."""
        body, after = self.statement(at)
        parts = [body]
        while self._text(after) == "catch":
            close = self._closing(after + 1)
            handler, after = self.statement(close + 1)
            parts.append(handler)
        return Statement("try", start, self._number(after), parts=parts), after

    def _label(self, at: int) -> tuple[Statement, int]:
        position, questions = at, 0
        while position < len(self._kept):
            text = self._text(position)
            if text == "?":
                questions += 1
            elif text == ":":
                if questions == 0:
                    break
                questions -= 1
            elif text in {"(", "["}:
                position = self._closing(position)
            position += 1
        return Statement("case", self._number(at), self._number(position + 1)), position + 1

    def _expression_end(self, at: int) -> int:
        position = at
        while position < len(self._kept):
            text = self._text(position)
            if text == ";":
                return position + 1
            if position > at and self._begins_anew(position):
                return position
            if text in {"(", "[", "{"}:
                position = self._closing(position)
            elif text == "}":
                return position
            position += 1
        return position

    def _begins_anew(self, position: int) -> bool:
        """Whether the compiler begins a statement here, after a macro that needs no semicolon."""
        before = self._text(position - 1)
        return (
            self._kept[position] in self._begins
            and before not in _CONTINUED
            and (before == ")" or self._is_word(position - 1))
        )

    def _expression(self, at: int) -> tuple[Statement, int]:
        start = self._number(at)
        alone = self._macro_alone(at)
        if alone is not None:
            if self._text(alone) == "{" and alone > at + 1:  # a macro that acts as a loop's head
                body, after = self.statement(alone)
                span = (start, self._number(alone))
                return Statement("loop", start, self._number(after), span, [body]), after
            return Statement("expression", start, self._number(alone)), alone
        after = self._expression_end(at)
        return Statement("expression", start, self._number(after)), after

    def _macro_alone(self, at: int) -> int | None:
        """The end of a macro that is a statement without a semicolon; None for anything else."""
        if not self._is_word(at):
            return None
        here = self._tokens[self._kept[at]]
        after = at + 1
        if self._text(after) == "(":
            after = self._closing(after) + 1
            if self._text(after) == "{" and here.text not in {"sizeof", "decltype"}:
                return after
        if after >= len(self._kept) or self._text(after) in _CONTINUES_EXPRESSION:
            return None
        next_token = self._tokens[self._kept[after]]
        last_line = self._tokens[self._kept[after - 1]].line
        upper = here.text.upper() == here.text or here.text.startswith(("Py_", "NPY_"))
        return after if upper and next_token.line > last_line else None
