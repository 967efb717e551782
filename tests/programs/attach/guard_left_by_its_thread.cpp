// If a thread ends without its attach_guard, the report names the guard's line, and finalize() does not wait.
#include <holdfast/holdfast.hpp>
#include <holdfast/platform/thread_name.hpp>

#include <chrono>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"

using namespace std::chrono_literals;

namespace {

constexpr int made_at = __LINE__ + 3;
void leave_attached(const holdfast::interpreter_view &view) {
    holdfast::detail::set_thread_name("forgetful");
    auto *const guard = new holdfast::attach_guard(view);
    CHECK(*guard);
}

void leave_detached(const holdfast::interpreter_view &view) {
    auto *const guard = new holdfast::attach_guard(view);
    auto *const detached = new holdfast::detach_guard;
    CHECK(*guard && detached != nullptr);
}

[[maybe_unused]] void leave_by_pygilstate() { PyGILState_Ensure(); }

}  // namespace

int main() {
    {
        holdfast::interpreter python;
        std::thread([&] { leave_attached(python.view()); }).join();
        std::thread([&] { CHECK(holdfast::eval<int>("1 + 1") == 2); }).join();
        const holdfast::finalize_report report = python.finalize(30s);
        CHECK(report && report.left_behind.size() == 1);
        CHECK(report.left_behind[0].native_id != 0 && report.left_behind[0].name == "forgetful");
        const std::string place = std::string(__FILE__) + ':' + std::to_string(made_at);
        CHECK(contains(report.left_behind[0].where, place));
        CHECK(contains(report.text(), place));
    }
    {
        holdfast::interpreter python;
        std::thread([&] { leave_detached(python.view()); }).join();
        const holdfast::finalize_report report = python.finalize(30s);
        CHECK(report && report.left_behind.size() == 1);
        CHECK(contains(report.text(), "guard_left_by_its_thread.cpp:"));
    }
#if !defined(Py_GIL_DISABLED)
    holdfast::interpreter python;
    std::thread(leave_by_pygilstate).join();  // nothing of ours: it can only be told
    const holdfast::finalize_report report = python.finalize(20ms);
    CHECK(!report && report.still_inside.size() == 1);
#if PY_VERSION_HEX >= 0x030B0000
    CHECK(report.still_inside[0].native_id != 0);
    CHECK(contains(report.text(), "has ended attached"));
#endif
    CHECK(report.text().find("thread 0") == std::string::npos);
    std::_Exit(0);
#endif
}
