// An object that outlives Python may be moved and destroyed; only its use is refused.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/objects/object.hpp>

#include <thread>
#include <utility>

#include "check.hpp"
#include "thrown.hpp"
#include "thrown_text.hpp"

namespace {

holdfast::object destroyed_last;  // after main(), when the runtime's own atexit hooks have run

}  // namespace

int main() {
    holdfast::object local;
    {
        holdfast::interpreter python;
        local = holdfast::eval<holdfast::object>("[1, 2, 3]");
        destroyed_last = holdfast::eval<holdfast::object>("{'a': 1}");
        CHECK(python.finalize(std::chrono::seconds(5)));
    }
    holdfast::object moved = std::move(local);
    CHECK(moved && !local);
    CHECK(contains(thrown_text<holdfast::closed_error>([&] { (void)moved.get(); }),
                   "HF203 the object cannot be used: the interpreter has been finalized\n  do: use "
                   "it before"));
    CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::object copy(moved); }) == "HF203");
    CHECK(thrown_code<holdfast::closed_error>([&] { (void)moved.attr("append"); }) == "HF203");
    CHECK(moved.release() == nullptr);
    std::thread([object = std::move(moved)]() mutable { object = {}; }).join();
}
