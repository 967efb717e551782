// The article's class on its own: global, default-constructible, nests, ends by an exception; late use throws HF203.
// precompiled: no
#include <holdfast/PyThreadStateLock.h>

#include <stdexcept>
#include <thread>
#include <type_traits>
#include <vector>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

static_assert(std::is_default_constructible_v<::PyThreadStateLock>);
static_assert(!std::is_copy_constructible_v<PyThreadStateLock>);

namespace {

void call_python(int levels) {
    PyThreadStateLock lock;
    run_python("calls = globals().get('calls', 0) + 1");
    if (levels > 0)
        call_python(levels - 1);
}

void fail_inside() {
    PyThreadStateLock lock;
    PyThreadStateLock nested;
    throw std::runtime_error("the application's own");
}

}  // namespace

int main() {
    Py_Initialize();
    PyThreadState *const main_state = PyEval_SaveThread();
    std::vector<std::thread> children;
    for (int i = 0; i < 8; ++i)
        children.emplace_back([] {
            call_python(9);
            CHECK_THROWS(std::runtime_error, fail_inside());
            CHECK(!holdfast::attached());
            const PyGILState_STATE before = PyGILState_Ensure();  // as the article's own class did
            call_python(0);
            PyGILState_Release(before);
        });
    for (std::thread &child : children)
        child.join();
    PyEval_RestoreThread(main_state);
    CHECK(number_of_python("calls") > 0);
    CHECK(Py_FinalizeEx() == 0);
    std::thread([] {
        CHECK(thrown_code<holdfast::closed_error>([] { PyThreadStateLock late; }) == "HF203");
    }).join();
}
