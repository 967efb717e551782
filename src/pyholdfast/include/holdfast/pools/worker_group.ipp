// holdfast/pools/worker_group.ipp: the bodies of worker_group.hpp.
#pragma once

#include <holdfast/pools/worker_group.hpp>

#include <algorithm>
#include <chrono>
#include <new>
#include <optional>

#include <holdfast/attach/context.hpp>
#include <holdfast/lifecycle/drain.hpp>
#include <holdfast/platform/clock.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/rethrow.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/pools/worker_name.hpp>
#include <holdfast/process/trace_hooks.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY std::size_t worker_group::threads_of(const executor_config &config) noexcept {
    return config.threads != 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
}

HOLDFAST_DETAIL_BODY executor_config worker_group::with_threads(executor_config config) {
    config.threads = threads_of(config);
    config.capacity = std::max<std::size_t>(config.capacity, 1);
    // A longer one would not fit into a time_point.
    constexpr std::chrono::hours a_century{24 * 365 * 100};
    config.budget = std::clamp<std::chrono::microseconds>(config.budget, {}, a_century);
    return config;
}

HOLDFAST_DETAIL_BODY worker_group::worker_group(executor_config config, std::size_t arrivals)
    : config_(with_threads(std::move(config))),
      queue_(config_.capacity, arrivals),
      notes_(config_.threads) {}

HOLDFAST_DETAIL_BODY worker_group::~worker_group() = default;

HOLDFAST_DETAIL_BODY void worker_group::enqueue(std::shared_ptr<pool_task> task) {
    // The task may destroy the pool before this function is done with the queue.
    const std::shared_ptr<worker_group> alive = shared_from_this();
    const closed_reason reason = admission();
    if (reason != closed_reason::none)
        throw pool_is_cut_off(config_.name, reason);
    if (is_in_child())
        throw has_no_threads(config_.name);
    const auto first = [this] { return begin_busy(); };
    std::shared_ptr<pool_task> dropped;
    push_outcome outcome = config_.full == when_full::drop_oldest
                               ? queue_.push_out(task, dropped, first)
                               : queue_.try_push(task, first);
    if (outcome == push_outcome::full)
        outcome = push_full(task, first);
    if (dropped != nullptr)
        dropped->give_up(std::make_exception_ptr(task_was_dropped(config_.name)));
    if (outcome != push_outcome::pushed)
        refuse(outcome);
}

