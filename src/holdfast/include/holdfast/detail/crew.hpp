// holdfast/detail/crew.hpp: a pool's threads and their queue: what all pools in this process have in common.
//
// Layer 59.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

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
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <pthread.h>

#include "../context.hpp"
#include "../pool_config.hpp"
#include "clock.hpp"
#include "drain.hpp"
#include "job.hpp"
#include "observed.hpp"
#include "queue.hpp"
#include "say.hpp"
#include "task_waits.hpp"
#include "thread_name.hpp"
#include "worker_name.hpp"

namespace holdfast {

namespace detail {

/// How often this process has been forked from another since its first pool: a pool's threads are only
/// in the process that made it.
inline std::atomic<unsigned> forks{0};
HOLDFAST_DETAIL_COLD inline unsigned count_forks() noexcept {
    // Not a static's initialiser, whose own lock a fork could copy.
    static std::atomic<bool> watched{false};
    if (!watched.exchange(true))
        pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
    return forks.load(std::memory_order_relaxed);
}

/// In a child, for the handle of a thread that is not there: never used again, nor freed. The system may have given
/// its number to a thread of the child, which detach() or join() would meet instead.
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
/// Owned by its pool and each of its threads: what a thread that cannot be waited for still needs stays.
///
/// Threads:    members from any thread; `threads_` is touched by the pool's constructor and destructor.
/// Lock order: that of task_waits, the queue's mutex, then a gate's. `mutex_` and `functions_mutex_` are leaves.
class crew : public std::enable_shared_from_this<crew>, public awaited_pool {
public:
    crew(executor_config config, std::size_t arrivals)
        : config_(with_threads(std::move(config))),
          queue_(config_.capacity, arrivals),
          notes_(config_.threads) {}
    crew(const crew &) = delete;
    crew &operator=(const crew &) = delete;
    virtual ~crew() = default;

    static std::size_t threads_of(const executor_config &config) noexcept {
        return config.threads != 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
    }

    /// \throws closed_error, pool_error, usage_error
    void enqueue(std::shared_ptr<job> task) {
        // The task may destroy the pool before this is done with the queue.
        const std::shared_ptr<crew> alive = shared_from_this();
        const closed_reason reason = admission();
        if (reason != closed_reason::none)
            throw closed_error(reason);
        if (is_in_child())
            throw has_no_threads(config_.name);
        const auto first = [this] { return begin_busy(); };
        std::shared_ptr<job> dropped;
        push_outcome outcome = config_.full == when_full::drop_oldest ? queue_.push_out(task, dropped, first)
                                                                      : queue_.try_push(task, first);
        if (outcome == push_outcome::full)
            outcome = push_full(task, first);
        if (dropped != nullptr)
            dropped->give_up(std::make_exception_ptr(task_was_dropped(config_.name)));
        if (outcome != push_outcome::pushed)
            refuse(outcome);
    }

    /// A copy of `function` that lives as long as the crew: tasks share what it has looked up.
    template <class Function>
    const Function *remember(const Function &function) {
        static char tag;  // one address for each type
        if (is_in_child())
            throw has_no_threads(config_.name);
        const std::lock_guard<std::mutex> hold(functions_mutex_);
        for (const auto &known : functions_)
            if (known.first == &tag && static_cast<const Function *>(known.second.get())->is_same(function))
                return static_cast<const Function *>(known.second.get());
        functions_.emplace_back(&tag, std::make_shared<const Function>(function));
        return static_cast<const Function *>(functions_.back().second.get());
    }

    [[nodiscard]] bool wait_idle(std::chrono::milliseconds limit) {
        if (is_in_child())
            throw has_no_threads(config_.name);
        if (is_worker())
            throw waits_for_itself(config_.name, "drain()");
        const detach_guard detached;
        const auto deadline = deadline_after(limit);
        if (deadline != std::chrono::steady_clock::time_point::max())
            return queue_.wait_idle(deadline);
        const listed_wait listed("drain()", {task_wait::what::idle, nullptr, this});
        return queue_.wait_idle(deadline);
    }

    void close() {
        if (!is_in_child())
            queue_.close();
    }
    [[nodiscard]] std::size_t waiting() const { return is_in_child() ? 0 : queue_.size(); }
    [[nodiscard]] const executor_config &config() const noexcept { return config_; }

