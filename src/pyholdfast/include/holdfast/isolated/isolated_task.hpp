// holdfast/isolated/isolated_task.hpp: a call that a worker process makes, and its future.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <holdfast/isolated/message.hpp>
#include <holdfast/isolated/plain_converter.hpp>
#include <holdfast/isolated/worker_error.hpp>
#include <holdfast/pools/task.hpp>

namespace holdfast::detail {

class isolated_group;
class isolated_task;

/// A cancelled task leaves the queue at once: others may wait for its place.
void leave_queue(const std::weak_ptr<isolated_group> &group, const isolated_task &task) noexcept;

/// A call, as seen by the threads that pass it on.
///
/// Owns:    the request, and the segments that it needs until it is answered.
/// Threads: one at a time for the request; the future has its own rules.
class isolated_task {
public:
    isolated_task() = default;
    isolated_task(const isolated_task &) = delete;
    isolated_task &operator=(const isolated_task &) = delete;
    virtual ~isolated_task() = default;

    std::string module;
    std::string name;
    std::string pickle;
    std::vector<large_block> blocks;
    bool pickle_in_block = false;
    std::vector<plain_callback> callbacks;
    std::uint32_t flags = request_wants_result;
    bool may_be_cancelled = false;
    bool has_begun = false;  // begin() was true: it can no longer be cancelled
    // Set before another thread knows the task, if it may be cancelled
    std::weak_ptr<isolated_group> group;

    // The following are guarded by the group's mutex.
    unsigned moves = 0;  // its turn had come, but its worker ended first
    // When the system first refused to pass its descriptors
    std::optional<std::chrono::steady_clock::time_point> refused_since;
    std::exception_ptr callback_error;           // the first
    bool in_callback = false;                    // a function of the host runs: the future waits
    bool is_over = false;                        // no other is called. After that, it is settled
    std::exception_ptr ends_with;                // with this, or
    std::shared_ptr<worker_answer> late_answer;  // with this

    /// "scoring.score()"
    [[nodiscard]] std::string text() const { return module + '.' + name + "()"; }

    [[nodiscard]] virtual bool begin() noexcept = 0;
    /// It needs no turn any more.
    [[nodiscard]] virtual bool is_cancelled() noexcept = 0;
    /// Fills the future from the answer's pickle.
    /// \return "" or why it is not what a worker of ours sends; the future is then still empty.
    [[nodiscard]] virtual std::string take(const worker_answer &answer,
                                           std::size_t most_values) noexcept = 0;
    virtual void give_up(std::exception_ptr why) noexcept = 0;
    /// Takes a chunk of a generator's values. \return as take()
    [[nodiscard]] virtual std::string take_chunk(const worker_answer &, std::size_t) noexcept {
        return "it has chunks";
    }
};

/// The exception that a worker reported; throws malformed_answer.
std::exception_ptr reported_exception(const worker_answer &answer);

template <class Result>
class isolated_call final : public promised<Result>, public isolated_task {
public:
    bool begin() noexcept override { return has_begun || promised<Result>::begin(); }

    bool is_cancelled() noexcept override { return this->is_settled(); }

    void cancel() noexcept override {
        promised<Result>::cancel();
        if (this->is_settled())
            leave_queue(group, *this);
    }

    std::string take(const worker_answer &answer, std::size_t most_values) noexcept override {
        try {
            if (answer.kind != answer_kind::result) {
                this->fail_call(reported_exception(answer), text().c_str());
                return {};
            }
            const plain_value value = read_plain(answer.pickle, answer.buffers, most_values);
            const callee call{"", module.c_str(), name.c_str(), "()"};
            const value_path where = value_path::result(call, nullptr);
            if constexpr (std::is_void_v<Result>)
                this->set();
            else
                this->set(plain_converter<Result>::read(value, where));
        } catch (const malformed_answer &problem) {
            return problem.what();
        } catch (...) {  // it may be that there is no memory, also not for a longer name
            this->fail_call(std::current_exception(), name.c_str());
        }
        return {};
    }

    void give_up(std::exception_ptr why) noexcept override { this->fail(std::move(why)); }
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/isolated_task.ipp>
#endif
