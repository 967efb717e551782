// An exception that nobody catches ends the process with its message, also after a handler of ours has rethrown it.
#include <holdfast/calls.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "environment.hpp"
#include "own_child.hpp"

namespace {

[[noreturn]] void refused_by_the_host() {
    holdfast::interpreter_config config;
    config.configure = [](PyConfig &, void *) { throw std::runtime_error("not today"); };
    const holdfast::interpreter python(config);
    std::_Exit(0);
}

[[noreturn]] void without_a_debugger() {
    set_variable("HOLDFAST_DEBUGGER", "no port");
    const holdfast::interpreter python;
    std::_Exit(0);
}

/// An interpreter that is destroyed while the process ends might wait, so it is kept.
holdfast::interpreter &kept_python() {
    static auto &python = *new holdfast::interpreter;
    return python;
}

[[noreturn]] void no_such_function() {
    kept_python();
    holdfast::function<void()>("math", "nothing")();
    std::_Exit(0);
}

[[noreturn]] void raised_within_a_limit() {
    kept_python();
    holdfast::within(std::chrono::minutes(1), [] { holdfast::exec("raise KeyError('lost')"); });
    std::_Exit(0);
}

[[noreturn]] void not_what_was_entered() {
    kept_python();
    const holdfast::entered<int> text(
        holdfast::eval<holdfast::object>("__import__('contextlib').nullcontext('text')"));
    std::_Exit(0);
}

[[noreturn]] void not_an_engine() {
    const holdfast::remote_executor engine(kept_python(), "42");
    std::_Exit(0);
}

}  // namespace

int main(int argc, char **argv) {
    const own_children children(argc, argv,
                                {&refused_by_the_host, &without_a_debugger, &no_such_function,
                                 &raised_within_a_limit, &not_what_was_entered, &not_an_engine});
    const std::string named[] = {
        "not today",
        "HF239 no debugger can connect: ",
        "HF404 module 'math' has no function 'nothing'",
        "KeyError: 'lost'",
        "HF403 result of __enter__(): wanted int, found str",
        "HF326 remote_executor was given an object of type 'int'",
    };
    for (std::size_t i = 0; i < std::size(named); ++i)
        CHECK(contains(children.said_by_body(i, aborted), named[i]));
}
