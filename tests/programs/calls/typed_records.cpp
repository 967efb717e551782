// Dataclasses, named tuples, typed dicts, enums and literals cross as structs and enums; errors name the path.
// short-run: no
#include <holdfast/calls/enumeration.hpp>
#include <holdfast/calls/record.hpp>
#include <holdfast/convert/variant.hpp>
#include <holdfast/holdfast.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "check.hpp"
#include "thrown_text.hpp"

namespace app {

enum class side { buy, sell };
enum class rights : std::int64_t { read = 1, write = 2 };
enum class mode { fast, two, yes, none };

struct level {
    double price = 0;
    std::int64_t size = 0;
};
bool operator==(const level &a, const level &b) { return a.price == b.price && a.size == b.size; }

struct book {
    std::string name;
    std::vector<level> levels;
    app::side side = app::side::buy;
    std::optional<level> best;
    std::int64_t depth = 0;
};

struct point {
    std::int64_t x = 0;
    std::variant<std::string, level> note;
};

struct settings {
    std::int64_t limit = 0;
    std::optional<std::string> title;
    std::optional<level> extra;
};

struct node {
    std::int64_t value = 0;
    holdfast::boxed<node> next;
    std::vector<node> children;
    std::map<std::string, node> named;
};

struct options {
    std::int64_t depth = 0;
    std::optional<std::vector<int>> seen;
    std::optional<std::string> title;
};

struct nothing {};
struct lost {
    std::int64_t x = 0;
};

}  // namespace app

namespace holdfast {

template <>
struct enumeration<app::side> {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Side";
    static constexpr const char *members[] = {"BUY", "SELL"};
    static constexpr app::side values[] = {app::side::buy, app::side::sell};
    static constexpr bool is_flag = false;
};
template <>
struct enumeration<app::rights> {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Access";
    static constexpr const char *members[] = {"READ", "WRITE"};
    static constexpr app::rights values[] = {app::rights::read, app::rights::write};
    static constexpr bool is_flag = true;
};
template <>
struct literal<app::mode> {
    static constexpr literal_value texts[] = {"fast", 2, true, nullptr};
    static constexpr app::mode values[] = {app::mode::fast, app::mode::two, app::mode::yes,
                                           app::mode::none};
};
template <>
struct record<app::level> : dataclass {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Level";
    static constexpr const char *fields[] = {"price", "size"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.price);
        each(value.size);
    }
};
template <>
struct record<app::book> : dataclass {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Book";
    static constexpr const char *fields[] = {"name", "levels", "side", "best", "depth"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.name);
        each(value.levels);
        each(value.side);
        each(value.best);
        each.computed(value.depth);
    }
};
template <>
struct record<app::point> : named_tuple {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Point";
    static constexpr const char *fields[] = {"x", "note"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.x);
        each(value.note);
    }
};
template <>
struct record<app::settings> : typed_dict {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Settings";
    static constexpr const char *fields[] = {"limit", "title", "extra"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.limit);
        each(value.title);
        each.optional(value.extra);
    }
};
template <>
struct record<app::node> : dataclass {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Tree.Node";
    static constexpr const char *fields[] = {"value", "next", "children", "named"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.value);
        each(value.next);
        each(value.children);
        each(value.named);
    }
};
template <>
struct record<app::options> : dataclass {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Options";
    static constexpr const char *fields[] = {"depth", "seen", "title"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each.computed(value.depth);
        each.defaulted(value.seen);
        each(value.title);
    }
};
template <>
struct record<app::nothing> : dataclass {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Nothing";
    static constexpr const char *fields[] = {nullptr};
    template <class Record, class Visitor>
    static void visit(Record &, Visitor &) {}
};
template <>
struct record<app::lost> : dataclass {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Lost";
    static constexpr const char *fields[] = {"x"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.x);
    }
};

}  // namespace holdfast

namespace {

/// As Python sees it, and back again.
template <class T>
T there_and_back(const T &value, const char *as_python) {
    const holdfast::function<T(T)> identity{"__main__", "identity"};
    const holdfast::function<std::string(T)> shown{"builtins", "repr"};
    const std::string text = shown(value);
    if (text != as_python)
        check::fail(__FILE__, __LINE__, text);
    return identity(value);
}

template <class T>
void refused(const char *expression, const char *message) {
    const std::string text =
        thrown_text<holdfast::conversion_error>([&] { holdfast::eval<T>(expression); });
    if (!contains(text, message))
        check::fail(__FILE__, __LINE__, std::string(expression) + ": " + text);
}

constexpr const char *source = R"(
import enum, sys, typing
from dataclasses import dataclass, field
class Side(enum.Enum):
    BUY = 'b'
    SELL = ('s', 1)
    ASK = 'b'
    OTHER = 9
class Access(enum.IntFlag):
    READ = 1
    WRITE = 2
@dataclass(frozen=True)
class Level:
    price: float
    size: int
@dataclass(frozen=True)
class Better(Level):
    more: int = 0
@dataclass(kw_only=True, slots=True)
class Book:
    name: str
    levels: list
    depth: int = field(init=False)
    side: Side = Side.BUY
    best: 'Level | None' = None
    def __post_init__(self): self.depth = len(self.levels)
class Point(typing.NamedTuple):
    x: int
    note: object
class Tree:
    @dataclass
    class Node:
        value: int
        next: object
        children: list
        named: dict
@dataclass
class Nothing: pass
@dataclass
class Options:
    depth: int = field(init=False, default=3)
    seen: list = field(default_factory=lambda: [1, 2])
    title: str = 't'
def identity(value): return value
def check(book: Book): return book.levels[1].price
Node = Tree.Node
)";

