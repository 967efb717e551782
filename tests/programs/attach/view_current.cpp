// current_view() is the view of the interpreter that the thread is attached to; on a detached thread it throws HF216.
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    const auto demand = [&] {
        CHECK(thrown_code<holdfast::usage_error>([] { holdfast::current_view(); }) == "HF216");
        {
            const holdfast::attach_guard attached(python.view());
            CHECK(holdfast::current_view() == python.view());
            const holdfast::detach_guard detached;
            CHECK(thrown_code<holdfast::usage_error>([] { holdfast::current_view(); }) == "HF216");
        }
        const PyGILState_STATE before = PyGILState_Ensure();
        CHECK(holdfast::current_view() == python.view());
        PyGILState_Release(before);
    };
    demand();
    std::thread(demand).join();
    CHECK(holdfast::main_view() == python.view());
}
