// holdfast/pools/engine_task.hpp: a call that an engine runs elsewhere, and its future.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/pools/remote_error.hpp>
#include <holdfast/pools/task.hpp>

namespace holdfast::detail {

/// The calls of one as_completed(), in the order in which they end.
///
/// Threads: any; the mutex is a leaf.
class finish_line {
public:
    void arrive(std::size_t index);

    /// Waits, detached, for the next one.
    [[nodiscard]] std::size_t next();

private:
    std::mutex mutex_;
    std::condition_variable one_arrived_;
    std::deque<std::size_t> arrived_;  // guarded by mutex_
};

/// What the link to an engine knows about a call.
///
/// Threads: the thread that ends the call uses take() or give_up(); the first one wins. The link's
///          mutex guards the members marked as the link's.
class remote_task {
public:
    using clock = std::chrono::steady_clock;

    remote_task(const char *module, const char *name) noexcept;
    remote_task(const remote_task &) = delete;
    remote_task &operator=(const remote_task &) = delete;
    virtual ~remote_task();

    /// Fills the future with the answer that the host's outcome() returned.
    HOLDFAST_REQUIRES_ATTACHED virtual void take(PyObject *answer) = 0;
    virtual void give_up(std::exception_ptr why) noexcept = 0;
    /// The call was made, and raised this.
    virtual void call_failed(const std::exception_ptr &why) noexcept = 0;

    [[nodiscard]] const char *module() const noexcept { return call_.module; }
    [[nodiscard]] const char *name() const noexcept { return call_.name; }
    [[nodiscard]] std::string called() const;
    /// In the form that pkgutil.resolve_name() takes.
    [[nodiscard]] std::string path() const;
    [[nodiscard]] bool is_cancelled() const noexcept {
        return cancelled_.load(std::memory_order_acquire);
    }

    object python_future;                                         // the link's
    std::list<std::shared_ptr<remote_task>>::iterator listed_at;  // the link's; while is_listed
    bool is_listed = false;                                       // the link's
    clock::time_point since{};
    clock::time_point deadline = clock::time_point::max();

protected:
    [[nodiscard]] const callee &call() const noexcept { return call_; }

    // Set before the link checks for a Python future to cancel: one of the two sees the other.
    std::atomic<bool> cancelled_{false};

private:
    const callee call_;
};

/// Where a call reports that it was cancelled. Must neither block nor call Python.
class remote_desk {
public:
    remote_desk() = default;
    remote_desk(const remote_desk &) = delete;
    remote_desk &operator=(const remote_desk &) = delete;
    virtual void order_cancel(remote_task &task) noexcept = 0;

protected:
    ~remote_desk() = default;
};

template <class Result>
class remote_call final : public promised<Result>, public remote_task {
public:
    remote_call(std::shared_ptr<remote_desk> desk, const callee &call,
                std::shared_ptr<finish_line> line, std::size_t index)
        : remote_task(call.module, call.name),
          desk_(std::move(desk)),
          line_(std::move(line)),
          index_(index) {}

    void take(PyObject *answer) override {
        try {
            PyObject *const content = PyTuple_GetItem(answer, 1);  // borrowed, like the next ones
            const std::string kind = utf8_of(PyTuple_GetItem(answer, 0));
            if (kind != "value")
                throw no_value(kind, called(), utf8_of(content),
                               utf8_of(PyTuple_GetItem(answer, 2)));
            if constexpr (std::is_void_v<Result>)
                this->set();
            else
                this->set(owned_from_python<Result>(content, value_path::result(call(), nullptr)));
        } catch (...) {
            pass_on_forced_unwind();
            this->fail_call(std::current_exception(), called().c_str());
        }
        announce();
    }

    void give_up(std::exception_ptr why) noexcept override {
        this->fail(std::move(why));
        announce();
    }

    void call_failed(const std::exception_ptr &why) noexcept override {
        try {
            this->fail_call(why, called().c_str());
        } catch (const std::bad_alloc &) {
            this->fail_call(why, name());
        }
        announce();
    }

    /// The future is ready at once; a thread that may attach tells the engine later.
    void cancel() noexcept override {
        cancelled_.store(true, std::memory_order_release);
        promised<Result>::cancel();
        announce();
        desk_->order_cancel(*this);
    }

private:
    void announce() noexcept {
        if (line_ != nullptr && !announced_.exchange(true, std::memory_order_acq_rel))
            line_->arrive(index_);
    }

    const std::shared_ptr<remote_desk> desk_;
    const std::shared_ptr<finish_line> line_;  // null: not from as_completed()
    const std::size_t index_;
    std::atomic<bool> announced_{false};
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pools/engine_task.ipp>
#endif
