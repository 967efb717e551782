// holdfast/pools/worker_group.hpp: a pool's threads and their queue: what all pools in this process have in common.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <pthread.h>

#include <holdfast/attach/task_waits.hpp>
#include <holdfast/pools/pool_config.hpp>
#include <holdfast/pools/queue.hpp>
#include <holdfast/pools/task.hpp>

namespace holdfast {

namespace detail {

/// How often this process has been forked from another since its first pool: a pool's threads are
/// only in the process that made it.
inline std::atomic<unsigned> forks{0};
HOLDFAST_DETAIL_COLD inline unsigned count_forks() noexcept {
    // Not a static's initialiser, whose own lock a fork could copy.
    static std::atomic<bool> watched{false};
    if (!watched.exchange(true))
        pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
    return forks.load(std::memory_order_relaxed);
}

/// In a child, for the handle of a thread that is not there: never used again, nor freed. The
/// system may have given its number to a thread of the child, which detach() or join() would meet
/// instead.
template <class Handle>
void forget_in_child(Handle &handle) noexcept {
    static_cast<void>(new (std::nothrow) Handle(std::move(handle)));
}

/// What one worker is doing, for those who wait for it. Written by that worker alone.
struct alignas(64) worker_note {
    std::atomic<std::uint64_t> native_id{0};
    std::atomic<std::int64_t> task_since{0};  // nanoseconds of the steady clock; 0: at no task
    bool is_named = false;                    // in Python, too. Read by the worker alone
};

/// Native threads that take tasks from one queue.
///
/// Owned by its pool and each of its threads: what a thread that cannot be waited for still needs
/// stays.
///
/// Threads:    members from any thread; `threads_` is touched by the pool's constructor and
///             destructor. Lock order: that of task_waits, the queue's mutex, then a gate's.
///             `mutex_` and `functions_mutex_` are leaves.
class worker_group : public std::enable_shared_from_this<worker_group>, public awaited_pool {
public:
    worker_group(executor_config config, std::size_t arrivals);
    worker_group(const worker_group &) = delete;
    worker_group &operator=(const worker_group &) = delete;
    virtual ~worker_group();

    static std::size_t threads_of(const executor_config &config) noexcept;

    /// \throws closed_error, pool_error, usage_error
    void enqueue(std::shared_ptr<pool_task> task);

    /// A copy of `function` that lives as long as the worker group: tasks share what it has looked
    /// up.
    template <class Function>
    const Function *remember(const Function &function) {
        static char tag;  // one address for each type
        if (is_in_child())
            throw has_no_threads(config_.name);
        const std::lock_guard<std::mutex> hold(functions_mutex_);
        for (const auto &known : functions_)
            if (known.first == &tag &&
                static_cast<const Function *>(known.second.get())->is_same(function))
                return static_cast<const Function *>(known.second.get());
        functions_.emplace_back(&tag, std::make_shared<const Function>(function));
        return static_cast<const Function *>(functions_.back().second.get());
    }

    [[nodiscard]] bool wait_idle(std::chrono::milliseconds limit);

    void close();
    [[nodiscard]] std::size_t waiting() const;
    [[nodiscard]] const executor_config &config() const noexcept { return config_; }

    /// Starts the threads. The worker group is owned by `self`, and from now on by each of them.
    /// Where the system has no more, those that run are left to end(), which the pool's destructor
    /// calls.
    void start(const std::shared_ptr<worker_group> &self);

    /// From a destructor: closes, waits for all tasks and threads, and says every few seconds for
    /// whom.
    void end() noexcept;

protected:
    /// Why a task from the calling thread is not taken, or none.
    [[nodiscard]] virtual closed_reason admission() noexcept = 0;
    /// The queue had been idle, and no longer is. Under its mutex. False: the interpreter is
    /// closed.
    [[nodiscard]] virtual bool begin_busy() noexcept = 0;
    /// The queue is idle again. Under its mutex.
    virtual void end_busy() noexcept = 0;
    /// A worker's life, on its own thread: calls work() for every batch until start_work() says no.
    virtual void serve(std::size_t index) = 0;

    [[nodiscard]] bool start_work();

    /// One batch, after start_work(). \param where  a guard or a view to attach by.
    template <class Where>
    void work(std::size_t index, const Where &where, call_site site = call_site::current()) {
        const leave_at_exit leaving{*this};
        try {
            const attach_guard attached(where, site);
            run_tasks(index);
        } catch (const closed_error
                     &) {  // it has ended without waiting for this worker, or there is no memory
            give_up_tasks(std::current_exception());
        } catch (const std::bad_alloc &) {  // not even to say so
            give_up_tasks(std::current_exception());
        }
    }

    /// Nothing will ever be taken any more: tasks have ended all threads.
    void abandon() noexcept;

private:
    struct leave_at_exit {
        worker_group &self;
        ~leave_at_exit();
    };

    static executor_config with_threads(executor_config config);

    template <class First>
    push_outcome push_full(std::shared_ptr<pool_task> &task, const First &first);

    [[noreturn]] void refuse(push_outcome outcome);

    void run_tasks(std::size_t index);

    /// Each task is an event of the trace, if there is one.
    void run_traced(pool_task &task) const;

    void run_one(pool_task &task) const;

    /// What a task left behind does not reach the next one of the batch.
    static void leave_nothing() noexcept;

    void give_up_tasks(const std::exception_ptr &why);

    void live(std::size_t index);

    void one_is_gone() noexcept;

    [[nodiscard]] const char *pool_name() const noexcept override { return config_.name.c_str(); }
    [[nodiscard]] std::size_t threads_left() const noexcept override {
        return alive_.load(std::memory_order_acquire);
    }
    [[nodiscard]] bool has_queued(const void *shared_state) const override;

    /// The threads do not exist here, and their locks are as they were at the fork.
    [[nodiscard]] bool is_in_child() const noexcept {
        return forks.load(std::memory_order_relaxed) != made_in_;
    }

    [[nodiscard]] bool is_worker() const noexcept;

    void leave_threads() noexcept;

    void say_who_works() const noexcept;

    const executor_config config_;
    bounded_queue<std::shared_ptr<pool_task>> queue_;
    std::vector<worker_note> notes_;
    std::vector<std::thread> threads_;
    const unsigned made_in_ = count_forks();
    std::atomic<std::size_t> alive_{0};

    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t gone_ = 0;  // guarded by mutex_: threads that need nothing of us any more

    std::mutex functions_mutex_;
    // Guarded by functions_mutex_
    std::vector<std::pair<const void *, std::shared_ptr<const void>>> functions_;
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pools/worker_group.ipp>
#endif