    /// Starts the threads. The crew is owned by `self`, and from now on by each of them. Where the system has no more,
    /// those that run are left to end(), which the pool's destructor calls.
    void start(const std::shared_ptr<crew> &self) {
        threads_.reserve(config_.threads);
        alive_.store(config_.threads, std::memory_order_relaxed);
        for (std::size_t i = 0; i < config_.threads; ++i)
            try {
                threads_.emplace_back([self, i] { self->live(i); });
            } catch (...) {
                alive_.fetch_sub(config_.threads - i, std::memory_order_relaxed);
                throw;
            }
    }

    /// From a destructor: closes, waits for all tasks and threads, and says every few seconds for whom.
    void end() noexcept {
        if (is_in_child())  // of a fork: the threads are not here, and their locks are as they were
            return forget_in_child(threads_);
        close();
        if (is_worker())  // destroyed by one of its own tasks: nobody can wait here
            return leave_threads();
        const detach_guard detached;
        for (std::unique_lock<std::mutex> hold(mutex_); !ended_.wait_for(hold, std::chrono::seconds(3), [this] {
                 return gone_ == threads_.size();
             });)
            say_who_works();
        for (std::thread &thread : threads_)
            thread.join();
        threads_.clear();
    }

protected:
    /// Why a task from the calling thread is not taken, or none.
    [[nodiscard]] virtual closed_reason admission() noexcept = 0;
    /// The queue had been idle, and no longer is. Under its mutex. False: the interpreter is closed.
    [[nodiscard]] virtual bool begin_busy() noexcept = 0;
    /// The queue is idle again. Under its mutex.
    virtual void end_busy() noexcept = 0;
    /// A worker's life, on its own thread: calls work() for every batch until start_work() says no.
    virtual void serve(std::size_t index) = 0;

    [[nodiscard]] bool start_work() { return queue_.start(); }

    /// One batch, after start_work(). \param where  a guard or a view to attach by.
    template <class Where>
    void work(std::size_t index, const Where &where, call_site site = call_site::current()) {
        const departure leaving{*this};
        try {
            const attach_guard attached(where, site);
            run_tasks(index);
        } catch (const closed_error &) {  // it has ended without waiting for this worker, or there is no memory
            give_up_tasks(std::current_exception());
        } catch (const std::bad_alloc &) {  // not even to say so
            give_up_tasks(std::current_exception());
        }
    }

    /// Nothing will ever be taken any more: tasks have ended all threads.
    void abandon() noexcept {
        queue_.close();
        std::shared_ptr<job> task;
        while (queue_.take_left(task, [this] { end_busy(); }))
            try {
                throw thread_was_ended();
            } catch (...) {
                task->give_up(std::current_exception());  // or, where there is no memory to say so, with that
            }
    }

private:
    struct departure {
        crew &self;
        ~departure() {
            self.queue_.finish([this] { self.end_busy(); });
        }
    };

    static executor_config with_threads(executor_config config) {
        config.threads = threads_of(config);
        config.capacity = std::max<std::size_t>(config.capacity, 1);
        return config;
    }

    template <class First>
    push_outcome push_full(std::shared_ptr<job> &task, const First &first) {
        if (config_.full == when_full::fail)
            throw queue_is_full(config_.name, config_.capacity);
        if (is_worker())
            throw waits_for_itself(config_.name, "submit() with a full queue");
        const detach_guard detached;
        const listed_wait listed("submit()", {task_wait::what::room, nullptr, this});
        return queue_.push(task, first);
    }

    [[noreturn]] HOLDFAST_DETAIL_COLD void refuse(push_outcome outcome) {
        const closed_reason reason = admission();
        if (reason != closed_reason::none)
            throw closed_error(reason);
        if (outcome == push_outcome::refused)
            throw closed_error(closed_reason::finalizing);
        throw pool_is_closed(config_.name);
    }

    void run_tasks(std::size_t index) {
        using clock = std::chrono::steady_clock;
        worker_note &note = notes_[index];
        std::shared_ptr<job> task;
        if (!queue_.arrive(task))
            return;
        note.is_named = note.is_named || name_python_thread(config_.name, index);
        clock::time_point now = clock::now();
        const clock::time_point end = now + config_.budget;
        do {
            note.task_since.store(now.time_since_epoch().count(), std::memory_order_relaxed);
            seat_of_this_thread->task = task.get();
            run_traced(*task);
            seat_of_this_thread->task = nullptr;
            task.reset();
            leave_nothing();
            now = clock::now();
        } while (now < end && queue_.try_take(task));
        note.task_since.store(0, std::memory_order_relaxed);
    }

