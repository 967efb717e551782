"""docs/reference agrees with the sources."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from types import ModuleType

import pytest

import fill_readme
import reference
from docs_pages import code_page, header_pages, header_tokens
from docs_pages.c_page import c_page
from docs_pages.comments import markdown
from docs_pages.declarations import read_declarations
from docs_pages.type_page import type_page
from pyholdfast.codes import Code

SOURCES = reference.CHECKOUT / "src" / "pyholdfast"

SAMPLE = """\
// holdfast/sample.hpp: a sample.
#pragma once
#include "other.hpp"
namespace holdfast {
namespace detail { class hidden {}; }
/// Holds on.
///
/// Threads: any.
class grip : public hold {
public:
    /// \\throws usage_error HF210 elsewhere.
    explicit grip(int strength = {}, call_site site = call_site::current())
        : strength_{strength}, other_(2) { if (strength) { throw 1; } }
    grip(const grip &) = delete;
    [[nodiscard]] int strength() const noexcept { return strength_; }  // not a word about it
    detail::hidden inner() const;
    std::string name;  ///< what it is called

private:
    int strength_ = 0;
};
enum class mood : char { calm, cross /* so so */, };
template <class T>
T get(std::future<T> &source);
/// co_await gives the grip.
[[nodiscard]] inline detail::hidden this_grip() noexcept { return {}; }
}  // namespace holdfast
"""


def test_pages_are_what_their_sources_say() -> None:
    """If a header, an error code or an option changes, docs/reference must change too."""
    difference = reference.stale(reference.pages())

    assert difference == "", f"run tools/reference.py\n{difference}"


def test_headers_are_read_without_what_is_not_for_users() -> None:
    """Public declarations appear with their comments; private and deleted ones do not."""
    grip, mood, get, this_grip = read_declarations(SAMPLE)

    assert grip.signature == "class grip : public hold"
    assert [member.signature for member in grip.members] == [
        "explicit grip(int strength = {})",
        "int strength() const noexcept",
        "std::string name",
    ]
    assert grip.members[2].doc == ["what it is called"]
    assert [value.name for value in mood.members] == ["calm", "cross"]
    assert get.signature == "template <class T> T get(std::future<T> &source)"
    assert this_grip.signature == "auto this_grip() noexcept"


def test_a_type_is_shown_with_the_namespace_that_users_must_write() -> None:
    """Except holdfast's own, which is that of all types."""
    source = "namespace holdfast { namespace trial { class grip {}; } class hold {}; }"

    shown = [type_.signature for type_ in read_declarations(source)]

    assert shown == ["class trial::grip", "class hold"]


def test_an_enum_within_a_type_is_shown_with_its_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so is the member that its declaration declares."""
    (tmp_path / "sample.hpp").write_text(
        """\
// holdfast/sample.hpp: a sample.
struct note {
    enum class kind : char {
        good,  ///< fine
        bad,
    } what;  ///< how it was
};
""",
        encoding="utf-8",
    )

    sample = header_pages.Page("sample", "Sample", ("sample.hpp",))
    monkeypatch.setattr(header_pages, "PAGES", (sample,))

    page = header_pages.header_page(sample, tmp_path)

    assert "| `kind what` | how it was |" in page
    assert "enum class kind : char;" in page
    assert "| `good` | fine |" in page
    assert "Other values: `bad`." in page


def test_types_have_the_arguments_of_their_hints() -> None:
    """The letters in the column of C++ are those in the column of hints."""
    rows = [line.split(" | ")[:2] for line in type_page().splitlines() if line.startswith("| `")]
    cpp = {re.split(r"[`\[]", hints)[1]: shown for hints, shown in rows}

    assert cpp["dict"] == "`std::map<K, V>`"
    assert cpp["list"] == "`std::vector<T>`"
    assert cpp["npt.NDArray"] == "`holdfast::array_view<double>`"


def test_code_in_the_text_of_an_error_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the words around it are escaped."""
    code = Code("HF200", "it fails", "See `x_y` and not x_y.", "HF200 it fails", "Use *one*.")
    monkeypatch.setattr(code_page, "CODES", {"HF200": code})

    page = code_page.code_page()

    assert "See `x_y` and not x\\_y." in page
    assert "Use \\*one\\*." in page


