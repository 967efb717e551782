// holdfast/isolated/isolated_stream.hpp: the values of a generator that runs in a worker process.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/attach/guards.hpp>
#include <holdfast/isolated/isolated_task.hpp>
#include <holdfast/isolated/plain_containers.hpp>

namespace holdfast::detail {

class isolated_group;

/// The reader has taken a chunk.
void chunk_was_read(isolated_group &group, const isolated_task &task);
/// Nobody will read the rest: ends the generator, or cancels the task.
void stop_stream(isolated_group &group, isolated_task &task);

/// The task, and the chunks that have arrived.
///
/// Threads: one reads; the group's threads do the rest.
template <class T>
class isolated_stream final : public isolated_task {
public:
    isolated_stream() {
        flags = request_streams;
        may_be_cancelled = true;  // so it is sent only to a worker that begins at once
    }

    bool begin() noexcept override {
        const std::lock_guard<std::mutex> hold(mutex_);
        return !is_over_;
    }

    bool is_cancelled() noexcept override {
        const std::lock_guard<std::mutex> hold(mutex_);
        return is_over_;
    }

    std::string take_chunk(const worker_answer &answer, std::size_t most_values) noexcept override {
        try {
            const plain_value value = read_plain(answer.pickle, answer.buffers, most_values);
            const callee call{"", module.c_str(), name.c_str(), "()"};
            add(plain_converter<std::vector<T>>::read(value, value_path::result(call, nullptr)));
        } catch (const malformed_answer &problem) {
            return problem.what();
        } catch (...) {
            give_up(std::current_exception());
        }
        return {};
    }

    std::string take(const worker_answer &answer, std::size_t) noexcept override {
        try {
            give_up(answer.kind == answer_kind::result ? nullptr : reported_exception(answer));
        } catch (const malformed_answer &problem) {
            return problem.what();
        } catch (...) {
            give_up(std::current_exception());
        }
        return {};
    }

    void give_up(std::exception_ptr why) noexcept override {
        const std::lock_guard<std::mutex> hold(mutex_);
        if (!std::exchange(is_over_, true))
            why_ = std::move(why);
        changed_.notify_all();
    }

    /// Waits, detached, for the next chunk; empty at the end. \throws what ended the task
    std::vector<T> next_chunk() {
        const detach_guard detached;
        std::unique_lock<std::mutex> hold(mutex_);
        changed_.wait(hold, [this] { return is_over_ || !chunks_.empty(); });
        if (chunks_.empty()) {
            if (why_ != nullptr)
                std::rethrow_exception(std::exchange(why_, nullptr));
            return {};
        }
        std::vector<T> taken = std::move(chunks_.front());
        chunks_.pop_front();
        return taken;
    }

private:
    void add(std::vector<T> values) {
        const std::lock_guard<std::mutex> hold(mutex_);
        if (is_over_ || values.empty())
            return;
        chunks_.push_back(std::move(values));
        changed_.notify_all();
    }

    std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    std::deque<std::vector<T>> chunks_;
    bool is_over_ = false;    // nothing more will come
    std::exception_ptr why_;  // thrown once, after the chunks
};

/// The source of a range: it gives the values one by one. Copies share the position.
template <class T>
class stream_reader {
public:
    stream_reader(std::shared_ptr<isolated_group> group, std::shared_ptr<isolated_stream<T>> task)
        : shared_(std::make_shared<state>(std::move(group), std::move(task))) {}

    std::optional<T> operator()() {
        state &own = *shared_;
        if (own.at == own.values.size()) {
            own.values = own.task->next_chunk();
            own.at = 0;
            if (own.values.empty())
                return std::nullopt;
            chunk_was_read(*own.group, *own.task);
        }
        return std::optional<T>(std::in_place, std::move(own.values[own.at++]));
    }

private:
    struct state {
        state(std::shared_ptr<isolated_group> its_group, std::shared_ptr<isolated_stream<T>> its)
            : group(std::move(its_group)), task(std::move(its)) {}
        state(const state &) = delete;
        state &operator=(const state &) = delete;
        ~state() { stop_stream(*group, *task); }

        std::shared_ptr<isolated_group> group;
        std::shared_ptr<isolated_stream<T>> task;
        std::vector<T> values;
        std::size_t at = 0;
    };

    std::shared_ptr<state> shared_;
};

}  // namespace holdfast::detail