    /// Each task is an event of the trace, if there is one.
    void run_traced(job &task) const {
        lane *const seen = lane_of_this_thread();
        const std::uint64_t begun = seen != nullptr ? begin_task(*seen) : 0;
        run_one(task);
        if (begun != 0)
            if (lane *const still = lane_of_this_thread())  // not in a child that the task has forked
                end_task(*still, begun);
    }

    void run_one(job &task) const {
        std::optional<context_guard> fresh;
        if (config_.fresh_context) {
            try {
                fresh.emplace();
            } catch (const std::exception &) {
                return task.give_up(std::current_exception());
            }
        }
        task.run();
    }

    /// What a task left behind does not reach the next one of the batch.
    static void leave_nothing() noexcept {
        PyThreadState *const state = PyThreadState_Get();
        if (has_error(state) || has_async_exception(state))
            leave_clean(*cached_thread->attached_to.record, state);
    }

    HOLDFAST_DETAIL_COLD void give_up_tasks(const std::exception_ptr &why) {
        std::shared_ptr<job> task;
        for (bool more = queue_.arrive(task); more; more = queue_.try_take(task))
            task->give_up(why);
    }

    void live(std::size_t index) {
        struct farewell {
            crew &self;
            ~farewell() {
                seat_of_this_thread = nullptr;
                end_thread_state();  // so that nothing is left to attach for when the thread exits
                self.one_is_gone();
            }
        };
        name_this_thread(config_.name, index);
        notes_[index].native_id.store(this_thread_native_id(), std::memory_order_relaxed);
        pool_seat seat(*this);
        seat_of_this_thread = &seat;
        const farewell at_end{*this};
        serve(index);
    }

    void one_is_gone() noexcept {
        const bool last = alive_.fetch_sub(1, std::memory_order_acq_rel) == 1;
        if (last)  // after a normal end there is nothing left; but tasks may have ended all threads
            abandon();
        const std::lock_guard<std::mutex> hold(mutex_);
        ++gone_;
        ended_.notify_all();
    }

    [[nodiscard]] const char *pool_name() const noexcept override { return config_.name.c_str(); }
    [[nodiscard]] std::size_t threads_left() const noexcept override { return alive_.load(std::memory_order_acquire); }
    [[nodiscard]] bool has_queued(const void *shared_state) const override {
        return !is_in_child() && config_.full != when_full::drop_oldest &&
               queue_.has([shared_state](const std::shared_ptr<job> &task) {
                   return !task->may_be_cancelled && task->will_settle(shared_state);
               });
    }

    /// The threads do not exist here, and their locks are as they were at the fork.
    [[nodiscard]] bool is_in_child() const noexcept { return forks.load(std::memory_order_relaxed) != made_in_; }

    [[nodiscard]] bool is_worker() const noexcept {
        const std::uint64_t self = this_thread_native_id();
        return std::any_of(notes_.begin(), notes_.end(),
                           [self](const worker_note &note) { return note.native_id.load() == self; });
    }

    void leave_threads() noexcept {
        for (std::thread &thread : threads_)
            thread.detach();
        threads_.clear();
    }

    HOLDFAST_DETAIL_COLD void say_who_works() const noexcept {
        detail::say("holdfast: HF311 the destructor of pool '%s' waits; %zu tasks are waiting\n",
                    config_.name.c_str(), queue_.size());
        const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
        for (const worker_note &note : notes_) {
            const std::uint64_t id = note.native_id.load(std::memory_order_relaxed);
            if (const std::int64_t since = note.task_since.load(std::memory_order_relaxed))
                detail::say("  thread %llu '%s', at a task for %.1f s\n", static_cast<unsigned long long>(id),
                            thread_name(id).text, static_cast<double>(now - since) / 1e9);
        }
    }

    const executor_config config_;
    bounded_queue<std::shared_ptr<job>> queue_;
    std::vector<worker_note> notes_;
    std::vector<std::thread> threads_;
    const unsigned made_in_ = count_forks();
    std::atomic<std::size_t> alive_{0};

    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t gone_ = 0;  // guarded by mutex_: threads that need nothing of us any more

    std::mutex functions_mutex_;
    std::vector<std::pair<const void *, std::shared_ptr<const void>>> functions_;  // guarded by functions_mutex_
};

}  // namespace detail

}  // namespace holdfast
