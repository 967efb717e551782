// holdfast/pools/remote_error.hpp: the errors of tasks that an engine could not complete.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <holdfast/error.hpp>
#include <holdfast/pool_error.hpp>

namespace holdfast {

/// In a future of a remote_executor: the call did not take place, or its result is lost. An
/// exception of the function itself is a python_error instead.
///
/// HF320 the engine gave up: a worker died, or the scheduler went away. HF321 no result within the
/// limit. HF322 the result cannot be pickled. HF323 the result cannot be read here. HF324 a worker
/// does not have the function. HF325 a worker cannot read the arguments.
class remote_error : public pool_error {
public:
    remote_error(const char *code, const std::string &problem, const std::string &remedy,
                 std::string traceback = {});

    /// Where Python noticed it, in the worker or here; empty for HF321.
    [[nodiscard]] const std::string &traceback() const noexcept { return traceback_; }

private:
    std::string traceback_;
};

namespace detail {

/// Makes the error for an answer without a value. \param kind  as in engine_source.hpp.
remote_error no_value(const std::string &kind, const std::string &called,
                      const std::string &message, const std::string &traceback);

remote_error took_too_long(const std::string &called, std::chrono::milliseconds limit);

usage_error no_engine(const std::string &type);

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pools/remote_error.ipp>
#endif
