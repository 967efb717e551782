// holdfast/isolated/worker_error.ipp: the bodies of worker_error.hpp.
#pragma once

#include <holdfast/isolated/worker_error.hpp>

#include <utility>

#include <holdfast/calls/deadline.hpp>

namespace holdfast {

namespace detail {

HOLDFAST_DETAIL_COLD_BODY const char *code_of(worker_end how) noexcept {
    switch (how) {
    case worker_end::signal:
        break;
    case worker_end::exit:
        return "HF331";
    case worker_end::memory:
        return "HF332";
    case worker_end::cpu:
        return "HF333";
    case worker_end::protocol:
        return "HF334";
    case worker_end::start_failed:
        return "HF335";
    }
    return "HF330";
}

HOLDFAST_DETAIL_COLD inline const char *remedy_of(worker_end how) noexcept {
    switch (how) {
    case worker_end::signal:
        break;
    case worker_end::exit:
        return "let the function return or raise instead of ending its process";
    case worker_end::memory:
        return "raise isolated_config::memory, or let the function need less";
    case worker_end::cpu:
        return "raise isolated_config::cpu, or let the function do less in one call";
    case worker_end::protocol:
        return "keep the function from using the file descriptors that it did not open";
    case worker_end::start_failed:
        return "correct isolated_config::python, module_search_paths or preload, or raise memory "
               "or "
               "open_files; a new task makes another attempt";
    }
    return "read python_stack() for where it crashed";
}

HOLDFAST_DETAIL_COLD_BODY worker_python_error::worker_python_error(raised texts)
    : python_error(std::make_shared<const raised>(std::move(texts))) {}

HOLDFAST_DETAIL_COLD_BODY std::exception_ptr limit_passed(std::chrono::milliseconds limit,
                                                          bool killed, std::string stack) {
    return std::make_exception_ptr(
        deadline_error("the call did not end within " + std::to_string(limit.count()) + " ms and " +
                           (killed ? "its worker was killed" : "was interrupted"),
                       std::move(stack)));
}

}  // namespace detail

HOLDFAST_DETAIL_COLD_BODY worker_error::worker_error(worker_end how, const std::string &problem,
                                                     int signal, int exit_status,
                                                     std::string python_stack)
    : pool_error(detail::code_of(how), problem, detail::remedy_of(how)),
      how_(how),
      signal_(signal),
      exit_status_(exit_status),
      python_stack_(std::make_shared<const std::string>(std::move(python_stack))) {}

}  // namespace holdfast