def test_the_page_of_the_c_header_has_a_comment_below_what_it_is_about(tmp_path: Path) -> None:
    """Not below what follows without a comment; what the header does for itself is left out."""
    header = tmp_path / "holdfast.h"
    header.write_text(
        """\
/* x
 * Rules for every function
 *
 * Status: 0. */
/* ---- One ---- */

/* Keeps it. */
typedef int hf_hold;

typedef int hf_other;
/* Internal. */
#if 1
int x;
#endif
/* ---- Sizes that programs and the library must agree on ---- */
""",
        encoding="utf-8",
    )

    page = c_page(header)

    assert page.index("typedef int hf_hold;") < page.index("Keeps it.") < page.index("hf_other")
    assert "Internal" not in page
    assert "Sizes" not in page


@pytest.mark.parametrize(
    ("comment", "wanted"),
    [
        ([" Holds.", " On."], "Holds. On."),
        ([" Holds.", "", r" \throws usage_error  HF210 elsewhere."],
         "Holds.\n\n- Throws `usage_error`: [HF210](errors.md#hf210) elsewhere."),
        ([r" \throws python_error, closed_error"], "- Throws `python_error`, `closed_error`"),
        ([" Thus:", "", "   a  b", "   c"], "Thus:\n\n```text\na  b\nc\n```"),
        ([" Threads: one", "          at a time."], "- Threads: one at a time."),
        ([" Takes vector<int> and `a<b>`."], "Takes vector&lt;int> and `a<b>`."),
        ([r" Holds. \throws closed_error"], "Holds.\n\n- Throws `closed_error`"),
        ([r" \throws python_error, and", r"    what a_b throws"],
         "- Throws `python_error`, and what a\\_b throws"),
        ([r" \throws what get() throws"], "- Throws what get() throws"),
        ([" Then:", " - one", "   HF210", " - two"],
         "Then:\n\n- one [HF210](errors.md#hf210)\n- two"),
        (["   a;", "", "   b;"], "```cpp\na;\n\nb;\n```"),
    ],
)  # fmt: skip
def test_comments_become_markdown(comment: list[str], wanted: str) -> None:
    """The headers' few marks are converted, and nothing else is taken for markup."""
    assert markdown(comment) == wanted


def test_points_have_one_order() -> None:
    """Labels, parameters, the result, exceptions: whatever the order in the comment."""
    comment = [
        r" \throws closed_error  if closed.",
        r" \return a.",
        r" \param b  c.",
        " Threads: any.",
    ]

    assert [line.split()[1] for line in markdown(comment).splitlines()] == [
        "Threads:",
        "Parameter",
        "Returns:",
        "Throws",
    ]


def test_no_heading_occurs_twice_on_a_page() -> None:
    """Overloads share one, and a header with its own section is not repeated in another's."""
    for name, text in reference.pages().items():
        headings = [line for line in text.splitlines() if line.startswith("### ")]

        assert sorted(set(headings)) == sorted(headings), name


def test_a_parameter_that_is_not_shown_is_not_told_of() -> None:
    """A parameter for generated headers only is neither in the signature nor in the list."""
    comment = [r" \param name  of it.", r" \param expected  what it is like."]

    assert markdown(comment, "grip(const char *name)") == "- Parameter `name`: of it."


def test_every_environment_variable_is_described() -> None:
    """A variable that the headers or the command line read has a row in the table of variables."""
    page = (reference.FOLDER / "environment.md").read_text(encoding="utf-8")
    read: set[str] = set()
    for file in [*SOURCES.rglob("*.?pp"), *SOURCES.rglob("*.py")]:
        if {"codes", "doctor"} & set(file.parts):
            continue  # these are about variables of other programs
        text = file.read_text(encoding="utf-8")
        read |= set(re.findall(r'(?:getenv|environment|own_variable)\("(\w+)"\)', text))
        # A variable that is only set, for a program that is started, does not count.
        read |= set(re.findall(r'environ(?:\.get\(|\[)"(\w+)"(?!\] =)', text))

    assert {"HOLDFAST_PYTHON", "HOLDFAST_TRACE", "VIRTUAL_ENV"} <= read
    assert sorted(name for name in read if f"`{name}`" not in page) == []


def test_a_stale_page_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison shows the difference, so it cannot pass by comparing nothing."""
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    (tmp_path / "a.md").write_text("old\n", encoding="utf-8")

    assert "+new" in reference.stale({"a.md": "new\n"})
    assert reference.stale({"a.md": "old\n"}) == ""


@pytest.mark.parametrize("module", [header_tokens, fill_readme], ids=lambda module: module.__name__)
def test_examples_in_docstrings_hold(module: ModuleType) -> None:
    """The examples in the tools' docstrings are correct."""
    outcome = doctest.testmod(module)

    assert (outcome.failed, outcome.attempted > 0) == (0, True)
