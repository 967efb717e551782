// Python iterators are input ranges, chunked or lazy; C++ ranges are iterators; an error comes at its item's place.
#include <holdfast/holdfast.hpp>
#include <holdfast/range.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

using holdfast::generator;
using holdfast::range;

constexpr const char *source = R"(
taken = 0
ended = 0
def count(n):
    global taken, ended
    try:
        for i in range(n):
            taken += 1
            yield i
        return 'done'
    finally:
        ended += 1
def fails(n):
    yield from range(n)
    raise KeyError('broken')
def mixed(): yield 1; yield 2; yield 'x'
def average():
    total = n = 0
    value = yield 0.0
    while value >= 0:
        total, n = total + value, n + 1
        value = yield total / n
    return f'{n} values'
class Bad:
    def __index__(self): raise ValueError('not this one')
def with_bad(at):
    for n in range(8): yield Bad() if n == at else n
def all_of(items): return list(items)
def first_of(items): return next(iter(items))
def shared(items):
    import threading
    found = []
    threads = [threading.Thread(target=lambda: found.extend(take(items))) for _ in range(4)]
    for t in threads: t.start()
    for t in threads: t.join()
    return sorted(found)
def take(items):
    while True:
        try: item = next(items, None)
        except ValueError: continue
        if item is None: return
        yield item
)";

const holdfast::function<range<std::int64_t>(std::int64_t)> count{"__main__", "count"};

std::int64_t number(const char *expression) { return holdfast::eval<std::int64_t>(expression); }

void from_python() {
    std::int64_t sum = 0;
    for (const std::int64_t item : count(5000))
        sum += item;
    CHECK(sum == 4999 * 2500 && number("taken") == 5000 && number("ended") == 1);
    for (const std::int64_t item : count(0))
        CHECK(item != item);
    auto numbers = count(3);
    CHECK(std::accumulate(numbers.begin(), numbers.end(), std::int64_t{10}) == 13 &&
          !numbers.next());

    holdfast::exec("taken = 0");
    auto lazy = count(1000);
    CHECK(lazy.chunk(1).next() == 0 && lazy.next() == 1 && number("taken") == 2);
    lazy.chunk(64);
    while (number("taken") < 500)
        CHECK(lazy.next());
    CHECK(number("taken") < 500 + 64);
    const holdfast::function<std::vector<std::int64_t>(range<std::int64_t>)> all_of{"__main__",
                                                                                    "all_of"};
    const auto args = all_of(lazy);  // those taken ahead are not lost
    CHECK(args.back() == 999 && !lazy.next());
    for (std::size_t i = 1; i < args.size(); ++i)
        CHECK(args[i] == args[i - 1] + 1);

    CHECK((holdfast::eval<range<std::string>>("['a', 'b']").next() == "a"));
    CHECK(contains(thrown_text<holdfast::conversion_error>([] { holdfast::eval<range<int>>("5"); }),
                   "wanted iterable, found int"));
    // Started on one thread, continued on another, dropped in the middle by a thread that never attached.
    auto moved = count(1000);
    CHECK(moved.next() == 0);
    std::thread([its = std::move(moved)] { CHECK(its.next() == 1); }).join();
}

void errors() {
    const holdfast::function<range<std::int64_t>(std::int64_t)> fails{"__main__", "fails"};
    for (const std::int64_t items : {0, 1, 7, 100}) {
        const auto broken = fails(items);
        for (std::int64_t i = 0; i < items; ++i)
            CHECK(broken.next() == i);
        CHECK(contains(thrown_text<holdfast::python_error>([&] { broken.next(); }),
                       "HF400 KeyError: 'broken'"));
        CHECK(!broken.next());
    }
    const holdfast::function<range<std::int64_t>(std::int64_t)> with_bad{"__main__", "with_bad"};
    for (const std::int64_t at : {0, 1, 5}) {  // the conversion of an item raises, and that ends it
        const auto ended = with_bad(at);
        for (std::int64_t i = 0; i < at; ++i)
            CHECK(ended.next() == i);
        CHECK_THROWS(holdfast::python_error, ended.next());
        CHECK(!ended.next());
    }
    const holdfast::function<range<int>()> mixed{"__main__", "mixed"};
    const auto items = mixed();
    CHECK(items.next() == 1 && items.next() == 2);
    CHECK(contains(thrown_text<holdfast::conversion_error>([&] { items.next(); }),
                   "HF403 result of __main__.mixed()[2]: wanted int, found str"));
}

void generators() {
    const holdfast::function<generator<double, double, std::string>()> average{"__main__",
                                                                               "average"};
    const auto running = average();
    CHECK(running.next() == 0.0 && running.send(4) == 4.0 && running.send(8) == 6.0);
    CHECK(thrown_text<holdfast::usage_error>([&] { (void)running.result(); }).rfind("HF411", 0) ==
          0);
    CHECK(!running.send(-1) && running.result() == "2 values" && !running.send(1) &&
          !running.next());
    const auto unbegun = average();  // Python refuses to send to it, and does not end it
    CHECK_THROWS(holdfast::python_error, unbegun.send(4));
    CHECK(unbegun.next() == 0.0 && unbegun.send(4) == 4.0);
    const holdfast::function<generator<std::int64_t, std::nullptr_t, std::string>(std::int64_t)>
        returning{"__main__", "count"};
    const auto five = returning(5);
    CHECK(std::distance(five.begin(), five.end()) == 5 && five.result() == "done");
    holdfast::exec("ended = 0");
    const auto closed = returning(5);
    CHECK(closed.next() == 0);
    closed.close();
    CHECK(number("ended") == 1 && !closed.next());
}

void to_python() {
    const holdfast::function<std::vector<std::int64_t>(range<std::int64_t>)> all_of{"__main__",
                                                                                    "all_of"};
    const holdfast::function<std::int64_t(range<std::int64_t>)> first_of{"__main__", "first_of"};
    CHECK((all_of(std::vector<std::int64_t>{1, 2, 3}) == std::vector<std::int64_t>{1, 2, 3}));
    const auto odd = [i = 1]() mutable -> std::optional<std::int64_t> {
        i += 2;
        return i < 8 ? std::optional<std::int64_t>(i) : std::nullopt;
    };
    CHECK((all_of(odd) == std::vector<std::int64_t>{3, 5, 7}));
    std::int64_t made = 0;
    const auto next_number = [&made]() -> std::optional<std::int64_t> { return ++made; };
    CHECK(first_of(next_number) == 1 && made == 1);  // Python took one: one was made
    const auto throwing = []() -> std::optional<std::int64_t> {
        throw std::invalid_argument("no more");
    };
    CHECK(contains(thrown_text<holdfast::python_error>([&] { all_of(throwing); }),
                   "HF400 ValueError: no more"));
    std::vector<std::int64_t> many(20000);
    std::iota(many.begin(), many.end(), 0);
    const holdfast::function<std::vector<std::int64_t>(range<std::int64_t>)> shared{"__main__",
                                                                                    "shared"};
    CHECK(shared(many) == many);  // asked by several threads of Python: each item once
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    from_python();
    errors();
    generators();
    to_python();
    const auto late = count(5);
    CHECK(late.next() == 0 && late.next() == 1);
    CHECK(python.finalize(std::chrono::seconds(10)));
    CHECK_THROWS(holdfast::closed_error, [&] {
        while (late.next()) {}
    }());
}
