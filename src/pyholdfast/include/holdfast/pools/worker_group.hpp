// holdfast/pools/worker_group.hpp: a pool's threads and their queue.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

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

#include <holdfast/attach/task_waits.hpp>
#include <holdfast/error.hpp>
#include <holdfast/pools/pool_config.hpp>
#include <holdfast/pools/queue.hpp>
#include <holdfast/pools/task.hpp>

namespace holdfast {

namespace detail {

/// How often this process was forked from another one since its first pool: a pool's threads exist
/// only in the process that made them.
#if HOLDFAST_DETAIL_HAS_FORK
inline std::atomic<unsigned> forks{0};
HOLDFAST_DETAIL_COLD inline unsigned count_forks() noexcept {
    // Not in a static's initialiser, whose lock a fork could copy in the locked state.
    static std::atomic<bool> watched{false};
    if (!watched.exchange(true))
        at_fork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
    return forks.load(std::memory_order_relaxed);
}
inline unsigned forks_so_far() noexcept { return forks.load(std::memory_order_relaxed); }
#else
constexpr unsigned count_forks() noexcept { return 0; }
constexpr unsigned forks_so_far() noexcept { return 0; }
#endif

/// In a forked child, for the handle of a thread that does not exist here: it is never used again,
/// nor freed. The system may have given its number to a thread of the child, and detach() or join()
/// would act on that thread.
template <class Handle>
void forget_in_child(Handle &handle) noexcept {
    static_cast<void>(new (std::nothrow) Handle(std::move(handle)));
}

/// What one worker is doing, for the threads that wait for it. Only that worker writes it.
struct alignas(64) worker_note {
    std::atomic<std::uint64_t> native_id{0};
    std::atomic<std::int64_t> task_since{0};  // nanoseconds of the steady clock; 0: no task is
                                              // running
    bool is_named = false;                    // in Python, too. Only the worker reads it
};

/// Native threads that take tasks from one queue.
///
/// Owned by its pool and by each of its threads, so that a thread that nobody can wait for keeps
/// what it needs.
///
/// Threads:    any member from any thread; only the pool's constructor and destructor touch
///             `threads_`.
/// Lock order: the mutex of task_waits, then the queue's, then a gate's. `mutex_` and
///             `functions_mutex_` are leaves.
class worker_group : public std::enable_shared_from_this<worker_group>, public awaited_pool {
public:
    worker_group(executor_config config, std::size_t arrivals);
    worker_group(const worker_group &) = delete;
    worker_group &operator=(const worker_group &) = delete;
    virtual ~worker_group();

    static std::size_t threads_of(const executor_config &config) noexcept;

    /// \throws closed_error, pool_error, usage_error
    void enqueue(std::shared_ptr<pool_task> task);

    /// A copy of `function` that lives as long as the worker group: tasks share its lookups.
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
    /// Whether the calling thread is one of its threads.
    [[nodiscard]] bool is_worker() const noexcept;

    /// Starts the threads. `self` owns the worker group, and from now on each thread owns it, too.
    /// If the system has no more threads, this throws; end(), which the pool's destructor calls,
    /// ends those that run.
    void start(const std::shared_ptr<worker_group> &self);

    /// For a destructor: closes, waits for all tasks and threads, and reports every few seconds
    /// which ones are left.
    void end() noexcept;

protected:
    /// Why a task from the calling thread is refused, or none.
    [[nodiscard]] virtual closed_reason admission() noexcept = 0;
    /// The queue was idle and now has work. Called under its mutex. False: the interpreter is
    /// closed.
    [[nodiscard]] virtual bool begin_busy() noexcept = 0;
    /// The queue is idle again. Called under its mutex.
    virtual void end_busy() noexcept = 0;
    /// A worker's main function, on its own thread: calls work() for each batch until start_work()
    /// returns false.
    virtual void serve(std::size_t index) = 0;

    [[nodiscard]] bool start_work();

    /// Runs one batch, after start_work(). \param where  a guard or a view to attach with.
    template <class Where>
    void work(std::size_t index, const Where &where, call_site site = call_site::current()) {
        leave_at_exit leaving{*this};
        try {
            const attach_guard attached(where, site);
            leaving.has_arrived = true;
            run_tasks(index);
        } catch (const closed_error
                     &) {  // it ended without waiting for this worker, or there is no memory
            leaving.has_arrived = true;
            give_up_tasks(std::current_exception());
        } catch (const std::bad_alloc &) {  // not even memory to report that
            leaving.has_arrived = true;
            give_up_tasks(std::current_exception());
        }
    }

    /// No task will be taken any more: tasks have ended all threads.
    void abandon() noexcept;

private:
    struct leave_at_exit {
        worker_group &self;
        bool has_arrived = false;  // false: the thread was cancelled where it was to attach
        ~leave_at_exit();
    };

    static executor_config with_threads(executor_config config);

    template <class First>
    push_outcome push_full(std::shared_ptr<pool_task> &task, const First &first);

    [[noreturn]] void refuse(push_outcome outcome);

    void run_tasks(std::size_t index);

    /// Records each task as an event of the trace, if there is one.
    void run_traced(pool_task &task) const;

    void run_one(pool_task &task) const;

    /// Removes what a task left behind, before the next task of the batch.
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
    [[nodiscard]] bool is_in_child() const noexcept { return forks_so_far() != made_in_; }

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
    std::size_t gone_ = 0;  // guarded by mutex_: the number of threads that no longer use this
                            // object

    std::mutex functions_mutex_;
    // Guarded by functions_mutex_
    std::vector<std::pair<const void *, std::shared_ptr<const void>>> functions_;
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pools/worker_group.ipp>
#endif
