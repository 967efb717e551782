// A library that uses the C++ headers, built for one Python, in a process that a C program started.
#include <holdfast/holdfast.hpp>

#include <memory>
#include <string>

namespace {
std::unique_ptr<holdfast::interpreter_guard> held;
}

extern "C" {

/// Attaches by itself; 0 if refused.
__attribute__((visibility("default"))) int cxx_add(int a, int b) {
    try {
        return static_cast<int>(
            holdfast::eval<long>(std::to_string(a) + " + " + std::to_string(b)));
    } catch (const holdfast::closed_error &) {
        return 0;
    }
}

/// Holds back the end of Python, until it is called with 0.
__attribute__((visibility("default"))) int cxx_hold(int hold) {
    held.reset();
    if (hold != 0)
        held = std::make_unique<holdfast::interpreter_guard>(holdfast::main_view(), std::nothrow);
    return held && *held ? 1 : 0;
}

/// Whether this thread is inside by the C program's scope: the records are the same.
__attribute__((visibility("default"))) int cxx_is_inside() {
    const holdfast::detail::interpreter_ref main = holdfast::main_view().ref();
    return holdfast::attached() && holdfast::detail::is_inside(*main.record) &&
                   holdfast::current_view() == holdfast::main_view()
               ? 1
               : 0;
}

/// The address of the record, as an hf_view has it.
__attribute__((visibility("default"))) void *cxx_record() {
    return holdfast::main_view().ref().record;
}
}
