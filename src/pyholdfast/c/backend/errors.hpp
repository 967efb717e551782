// c/backend/errors.hpp: turns the runtime's exceptions into a status and this thread's last error.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstdlib>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <holdfast/calls/deadline.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/python_error.hpp>
#include <holdfast/platform/forced_unwind.hpp>

#include "../last_error.hpp"
#include "../table.hpp"
#include "remedies.hpp"
#include "results.hpp"

namespace holdfast::c {

/// Notes a failure: sets this thread's last error, and returns the status.
inline hf_status fail(int code, std::string message, std::string type = {},
                      std::string traceback = {}, object exception = {}) {
    if (callback_frame *const frame = callback_frame::innermost) {
        frame->exception = std::move(exception);
        frame->has_failed = true;
    }
    return last_error::set(code, std::move(message), std::move(type), std::move(traceback));
}

inline int number_of(const char *code) noexcept {
    return static_cast<int>(std::strtol(code + 2, nullptr, 10));  // after "HF"
}

inline hf_status fail(const error &problem) {
    return fail(number_of(problem.code()), in_c_words(number_of(problem.code()), problem.what()));
}

inline hf_status refused(closed_reason reason) { return fail(closed_error(reason)); }

/// An argument that makes the call impossible.
inline hf_status wrong_argument(const std::string &problem, const char *remedy) {
    return fail(usage_error("HF269", problem, remedy));
}

inline hf_status given_nothing(const char *function, const char *what) {
    return wrong_argument(std::string(function) + "() was given " + what + " NULL",
                          "test the status of the call that should have made it");
}

/// What fail() is to note.
struct failure {
    int code;
    std::string message, type = {}, traceback = {};
    object exception = {};
};

inline failure failure_of(const error &problem) {
    const int code = number_of(problem.code());
    return {code, in_c_words(code, problem.what())};
}

/// The exception itself, for a callback that may return its status. The thread may have detached since,
/// and be refused now, as Python ends: then it is empty, and the callback's exception is a new one, of
/// this type and with this text.
inline object exception_for_callback(const python_error &problem) {
    if (callback_frame::innermost == nullptr)
        return {};
    try {
        return problem.exception();
    } catch (const closed_error &) {
        return {};
    }
}

/// Call it inside a catch handler.
inline failure failure_as_caught() {
    try {
        throw;
    } catch (const deadline_error &problem) {
        return {number_of(problem.code()), problem.what(), {}, problem.traceback()};
    } catch (const python_error &problem) {
        const int code = number_of(problem.code());
        return {code,
                code == HF_PYTHON_ERROR ? problem.message() : in_c_words(code, problem.what()),
                problem.type(), problem.traceback(), exception_for_callback(problem)};
    } catch (const error &problem) {
        return failure_of(problem);
    } catch (const std::bad_alloc &) {
        return failure_of(
            error("HF268", "there is no memory", "free some, or pass smaller values"));
    } catch (const std::length_error &problem) {
        return failure_of(usage_error("HF269",
                                      std::string("a number is too large: ") + problem.what(),
                                      "pass a smaller one"));
    } catch (const std::system_error &problem) {
        return failure_of(
            error("HF268", std::string("the system gives no thread: ") + problem.code().message(),
                  "raise the limit on threads of this user or container"));
    } catch (const std::exception &problem) {
        return failure_of(error("HF268", std::string("an internal error: ") + problem.what(),
                                "report it, with what the program did"));
    } catch (...) {
        return failure_of(error("HF268", "an internal error: an exception of an unknown type",
                                "report it, with what the program did"));
    }
}

/// The failure that is being handled, made in `room`; null: there is no memory to say what it is.
HOLDFAST_DETAIL_COLD inline failure *caught_in(void *room) {
    try {
        return new (room) failure(failure_as_caught());
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}

/// Notes a failure that protect() has caught, and destroys it.
HOLDFAST_DETAIL_COLD inline hf_status fail_with(failure *caught) {
    if (caught == nullptr)
        return fail(268, {});
    failure its = std::move(*caught);
    caught->~failure();
    return fail(its.code, std::move(its.message), std::move(its.type), std::move(its.traceback),
                std::move(its.exception));
}

/// Calls `body`, which returns a status. No C++ exception leaves it, except a forced unwind.
template <class Body>
HOLDFAST_DETAIL_INLINE hf_status protect(const Body &body) {
    // Room only: GCC clears a std::optional, and so would in each call that succeeds
    alignas(failure) unsigned char room[sizeof(failure)];
    failure *caught = nullptr;
    try {
        return body();
    } catch (...) {
        detail::pass_on_forced_unwind();
        caught = caught_in(room);
    }
    // Now that the exception is gone: its frames may have held the last reference to an object, whose
    // destructor failed in a call of ours.
    return fail_with(caught);
}

/// A failure of the library's own, e.g. an argument that is NULL. A callback may return its status,
/// and then Python's exception has this text.
inline void note_failure(int code, const char *message) noexcept {
    try {
        fail(code, message);
    } catch (const std::bad_alloc &) {
        fail(code, {});
    }
}

inline void last_error_of_backend(holdfast_backend_error *out) {
    static const error_texts nothing;
    const error_texts *const mine = last_error::of_this_thread();
    const error_texts &texts = mine != nullptr ? *mine : nothing;
    *out = {texts.code, texts.message.c_str(), texts.type.c_str(), texts.traceback.c_str()};
}

}  // namespace holdfast::c
