// per_interpreter and interpreter_once_flag have one value for each interpreter, made once, until its end.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "thrown.hpp"

namespace {

std::atomic<int> alive{0};
std::atomic<int> ended_attached{0};

/// A value with something of Python in it, and a count of those that live.
struct held {
    explicit held(holdfast::object its) : inner(std::move(its)) { ++alive; }
    held(held &&other) noexcept : inner(std::move(other.inner)) { ++alive; }
    ~held() {
        --alive;
        if (inner && holdfast::attached())
            ++ended_attached;
    }
    holdfast::object inner;
};

holdfast::per_interpreter<held> own;
holdfast::interpreter_once_flag flag;
std::atomic<int> times_made{0};
std::atomic<int> times_flagged{0};

held make() {
    ++times_made;
    return held(holdfast::eval<holdfast::object>("[__import__('sys')]"));
}

/// Attached. The interpreter's own value, whose object is of this interpreter.
void use() {
    held &value = own.get_or_init(&make);
    CHECK(value.inner.view() == holdfast::current_view());
    CHECK(PyList_CheckExact(value.inner.get()));
    CHECK(own.get() == &value);
    holdfast::call_once(flag, [] { ++times_flagged; });
}

void from_threads(const holdfast::interpreter_view &where, int count) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&] {
            const holdfast::attach_guard attached(where);
            use();
        });
    for (std::thread &thread : threads)
        thread.join();
}

/// A second thread waits, detached, for the first one's value, which needs Python to be made.
void second_waits_for_first(const holdfast::interpreter_view &where) {
    static holdfast::per_interpreter<int> slow;
    event begun;
    event second_is_attached;
    std::atomic<int> made{0};
    std::thread first([&] {
        const holdfast::attach_guard attached(where);
        slow.get_or_init([&] {
            begun.set();
            const holdfast::detach_guard detached;
            second_is_attached.wait();
            return ++made;
        });
    });
    begun.wait();
    {
        const holdfast::attach_guard attached(where);
        second_is_attached.set();
        CHECK(slow.get_or_init([&] { return ++made + 100; }) == 1);
    }
    first.join();
}

void one_that_fails() {
    static holdfast::per_interpreter<std::string> name;
    const holdfast::attach_guard attached;
    CHECK_THROWS(std::runtime_error,
                 name.get_or_init([]() -> std::string { throw std::runtime_error("not yet"); }));
    CHECK(name.get() == nullptr);
    CHECK(name.get_or_init([] { return "second"; }) == "second");
    static holdfast::per_interpreter<int> itself;
    CHECK(thrown_code<holdfast::usage_error>([] {
              itself.get_or_init([] { return itself.get_or_init([] { return 1; }); });
          }) == "HF221");
}

void run() {
    times_made = times_flagged = ended_attached = 0;
    {
        holdfast::interpreter python;
        CHECK(thrown_code<holdfast::usage_error>([] { own.get_or_init(&make); }) == "HF216");
        CHECK(thrown_code<holdfast::usage_error>([] { static_cast<void>(own.get()); }) == "HF216");
        CHECK(thrown_code<holdfast::usage_error>([] { holdfast::call_once(flag, [] {}); }) ==
              "HF216");
        {
            const holdfast::attach_guard attached;
            CHECK(own.get() == nullptr);
        }
        from_threads(python, 4);
        CHECK(times_made == 1 && times_flagged == 1);
        second_waits_for_first(python);
        one_that_fails();
        {
            holdfast::subinterpreter other(python);
            holdfast::subinterpreter third(python);
            from_threads(other, 4);
            from_threads(third, 2);
            from_threads(python, 1);
            CHECK(times_made == 3 && times_flagged == 3 && alive == 3);
            second_waits_for_first(other);
            CHECK(other.finalize(std::chrono::seconds(10)));
            CHECK(alive == 2);
            const holdfast::attach_guard attached(third.view());
            use();
        }
        CHECK(alive == 1 && times_made == 3);
        {
            const auto short_lived = std::make_unique<holdfast::per_interpreter<held>>();
            const holdfast::attach_guard attached;
            short_lived->get_or_init(&make);
        }
        CHECK(alive == 2);  // its interpreter has it
        CHECK(python.finalize(std::chrono::seconds(10)));
    }
    CHECK(alive == 0);
    CHECK(ended_attached == 4);
    CHECK(times_made == 4);
}

}  // namespace

int main() {
    for (int round = 0; round < 3; ++round)
        run();
}
