// Classes are handles with methods, properties and with blocks; callbacks work both ways; all may end on any thread.
#include <holdfast/calls/handle.hpp>
#include <holdfast/calls/std_function.hpp>
#include <holdfast/holdfast.hpp>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "thrown_text.hpp"

namespace app {

class counter : public holdfast::handle {
public:
    static constexpr const char *python_module = "__main__";
    static constexpr const char *python_name = "Counter";
    using handle::handle;

    explicit counter(
        holdfast::argument<std::int64_t> start,
        holdfast::argument<holdfast::defaulted<std::string>> name = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current())
        : handle(construct_(start, name, site)) {}

    std::int64_t add(holdfast::argument<std::int64_t> by,
                     holdfast::argument<holdfast::defaulted<bool>> twice = holdfast::use_default,
                     holdfast::argument<holdfast::defaulted<bool>> thrice = holdfast::use_default,
                     holdfast::call_site site = holdfast::call_site::current()) const {
        return add_(self(), by, twice, thrice, site);
    }
    [[nodiscard]] std::int64_t total(
        holdfast::call_site site = holdfast::call_site::current()) const {
        return total_.get(self(), site);
    }
    void set_total(holdfast::argument<std::int64_t> value,
                   holdfast::call_site site = holdfast::call_site::current()) const {
        total_.set(self(), value, site);
    }
    [[nodiscard]] std::string name(
        holdfast::call_site site = holdfast::call_site::current()) const {
        return name_.get(self(), site);
    }
    counter merge(const counter &other,
                  holdfast::call_site site = holdfast::call_site::current()) const {
        return merge_(self(), other, site);
    }
    [[nodiscard]] holdfast::entered<counter> enter() const {
        return holdfast::entered<counter>(self());
    }

    static inline const holdfast::function<counter(std::int64_t)> make{"__main__", "Counter.make"};

private:
    static inline const holdfast::function<holdfast::object(std::int64_t,
                                                            holdfast::defaulted<std::string>)>
        construct_{"__main__", "Counter", {"name"}};
    static inline const holdfast::method<std::int64_t(std::int64_t, holdfast::defaulted<bool>,
                                                      holdfast::defaulted<bool>)>
        add_{"__main__", "Counter.add", {"twice", "thrice"}};
    static inline const holdfast::method<counter(counter)> merge_{"__main__", "Counter.merge"};
    static inline const holdfast::property<std::int64_t> total_{"__main__", "Counter.total"};
    static inline const holdfast::property<std::string> name_{"__main__", "Counter.name"};
};

inline const holdfast::exception_class too_much{"__main__", "TooMuch"};
inline const holdfast::function<std::vector<std::string>()> seen{"__main__", "take_seen"};

}  // namespace app

namespace {

constexpr const char *source = R"(
import gc, sys
seen = []
sys.unraisablehook = lambda info: seen.append(f'unraisable {info.exc_type.__name__}')
def take_seen():
    global seen
    taken, seen = seen, []
    return taken
class TooMuch(ValueError): pass
class Counter:
    alive = 0
    def __init__(self, start, *, name='c'):
        self._total, self.name = start, name
        Counter.alive += 1
    def __del__(self): Counter.alive -= 1
    def add(self, by, *, twice=False, thrice=False):
        if by > 1000: raise TooMuch(by)
        self._total += by * (2 if twice else 3 if thrice else 1)
        return self._total
    @property
    def total(self): return self._total
    @total.setter
    def total(self, value): self._total = value
    @classmethod
    def make(cls, start): return cls(start, name='made')
    def merge(self, other): return Counter(self.total + other.total, name=self.name + other.name)
    def __enter__(self): seen.append('enter'); return self
    def __exit__(self, kind, value, traceback):
        seen.append('exit ' + (kind.__name__ if kind else 'None'))
        if self._total < 0: raise ValueError('negative')
        return True
class Louder(Counter):
    def add(self, by, **more): return super().add(by * 10)
def alive():
    gc.collect()
    return Counter.alive
def apply(f, values): return [f(value) for value in values]
def adder(n): return lambda text: text + str(n)
def same(a, b): return a is b
def keep(f):
    global kept
    kept = f
)";

