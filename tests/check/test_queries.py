"""The queries for clang-tidy are joined without losing one, or what one of them reports."""

from __future__ import annotations

import re

import pytest

from pyholdfast.check.clang_tidy_joined import joined
from pyholdfast.check.clang_tidy_matchers import USER, any_of
from pyholdfast.check.clang_tidy_queries import configuration
from pyholdfast.check.vocabulary import vocabulary

BY = 'forFunction(functionDecl().bind("c_by"))'


def call(condition: str) -> str:
    """A query as most are."""
    return f'callExpr({USER}, {condition}, {BY}).bind("a_call")'


@pytest.mark.parametrize(
    ("queries", "texts"),
    [
        pytest.param(
            {"one": call("x()"), "two": call("y()")},
            [
                (
                    f"callExpr({USER}, eachOf("
                    f'callExpr(x(), {BY}).bind("a_one"), callExpr(y(), {BY}).bind("a_two")))'
                )
            ],
            id="the same kind",
        ),
        pytest.param(
            {"one": call("x(), y()"), "two": call("x(), z()"), "three": call("z()")},
            [
                (
                    f"callExpr({USER}, eachOf("
                    f'callExpr(x(), eachOf(callExpr(y(), {BY}).bind("a_one"), '
                    f'callExpr(z(), {BY}).bind("a_two"))), callExpr(z(), {BY}).bind("a_three")))'
                )
            ],
            id="they begin with more in common",
        ),
        pytest.param(
            {"one": call("x()"), "two": f'varDecl({USER}, x()).bind("a_var")'},
            [f'callExpr({USER}, x(), {BY}).bind("a_one")', f'varDecl({USER}, x()).bind("a_two")'],
            id="two kinds",
        ),
        pytest.param(
            {"one": call("x()"), "two": 'callExpr(x()).bind("a_call")'},
            [f'callExpr({USER}, x(), {BY}).bind("a_one")', 'callExpr(x()).bind("a_two")'],
            id="one is asked in the system's headers, too",
        ),
        pytest.param(
            {"one": f'varDecl(x(), {USER}).bind("a_v")', "two": f'varDecl({USER}).bind("a_v")'},
            [f'varDecl({USER}, eachOf(varDecl(x()).bind("a_one"), varDecl().bind("a_two")))'],
            id="what they have in common comes later, and is all of the other one",
        ),
        pytest.param(
            {"one": f'varDecl({USER}, n("a,(b"))', "two": f'varDecl({USER}, n("c)")).bind("a_v")'},
            [f'varDecl({USER}, eachOf(varDecl(n("a,(b")).bind("a_one"), varDecl(n("c)")).bind("a_two")))'],
            id="marks in strings",
        ),
    ],
)  # fmt: skip
def test_what_queries_have_in_common_is_asked_once(
    queries: dict[str, str], texts: list[str]
) -> None:
    """Each keeps its other conditions, and reports by its own name."""
    bound = {
        name: text if ".bind(" in text else f'{text}.bind("a_v")' for name, text in queries.items()
    }

    assert [query.query for query in joined(bound.items())] == texts


@pytest.mark.parametrize("cplusplus", [False, True])
def test_each_report_has_a_query_of_its_own(cplusplus: bool) -> None:
    """No name is lost, or used twice; each is bound in the query that reports it."""
    text = configuration(vocabulary(), cplusplus=cplusplus)
    reported = re.findall(r"BindName: (\S+)\n +Message: \S+\n +Level: Warning", text)

    assert len(reported) == len(set(reported)) > (100 if cplusplus else 40)
    for check in text.split("  - Name: ")[1:]:
        for node in re.findall(r"BindName: (\S+)", check):
            assert f'.bind("{node}")' in check, node
    assert text.count("Level: Warning") == len(set(re.findall(r'\.bind\("(a_[^"]+)"\)', text)))


def test_a_long_list_of_names_asks_for_the_last_part_first() -> None:
    """Only what has one of these is compared with the whole names, which takes long."""
    names = [f"::library::Class::method_{number}" for number in range(20)]
    plain, whole = any_of(names).split("), ")

    assert plain.startswith("allOf(hasAnyName(")
    assert "::" not in plain
    assert plain.count("method_") == whole.count("::library::Class::method_") == len(names)
