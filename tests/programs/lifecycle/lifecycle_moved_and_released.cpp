// Python ends once, with the object that holds it after moves; after release() it keeps running.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"
#include "thrown_text.hpp"

namespace {

using holdfast::closed_reason;
using std::chrono::seconds;

holdfast::interpreter started(std::vector<std::string> arguments) {
    holdfast::interpreter_config config;
    config.argv = std::move(arguments);
    holdfast::interpreter python(config);
    holdfast::exec("ends = []\nimport atexit\natexit.register(lambda: ends.append(1))");
    return python;
}

void use(const holdfast::interpreter_view &view) {
    std::thread([&] {
        const holdfast::attach_guard attached(view);
        run_python("x = 1");
    }).join();
}

void holds_nothing(holdfast::interpreter &empty) {
    CHECK(!empty.view().alive() && empty.view() == holdfast::interpreter_view());
    CHECK(thrown_code<holdfast::usage_error>([&] { empty.finalize(seconds(1)); }) == "HF257");
    CHECK(thrown_code<holdfast::usage_error>([&] { empty.reopen(); }) == "HF257");
    CHECK(empty.release() == holdfast::interpreter_view());
}

void moved() {
    holdfast::interpreter first = started({"one"});
    const holdfast::interpreter_view view = first.view();
    holdfast::interpreter second(std::move(first));
    holds_nothing(first);
    CHECK(second.view() == view && view.alive());
    use(view);
    first = std::move(second);
    holds_nothing(second);
    use(view);
    auto *const itself = &first;
    first = std::move(*itself);
    use(view);
    CHECK(first.finalize(seconds(10)));

    holdfast::interpreter finalized(std::move(first));
    CHECK(finalized.finalize(seconds(10)));  // its report came along
    finalized = started({"two"});
    CHECK(finalized.view().alive() && view.reason() == closed_reason::stale);
    {
        const holdfast::interpreter taken(std::move(finalized));
        use(taken.view());
    }  // ended here, once
    CHECK(Py_IsInitialized() == 0);
    holds_nothing(finalized);
    finalized = started({"three"});
    finalized = holdfast::interpreter(
        std::move(second));  // an empty one: what was held ends, as by the destructor
    CHECK(Py_IsInitialized() == 0);
}

void released() {
    holdfast::interpreter_view view;
    {
        holdfast::interpreter python = started({"four"});
        view = python.release();
        holds_nothing(python);
    }
    CHECK(view.alive());
    use(view);
    const std::string refusal =
        thrown_text<holdfast::usage_error>([] { holdfast::interpreter second; });
    CHECK(contains(
        refusal,
        "HF215 Python is already running: a holdfast::interpreter started it, and was released"));
    CHECK(contains(refusal, "do: take it back with interpreter::adopt()"));
    {
        const holdfast::interpreter again = holdfast::interpreter::adopt();
        CHECK(again.view() == view);
        use(view);
    }
    use(view);  // adopted, and not finalized: left as it was
    holdfast::interpreter last = holdfast::interpreter::adopt();
    holdfast::subinterpreter inner(last);
    CHECK(inner.finalize(seconds(10)));
    CHECK(last.finalize(seconds(10)));
    CHECK(Py_IsInitialized() == 0);
}

/// A finalize() that runs into its limit closes Python, and nobody else could open it.
void given_up_closed() {
    event is_inside;
    event go;
    holdfast::interpreter python = started({"six"});
    const holdfast::interpreter_view view = python.view();
    std::thread inside([&] {
        const holdfast::interpreter_guard guard(view);
        is_inside.set();
        go.wait();
    });
    is_inside.wait();
    CHECK(!python.finalize(std::chrono::milliseconds(0)));
    CHECK(view.reason() == closed_reason::finalizing);
    CHECK(python.release() == view);
    CHECK(view.alive());
    {
        holdfast::interpreter again = holdfast::interpreter::adopt();
        CHECK(!again.finalize(std::chrono::milliseconds(0)));
        holdfast::interpreter moved(std::move(again));
        CHECK(!view.alive());
    }
    use(view);
    go.set();
    inside.join();
    holdfast::interpreter last = holdfast::interpreter::adopt();
    CHECK(last.finalize(seconds(10)));
}

}  // namespace

int main() {
    moved();
    released();
    given_up_closed();
    moved();
    holdfast::interpreter forever = started({"five"});
    use(forever.release());  // nobody ends it: the process does
}
