// Records and recursive values that are nested too deep, or for ever, are refused in both directions, on any stack.
#include <holdfast/calls/recursive.hpp>
#include <holdfast/holdfast.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "check.hpp"
#include "thread_with_stack.hpp"
#include "thrown_text.hpp"

namespace app {

struct node {
    std::int64_t value = 0;
    holdfast::boxed<node> next;
    std::vector<node> children;
};
struct pair {
    std::int64_t first = 0;
    std::variant<std::string, holdfast::boxed<pair>> second;
};
struct entry {
    std::int64_t value = 0;
    std::map<std::string, entry> named;
};
// Both alternatives would take the same list
struct either {
    std::variant<std::vector<either>, std::map<std::string, either>, std::vector<node>> inner;
};
struct json : holdfast::recursive<
                  std::variant<std::int64_t, std::vector<json>, std::map<std::string, json>>> {
    using recursive::recursive;
};

}  // namespace app

namespace holdfast {

template <>
struct record<app::node> : dataclass {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Node";
    static constexpr const char *fields[] = {"value", "next", "children"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.value);
        each(value.next);
        each(value.children);
    }
};
template <>
struct record<app::pair> : named_tuple {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Pair";
    static constexpr const char *fields[] = {"first", "second"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.first);
        each(value.second);
    }
};
template <>
struct record<app::entry> : typed_dict {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Entry";
    static constexpr const char *fields[] = {"value", "named"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.value);
        each(value.named);
    }
};
template <>
struct record<app::either> : dataclass {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Either";
    static constexpr const char *fields[] = {"inner"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.inner);
    }
};

}  // namespace holdfast

namespace {

constexpr const char *source = R"(
import typing
from dataclasses import dataclass, field
@dataclass
class Node:
    value: int = 1
    next: 'Node | None' = None
    children: list = field(default_factory=list)
@dataclass
class Either:
    inner: list
class Pair(typing.NamedTuple):
    first: int
    second: object
def nested(of, depth):
    value = of(None)
    for _ in range(depth): value = of(value)
    return value
def a_node(inner): return Node(1, inner)
def with_child(inner): return Node(1, None, [] if inner is None else [inner])
def a_pair(inner): return Pair(1, 'end' if inner is None else inner)
def an_entry(inner): return {'value': 1, 'named': {} if inner is None else {'k': inner}}
def an_either(inner): return Either([] if inner is None else [inner])
def a_list(inner): return [] if inner is None else [inner]
loop_node = Node(); loop_node.next = loop_node
loop_child = Node(); loop_child.children.append(loop_child)
loop_entry = {'value': 1, 'named': {}}; loop_entry['named']['k'] = loop_entry
loop_either = Either([]); loop_either.inner.append(loop_either)
loop_list = []; loop_list.append(loop_list)
# Kept: on some versions destroying such a value takes more stack than converting it
deep = {of: nested(of, 1100) for of in (a_node, with_child, a_pair, an_entry, an_either, a_list)}
def kept(value): return 'taken'
)";

template <class T>
void refused(const std::string &expression) {
    const std::string text =
        thrown_text<holdfast::conversion_error>([&] { holdfast::eval<T>(expression.c_str()); });
    if (!contains(text, "HF403 result of eval(") || !contains(text, "the value is nested "))
        check::fail(__FILE__, __LINE__, expression + ": " + text);
}

/// Without an end, with one that is too far away, and one that every stack here has room for.
template <class T>
void from_python(const char *loop, const std::string &of) {
    if (loop != nullptr)
        refused<T>(loop);
    refused<T>("deep[" + of + "]");
    holdfast::eval<T>(("nested(" + of + ", 20)").c_str());
}

template <class T>
void to_python(const T &deep, const T &shallow) {
    const holdfast::function<std::string(T)> kept{"__main__", "kept"};
    const std::string text = thrown_text<holdfast::conversion_error>([&] { kept(deep); });
    if (!contains(text, "HF401 __main__.kept() argument 1 'value': the value is nested "))
        check::fail(__FILE__, __LINE__, text);
    CHECK(kept(shallow) == "taken");
}

app::node chain(int depth) {
    app::node whole;
    for (int i = 0; i < depth; ++i) {
        app::node outer;
        outer.next = std::move(whole);
        whole = std::move(outer);
    }
    return whole;
}
app::json lists(int depth) {
    app::json whole = std::int64_t{1};
    for (int i = 0; i < depth; ++i) {
        std::vector<app::json> outer;
        outer.push_back(std::move(whole));
        whole = std::move(outer);
    }
    return whole;
}

// Made and destroyed by main, whose stack is large: a nested value's destructor needs one, too
struct values {
    app::node deep_node = chain(1100), node = chain(20);
    app::json deep_json = lists(1100), json = lists(20);
};

void every_case(const values &made) {
    holdfast::attach_guard guard;
    from_python<app::node>("loop_node", "a_node");
    from_python<app::node>("loop_child", "with_child");
    from_python<app::pair>(nullptr, "a_pair");
    from_python<app::entry>("loop_entry", "an_entry");
    from_python<app::either>("loop_either", "an_either");
    from_python<app::json>("loop_list", "a_list");
    to_python(made.deep_node, made.node);
    to_python(made.deep_json, made.json);
}

}  // namespace

int main() {
    const values made;
    holdfast::interpreter python;
    holdfast::exec(source);
    every_case(made);
    for (const std::size_t kilobytes : {256U, 512U, 1024U, 8192U})
        check::on_stack_of(kilobytes << 10U, [&] { every_case(made); });
    CHECK(python.finalize(std::chrono::seconds(10)));
}
