// holdfast/objects/python_error.ipp: the bodies of python_error.hpp.
#pragma once

#include <holdfast/objects/python_error.hpp>

#include <utility>

namespace holdfast {

namespace detail {

HOLDFAST_DETAIL_COLD_BODY void throw_python_error() { throw python_error(); }

HOLDFAST_DETAIL_COLD inline std::string headline(const raised &taken) {
    if (taken.refused_module.empty())
        return taken.headline();
    return "module '" + taken.refused_module +
           "' refuses sub-interpreters with a GIL of their own: " + taken.headline();
}

HOLDFAST_DETAIL_COLD inline std::string remedy(const raised &taken) {
    if (!taken.refused_module.empty())
        return "use it in the main interpreter, with an executor on a free-threaded build or in "
               "other processes with a remote_executor; or let the sub-interpreter share the GIL "
               "(subinterpreter_config)";
    if (taken.exit_code)
        return "end the process with exit_code(), " + std::to_string(*taken.exit_code) +
               ", if Python code may decide that";
    return "read traceback() for where it was raised; catch python_error if it is expected";
}

}  // namespace detail

HOLDFAST_DETAIL_COLD_BODY python_error::python_error()
    : python_error(std::make_shared<const detail::raised>(detail::take_raised())) {}

HOLDFAST_DETAIL_COLD_BODY python_error::python_error(const char *code, const std::string &problem,
                                                     const std::string &remedy)
    : error(code, problem, remedy),
      raised_(std::make_shared<const detail::raised>(detail::take_raised())) {}

HOLDFAST_DETAIL_COLD_BODY
python_error::python_error(std::shared_ptr<const detail::raised> taken)
    : error(taken->refused_module.empty() ? "HF400" : "HF307", detail::headline(*taken),
            detail::remedy(*taken)),
      raised_(std::move(taken)) {}

HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD_BODY void python_error::restore() const {
    if (!raised_->exception)
        throw usage_error("HF216",
                          "python_error::restore() was called for an exception that was raised in "
                          "another process",
                          "raise a new exception with its type() and message()");
    const closed_reason reason = raised_->exception.view().reason();
    if (reason == closed_reason::finalized || reason == closed_reason::stale)
        throw closed_error(reason);
    if (detail::attached_ref() != raised_->exception.view().ref() || !attached())
        throw usage_error("HF216",
                          "python_error::restore() was called by a thread that is not "
                          "attached to the exception's interpreter",
                          "construct an attach_guard(error.exception().view()) first");
    detail::set_exception(Py_NewRef(raised_->exception.get()));
}

}  // namespace holdfast