void records() {
    using namespace app;
    const level best{2.5, 7};
    CHECK(there_and_back(best, "Level(price=2.5, size=7)") == best);
    const book all{"eur", {best, {1, 2}}, side::sell, best, 0};
    const book back = there_and_back(
        all,
        "Book(name='eur', levels=[Level(price=2.5, size=7), Level(price=1.0, size=2)], depth=2, "
        "side=<Side.SELL: ('s', 1)>, best=Level(price=2.5, size=7))");
    CHECK(back.name == "eur" && back.levels == all.levels && back.side == side::sell &&
          back.best == best && back.depth == 2);
    CHECK(holdfast::eval<level>("Better(4, 5, 6)") ==
          (level{4, 5}));  // an instance of a subclass is one
    const point p = there_and_back(point{3, best}, "Point(x=3, note=Level(price=2.5, size=7))");
    CHECK(p.x == 3 && std::get<level>(p.note) == best);
    CHECK(std::get<std::string>(there_and_back(point{3, "n"}, "Point(x=3, note='n')").note) == "n");
    CHECK(holdfast::eval<point>("(1, 'x')").x == 1);
    const settings less =
        there_and_back(settings{5, std::nullopt, std::nullopt}, "{'limit': 5, 'title': None}");
    CHECK(less.limit == 5 && !less.title && !less.extra);
    const settings more = there_and_back(
        settings{5, "t", best}, "{'limit': 5, 'title': 't', 'extra': Level(price=2.5, size=7)}");
    CHECK(more.title == "t" && more.extra == best);
    there_and_back(nothing(), "Nothing()");
    const options filled =
        there_and_back(options{0, {}, "x"}, "Options(depth=3, seen=[1, 2], title='x')");
    CHECK(filled.depth == 3 && filled.seen == (std::vector<int>{1, 2}) && filled.title == "x");
    there_and_back(options{0, std::vector<int>{}, {}}, "Options(depth=3, seen=[], title=None)");

    node tree{1, node{2, {}, {}, {}}, {{3, {}, {}, {}}}, {{"a", {4, {}, {}, {}}}}};
    const node copy = holdfast::function<node(node)>("__main__", "identity")(tree);
    CHECK(copy.next->value == 2 && copy.children.at(0).value == 3 &&
          copy.named.at("a").value == 4 && !copy.children[0].next);
}

void errors() {
    using namespace app;
    refused<book>("Book(name='', levels=[Level(1, 2), Level('x', 3)])",
                  ").levels[1].price: wanted float, found str");
    refused<book>("Book(name='', levels=[], best=5)", ").best: wanted Level, found int");
    refused<level>("5", "wanted Level, found int");
    refused<node>("Node(1, None, [], {'k': Node(1, None, [2], {})})",
                  ").named['k'].children[0]: wanted Tree.Node, found int");
    refused<point>("(1,)", "wanted Point, found tuple");
    refused<point>("(1, 2)", ".note: wanted str or Level, found int");
    refused<settings>("{'title': 't'}",
                      ").limit: wanted a value, found none: the field is missing");
    refused<settings>("[]", "wanted Settings, found list");
    refused<level>("Level.__new__(Level)",
                   ".price: wanted a value, found none: the field is missing");
    const holdfast::function<double(book)> check{"__main__", "check"};
    CHECK(contains(
        thrown_text<holdfast::conversion_error>([&] { check(book{"\xff", {}, side::buy, {}, 0}); }),
        "HF401 __main__.check() argument 1 'book'.name: the string is not valid UTF-8"));
    CHECK(
        contains(thrown_text<holdfast::lookup_error>([] { holdfast::eval<lost>("5"); }), "HF404"));

    refused<side>("5", "wanted Side, found int");
    refused<side>("Side.OTHER",
                  "wanted Side, found its member OTHER, which this header does not know");
    refused<mode>("'slow'", "wanted one of 'fast', 2, True, None, found 'slow'");
    refused<mode>("1", "found 1");
    const holdfast::function<void(side)> give{"__main__", "identity"};
    CHECK(contains(thrown_text<holdfast::conversion_error>([&] { give(static_cast<side>(9)); }),
                   "HF402 __main__.identity() argument 1 'value': 9 does not fit into Side"));
}

void enums() {
    using namespace app;
    CHECK(there_and_back(side::buy, "<Side.BUY: 'b'>") == side::buy);
    CHECK(holdfast::eval<side>("Side.ASK") == side::buy);
    const auto both = static_cast<rights>(3);
    CHECK(holdfast::function<rights(rights)>("__main__", "identity")(both) == both);
    CHECK(there_and_back(mode::fast, "'fast'") == mode::fast);
    CHECK(there_and_back(mode::two, "2") == mode::two);
    CHECK(there_and_back(mode::yes, "True") == mode::yes);
    CHECK(there_and_back(mode::none, "None") == mode::none);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    std::vector<std::thread> threads;  // the first look-ups of all classes at once
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([] {
            for (int round = 0; round < 20; ++round) {
                records();
                enums();
                errors();
            }
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK(python.finalize(std::chrono::seconds(10)));
}