HOLDFAST_DETAIL_BODY bool worker_group::wait_idle(std::chrono::milliseconds limit) {
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

HOLDFAST_DETAIL_BODY void worker_group::close() {
    if (!is_in_child())
        queue_.close();
}

HOLDFAST_DETAIL_BODY std::size_t worker_group::waiting() const {
    return is_in_child() ? 0 : queue_.size();
}

HOLDFAST_DETAIL_BODY bool worker_group::start_work() { return queue_.start(); }

HOLDFAST_DETAIL_BODY worker_group::leave_at_exit::~leave_at_exit() {
    if (!has_arrived)
        self.queue_.turn_back();
    self.queue_.finish([this] { self.end_busy(); });
}

HOLDFAST_DETAIL_COLD_BODY void worker_group::start(const std::shared_ptr<worker_group> &self) {
    threads_.reserve(config_.threads);
    alive_.store(config_.threads, std::memory_order_relaxed);
    for (std::size_t i = 0; i < config_.threads; ++i)
        try {
            threads_.emplace_back([self, i] { self->live(i); });
        } catch (...) {
            alive_.fetch_sub(config_.threads - i, std::memory_order_relaxed);
            rethrow();
        }
}

HOLDFAST_DETAIL_COLD_BODY void worker_group::end() noexcept {
    if (is_in_child())  // in a forked child: the threads do not exist, and their locks are as they
                        // were
        return forget_in_child(threads_);
    close();
    if (is_worker())  // destroyed by one of its own tasks: waiting here is impossible
        return leave_threads();
    const cancellation_held_off until_ended;
    const detach_guard detached;
    for (std::unique_lock<std::mutex> hold(mutex_);
         !ended_.wait_for(hold, report_interval, [this] { return gone_ == threads_.size(); });)
        say_who_works();
    for (std::thread &thread : threads_)
        thread.join();
    threads_.clear();
}

HOLDFAST_DETAIL_COLD_BODY void worker_group::abandon() noexcept {
    queue_.close();
    std::shared_ptr<pool_task> task;
    while (queue_.take_left(task, [this] { end_busy(); }))
        try {
            throw thread_was_ended();
        } catch (...) {
            // Or, if there is no memory for that error, with bad_alloc
            task->give_up(std::current_exception());
        }
}

template <class First>
push_outcome worker_group::push_full(std::shared_ptr<pool_task> &task, const First &first) {
    if (config_.full == when_full::fail)
        throw queue_is_full(config_.name, config_.capacity);
    if (is_worker())
        throw waits_for_itself(config_.name, "submit() with a full queue");
    const detach_guard detached;
    const listed_wait listed("submit()", {task_wait::what::room, nullptr, this});
    return queue_.push(task, first);
}

[[noreturn]] HOLDFAST_DETAIL_COLD_BODY void worker_group::refuse(push_outcome outcome) {
    const closed_reason reason = admission();
    if (reason != closed_reason::none)
        throw pool_is_cut_off(config_.name, reason);
    if (outcome == push_outcome::refused)
        throw pool_is_cut_off(config_.name, closed_reason::finalizing);
    throw pool_is_closed(config_.name);
}

HOLDFAST_DETAIL_BODY void worker_group::run_tasks(std::size_t index) {
    using clock = std::chrono::steady_clock;
    worker_note &note = notes_[index];
    std::shared_ptr<pool_task> task;
    if (!queue_.arrive(task))
        return;
    note.is_named = note.is_named || name_python_thread(config_.name, index);
    clock::time_point now = clock::now();
    const clock::time_point end = now + config_.budget;
    pool_seat &seat = *seat_of_this_thread;
    do {
        note.task_since.store(now.time_since_epoch().count(), std::memory_order_relaxed);
        seat.task = task.get();
        run_traced(*task);
        seat.task = nullptr;
        task.reset();
        leave_nothing();
        now = clock::now();
    } while (now < end && queue_.try_take(task));
    note.task_since.store(0, std::memory_order_relaxed);
}

HOLDFAST_DETAIL_BODY void worker_group::run_traced(pool_task &task) const {
    thread_track *const seen = track_of_this_thread();
    const std::uint64_t begun = seen != nullptr ? begin_task(*seen) : 0;
    run_one(task);
    if (begun != 0)
        if (thread_track *const still =
                track_of_this_thread())  // not in a child that the task has forked
            end_task(*still, begun);
}

HOLDFAST_DETAIL_BODY void worker_group::run_one(pool_task &task) const {
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

HOLDFAST_DETAIL_BODY void worker_group::leave_nothing() noexcept {
    PyThreadState *const state = PyThreadState_Get();
    if (has_error(state) || has_async_exception(state))
        leave_clean(*cached_thread->attached_to.record, state);
}

HOLDFAST_DETAIL_COLD_BODY void worker_group::give_up_tasks(const std::exception_ptr &why) {
    std::shared_ptr<pool_task> task;
    for (bool more = queue_.arrive(task); more; more = queue_.try_take(task))
        task->give_up(why);
}

HOLDFAST_DETAIL_BODY void worker_group::live(std::size_t index) {
    struct scope_exit {
        worker_group &self;
        ~scope_exit() {
            seat_of_this_thread = nullptr;
            end_thread_state();  // so that the thread need not attach when it exits
            self.one_is_gone();
        }
    };
    name_this_thread(config_.name, index);
    notes_[index].native_id.store(this_thread_native_id(), std::memory_order_relaxed);
    pool_seat seat(*this);
    seat_of_this_thread = &seat;
    const scope_exit at_end{*this};
    serve(index);
}

HOLDFAST_DETAIL_BODY void worker_group::one_is_gone() noexcept {
    const bool last = alive_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    if (last)  // after a normal end the queue is empty; but tasks may have ended all threads
        abandon();
    const std::lock_guard<std::mutex> hold(mutex_);
    ++gone_;
    ended_.notify_all();
}

HOLDFAST_DETAIL_BODY bool worker_group::has_queued(const void *shared_state) const {
    return !is_in_child() && config_.full != when_full::drop_oldest &&
           queue_.has([shared_state](const std::shared_ptr<pool_task> &task) {
               return !task->may_be_cancelled && task->will_settle(shared_state);
           });
}

HOLDFAST_DETAIL_BODY bool worker_group::is_worker() const noexcept {
    const std::uint64_t self = this_thread_native_id();
    return std::any_of(notes_.begin(), notes_.end(),
                       [self](const worker_note &note) { return note.native_id.load() == self; });
}

HOLDFAST_DETAIL_COLD_BODY void worker_group::leave_threads() noexcept {
    for (std::thread &thread : threads_)
        thread.detach();
    threads_.clear();
}

HOLDFAST_DETAIL_COLD_BODY void worker_group::say_who_works() const noexcept {
    detail::say("holdfast: HF311 the destructor of pool '%s' waits; %zu tasks are waiting\n",
                config_.name.c_str(), queue_.size());
    const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
    for (const worker_note &note : notes_) {
        const std::uint64_t id = note.native_id.load(std::memory_order_relaxed);
        if (const std::int64_t since = note.task_since.load(std::memory_order_relaxed))
            detail::say("  thread %llu '%s', at a task for %.1f s\n",
                        static_cast<unsigned long long>(id), thread_name(id).text,
                        static_cast<double>(now - since) / 1e9);
    }
}

}  // namespace holdfast::detail
