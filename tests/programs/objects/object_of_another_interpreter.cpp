// An object never gets into another interpreter; copies and drops happen in its own, wherever they are made.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "check.hpp"
#include "thrown.hpp"

namespace {

using namespace std::chrono_literals;

/// A copy goes over to the object's own interpreter: so that is where it does what others left to be done.
void a_copy_attaches(const holdfast::subinterpreter &other, const holdfast::object &kept) {
    unsigned long thread = 0;
    std::thread([&] {
        auto dropped = holdfast::eval<holdfast::object>("Counted()");  // in the main interpreter
        const holdfast::attach_guard attached(other.view());
        thread = PyThread_get_thread_ident();
        dropped = {};  // for the next attach there
        const holdfast::object copy(kept);
        CHECK(copy.view() == kept.view());
        CHECK(PyInterpreterState_Get() != PyInterpreterState_Main());  // and back
    }).join();
    CHECK(holdfast::eval<bool>("len(dropped_by) == 1"));
    CHECK(holdfast::eval<unsigned long>("dropped_by.pop()") == thread);
}

/// And is refused where the object's interpreter refuses.
void a_copy_may_be_refused(holdfast::interpreter &python, const holdfast::subinterpreter &other,
                           const holdfast::object &kept) {
    {
        holdfast::interpreter_guard held(python.view());
        const holdfast::interpreter_guard handed_over(std::move(held));
        CHECK(!python.finalize(0ms));
        std::thread([&] {
            const holdfast::attach_guard attached(other.view());
            CHECK(thrown_code<holdfast::closed_error>([&] { const holdfast::object copy(kept); }) ==
                  "HF202");
        }).join();
    }
    python.reopen();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    {
        holdfast::subinterpreter other(python);
        holdfast::exec(
            "import threading\n"
            "dropped_by = []\n"
            "class Counted:\n"
            "    def __del__(self):\n"
            "        dropped_by.append(threading.get_ident())\n");
        auto object = holdfast::eval<holdfast::object>("Counted()");
        a_copy_attaches(other, object);
        a_copy_may_be_refused(python, other, object);
        std::thread([&] {
            const holdfast::attach_guard attached(other.view());
            const holdfast::function<bool(holdfast::object)> truth{"builtins", "bool"};
            CHECK(thrown_code<holdfast::usage_error>([&] { truth(object); }) == "HF408");
            object = {};
            CHECK(!PyErr_Occurred());
        }).join();
        CHECK(holdfast::eval<int>("len(dropped_by)") == 1);
        CHECK(other.finalize(5s));
    }
    CHECK(python.finalize(5s));
}
