// An interpreter shares the main one's GIL unless it is known to have its own, whoever made it and whenever counters began.
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/watch/counters.hpp>

#include "check.hpp"

namespace {

PyThreadState *made_by_other_code(bool legacy, bool own_gil) {
#if HOLDFAST_HAS_OWN_GIL
    PyInterpreterConfig config{};
    config.use_main_obmalloc = own_gil ? 0 : 1;
    config.allow_threads = 1;
    config.check_multi_interp_extensions = 1;
    config.gil = own_gil ? PyInterpreterConfig_OWN_GIL : PyInterpreterConfig_SHARED_GIL;
    PyThreadState *made = nullptr;
    if (!legacy) {
        CHECK(PyStatus_Exception(Py_NewInterpreterFromConfig(&made, &config)) == 0);
        return made;
    }
#else
    (void)legacy;
    (void)own_gil;
#endif
    return Py_NewInterpreter();
}

/// In the file, of the caller's interpreter.
bool is_said_to_have_its_own() {
    const std::uint64_t number = holdfast::detail::register_current().generation;
    const auto &header = holdfast::detail::process().record_file.load()->header();
    CHECK(number > 1);
    return holdfast::detail::gil_of(header, static_cast<std::uint32_t>(number)) != 0;
}

bool of_other_code(bool legacy, bool own_gil) {
    PyThreadState *const before = PyThreadState_Get();
    PyThreadState *const first = made_by_other_code(legacy, own_gil);
    const bool said = is_said_to_have_its_own();
    Py_EndInterpreter(first);
    PyThreadState_Swap(before);
    return said;
}

bool of_ours(const holdfast::interpreter &python, bool shared_gil) {
    holdfast::subinterpreter_config config;
    config.shared_gil = shared_gil;
    const holdfast::subinterpreter made(python, config);
    const holdfast::attach_guard attached(made);
    return is_said_to_have_its_own();
}

}  // namespace

int main() {
    constexpr bool can = HOLDFAST_HAS_OWN_GIL != 0;
    holdfast::interpreter python;
    const holdfast::subinterpreter earlier(python);
    holdfast::start_counters();
    {
        const holdfast::attach_guard attached(earlier);
        CHECK(is_said_to_have_its_own() == can);
    }
    CHECK(of_ours(python, false) == can);
    CHECK(!of_ours(python, true));
    {
        const holdfast::attach_guard attached(python);
        CHECK(!of_other_code(true, false));
        CHECK(!of_other_code(false, false));
        CHECK(of_other_code(false, true) == can);
    }
    const auto &header = holdfast::detail::process().record_file.load()->header();
    CHECK(header.python_version.load() == PY_VERSION_HEX);
    CHECK((header.free_threaded.load() != 0) == (HOLDFAST_HAS_FREE_THREADING != 0));
    CHECK(holdfast::detail::gil_of(header, 1) == 0);
}
