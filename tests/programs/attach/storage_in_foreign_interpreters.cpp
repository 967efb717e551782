// per_interpreter has a value for each sub-interpreter of other code; their objects cannot be exchanged.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

namespace {

std::atomic<int> alive{0};
std::atomic<int> times_made{0};

struct held {
    explicit held(holdfast::object its) : inner(std::move(its)) { ++alive; }
    held(held &&other) noexcept : inner(std::move(other.inner)) { ++alive; }
    ~held() { --alive; }
    holdfast::object inner;
};

holdfast::per_interpreter<held> own;

held &use() {
    return own.get_or_init([] {
        ++times_made;
        run_python("class kept: pass\nkept_one = kept()");
        PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
        return held(holdfast::object::borrow(PyDict_GetItemString(names, "kept_one")));
    });
}

/// Attached to the main interpreter, and so again at the end. Another maker's interpreter; used
/// from its own thread.
void in_one_of_another_maker(const holdfast::object &of_main) {
    PyThreadState *const before = PyThreadState_Get();
    PyThreadState *const foreign = Py_NewInterpreter();
    CHECK(foreign != nullptr);
    {
        held &value = use();
        CHECK(&value == &use() && value.inner.view() == holdfast::current_view());
        CHECK(alive == 2);
        run_python("from threading import local");
        CHECK(PyObject_HasAttrString(value.inner.get(), "__class__") == 1);
        CHECK(thrown_code<holdfast::usage_error>([&] { static_cast<void>(of_main.get()); }) ==
              "HF408");
        const holdfast::function<bool(holdfast::object)> truth{"builtins", "bool"};
        CHECK(thrown_code<holdfast::usage_error>([&] { truth(of_main); }) == "HF408");
    }
    Py_EndInterpreter(foreign);
    PyThreadState_Swap(before);
    CHECK(alive == 1);
}

}  // namespace

int main() {
    Py_InitializeEx(0);
    const holdfast::object of_main = use().inner;
    for (int i = 0; i < 4; ++i)  // the next may lie at the address of the last
        in_one_of_another_maker(of_main);
    CHECK(times_made == 5);
    CHECK(of_main.get() == use().inner.get());
    PyThreadState *const state = PyEval_SaveThread();
    CHECK(of_main.get() != nullptr);  // detached: nothing is wrong yet
    std::thread([] {
        const holdfast::attach_guard attached;
        use();
    }).join();
    PyEval_RestoreThread(state);
    CHECK(times_made == 5 && alive == 1);
    CHECK(Py_FinalizeEx() == 0);
    CHECK(alive == 0);
    CHECK_THROWS(holdfast::closed_error, of_main.get());
}