void methods() {
    const app::counter c(5, "a");
    CHECK(c.total() == 5 && c.name() == "a" && app::counter(1).name() == "c");
    CHECK(c.add(2) == 7 && c.add(1, true) == 9 && c.add(1, holdfast::use_default, true) == 12);
    c.set_total(20);
    CHECK(c.total() == 20 && app::counter::make(3).name() == "made");
    CHECK(c.merge(app::counter(1, "b")).name() == "ab" && c == c && c != app::counter(20));
    // The object's own method is called, and what is not one of the class is refused where it is said to be.
    CHECK(app::counter(holdfast::eval<holdfast::object>("Louder(0)")).add(4) == 40);
    CHECK(holdfast::eval<app::counter>("Louder(7)").total() == 7);
    CHECK(
        contains(thrown_text<holdfast::conversion_error>([] { holdfast::eval<app::counter>("5"); }),
                 "wanted Counter, found int"));
    CHECK(contains(thrown_text<holdfast::usage_error>([] { app::counter().add(1); }),
                   "HF408 Counter.add of an empty object"));
    try {
        c.add(2000);
        CHECK(false);
    } catch (const holdfast::python_error &problem) {
        CHECK(app::too_much.matches(problem));
        CHECK(!holdfast::exception_class("builtins", "KeyError").matches(problem));
    }
}

void with_blocks() {
    using strings = std::vector<std::string>;
    {
        const auto inside = app::counter(1).enter();
        CHECK(inside->total() == 1 && (*inside).name() == "c");
    }
    CHECK((app::seen() == strings{"enter", "exit None"}));
    try {
        const auto inside = app::counter(1).enter();
        throw std::runtime_error("out");
    } catch (const std::runtime_error &) {}
    CHECK((app::seen() == strings{"enter", "exit RuntimeError"}));
    {
        auto inside = app::counter(-1).enter();
        CHECK_THROWS(holdfast::python_error, inside.close());
    }
    CHECK((app::seen() == strings{"enter", "exit None"}));
    { const auto inside = app::counter(-1).enter(); }
    CHECK((app::seen() == strings{"enter", "exit None", "unraisable ValueError"}));
    {  // begun on one thread, ended on another
        auto inside = app::counter(1).enter();
        std::thread([moved = std::move(inside)] { CHECK(moved->total() == 1); }).join();
        CHECK((app::seen() == strings{"enter", "exit None"}));
    }
    CHECK_THROWS(holdfast::python_error,
                 holdfast::entered<app::counter>(holdfast::eval<holdfast::object>("5")));
}

void callbacks() {
    using text_function = std::function<std::string(std::string)>;
    const holdfast::function<std::vector<std::string>(text_function, std::vector<std::string>)>
        apply{"__main__", "apply"};
    const holdfast::function<text_function(std::int64_t)> adder{"__main__", "adder"};
    const holdfast::function<bool(text_function, text_function)> same{"__main__", "same"};
    CHECK((apply([](std::string text) { return text + "!"; }, {"a", "b"}) ==
           std::vector<std::string>{"a!", "b!"}));
    const text_function five = adder(5);
    CHECK(five("x") == "x5" && apply(five, {"y"}).at(0) == "y5" && same(five, text_function(five)));
    std::thread([copy = five] { CHECK(copy("x") == "x5"); }).join();  // called and dropped there
    CHECK(contains(thrown_text<holdfast::python_error>([&] {
                       apply([](std::string) -> std::string { throw std::out_of_range("far"); },
                             {"a"});
                   }),
                   "HF400 IndexError: far"));
    CHECK(contains(thrown_text<holdfast::conversion_error>([&] { apply(text_function(), {}); }),
                   "argument 1 'f': wanted callable, found an empty std::function"));
    CHECK(contains(
        thrown_text<holdfast::conversion_error>([] { holdfast::eval<text_function>("5"); }),
        "wanted callable, found int"));
    const auto wrong = holdfast::eval<text_function>("len");
    CHECK(contains(thrown_text<holdfast::conversion_error>([&] { wrong("x"); }),
                   "HF403 result of len(): wanted str, found int"));

    // Kept by Python, called by a thread of Python's, ended when Python ends it.
    const auto alive = std::make_shared<int>(3);
    const std::weak_ptr<int> watch = alive;
    const holdfast::function<void(std::function<void()>)> keep{"__main__", "keep"};
    keep([alive = std::shared_ptr<int>(alive)] { ++*alive; });
    holdfast::exec(
        "import threading\n"
        "t = threading.Thread(target=kept); t.start(); t.join(); kept = None\n");
    CHECK(*alive == 4 && watch.use_count() == 1);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    methods();
    with_blocks();
    callbacks();
    const holdfast::function<std::int64_t()> alive{"__main__", "alive"};
    CHECK(alive() == 0);  // what ended on other threads was dropped, too
    const app::counter late(1);
    std::function<std::string(std::string)> late_function =
        holdfast::eval<std::function<std::string(std::string)>>("adder(1)");
    CHECK(python.finalize(std::chrono::seconds(10)));
    CHECK_THROWS(holdfast::closed_error, late.add(1));
    CHECK_THROWS(holdfast::closed_error, late_function("x"));
}
