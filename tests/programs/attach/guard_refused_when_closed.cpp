// A guard made after finalization began is refused, with closed_error or a test; it then holds nothing.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <thread>
#include <type_traits>

#include "check.hpp"
#include "event.hpp"
#include "thrown.hpp"

static_assert(!std::is_copy_constructible_v<holdfast::interpreter_guard>);
static_assert(std::is_nothrow_move_constructible_v<holdfast::interpreter_guard>);
static_assert(!std::is_copy_constructible_v<holdfast::attach_guard>);
static_assert(!std::is_move_constructible_v<holdfast::attach_guard>);
static_assert(!std::is_copy_constructible_v<holdfast::detach_guard>);

int main() {
    using holdfast::closed_error;
    using holdfast::interpreter_guard;
    const holdfast::interpreter_view never;
    CHECK(thrown_code<closed_error>([&] { interpreter_guard guard(never); }) == "HF201");

    holdfast::interpreter python;
    const holdfast::interpreter_view view = python;
    event inside;
    event go;
    std::thread worker([&] {
        const holdfast::attach_guard attached(view);
        const holdfast::detach_guard detached;
        inside.set();
        go.wait();
    });
    inside.wait();
    CHECK(!python.finalize(std::chrono::milliseconds(1)));
    CHECK(thrown_code<closed_error>([&] { interpreter_guard guard(view); }) == "HF202");
    const interpreter_guard refused(view, std::nothrow);
    CHECK(!refused && refused.reason() == holdfast::closed_reason::finalizing);
    CHECK(thrown_code<closed_error>([&] { holdfast::attach_guard none(refused); }) == "HF202");
    go.set();
    CHECK(python.finalize(std::chrono::seconds(10)));  // the refused one does not hold it back
    worker.join();
    CHECK(thrown_code<closed_error>([&] { interpreter_guard guard(view); }) == "HF203");
}
