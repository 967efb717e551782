// holdfast/isolated/call_of_host.hpp: calls a function that the host has put into isolated_config.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <exception>

#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/say.hpp>

namespace holdfast::detail {

/// If it throws, that is reported.
template <class Call>
void call_of_host(const char *what, Call &&call) {
    try {
        call();
    } catch (const std::exception &problem) {
        say("holdfast: isolated_config::%s threw: %s\n", what, problem.what());
    } catch (...) {
        pass_on_forced_unwind();
        say("holdfast: isolated_config::%s threw something other than a std::exception\n", what);
    }
}

}  // namespace holdfast::detail
