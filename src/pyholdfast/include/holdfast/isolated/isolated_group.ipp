// holdfast/isolated/isolated_group.ipp: the tasks' side of isolated_group.hpp.
#pragma once

#include <holdfast/isolated/isolated_group.hpp>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include <holdfast/attach/guards.hpp>
#include <holdfast/error.hpp>
#include <holdfast/lifecycle/bundle.hpp>
#include <holdfast/platform/clock.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/packet_socket.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/pool_error.hpp>

namespace holdfast::detail {

/// The host may go to another folder before it needs the next worker.
HOLDFAST_DETAIL_COLD inline std::filesystem::path from_here(const std::filesystem::path &path) {
    std::error_code ignored;
    const std::filesystem::path absolute =
        path.empty() ? path : std::filesystem::absolute(path, ignored);
    return absolute.empty() ? path : absolute;
}

HOLDFAST_DETAIL_COLD inline isolated_config completed(isolated_config config) {
#if defined(_WIN32)
    if (config.open_files)
        throw usage_error("HF336",
                          "isolated_config::open_files is set, and Windows has no such limit",
                          "leave it unset there");
#endif
    for (std::filesystem::path &folder : config.module_search_paths)
        folder = from_here(from_origin(folder));
    if (config.name.empty())
        config.name = "isolated";
    if (config.workers == 0)
        config.workers = std::max(1U, std::thread::hardware_concurrency());
    config.capacity = std::max<std::size_t>(config.capacity, 1);
    // More would be no size of an object. So sums of sizes that were checked do not overflow.
    constexpr std::size_t largest = std::numeric_limits<std::size_t>::max() / 4;
    config.result_limit = std::min(config.result_limit, largest);
    // Longer ones would not fit into a time_point.
    constexpr std::chrono::hours a_century{24 * 365 * 100};
    config.start_limit = std::clamp<std::chrono::milliseconds>(config.start_limit, {}, a_century);
    if (config.cpu)
        config.cpu = std::clamp<std::chrono::seconds>(*config.cpu, {}, a_century);
    if (config.limit) {
        config.limit = std::clamp<std::chrono::milliseconds>(*config.limit, {}, a_century);
        config.grace = std::clamp(config.grace, std::chrono::milliseconds(0), *config.limit / 2);
    }
    return config;
}

/// How many descriptors may wait in each worker's socket, besides those of the task that it is about
/// to take. The system counts those of all of the user's processes that were sent and have not been
/// received. It lets a process send no more if it may itself have fewer, be it a worker that has a
/// result. So all workers together leave three quarters of the smallest limit to others.
HOLDFAST_DETAIL_COLD inline std::size_t passed_ahead(const isolated_config &config) noexcept {
    const std::size_t most = most_descriptors();
    return std::min(most, config.open_files.value_or(most)) / 4 / config.workers;
}

HOLDFAST_DETAIL_BODY isolated_group::isolated_group(isolated_config config)
    : config_(completed(std::move(config))),
      workers_wanted_(config_.workers),
      passed_ahead_(passed_ahead(config_)),
      python_(from_here(find_worker_python(config_))),
      environment_(worker_environment(config_)),
      watched_("isolated_executor: no descriptors to watch its workers with"),
      slots_(workers_wanted_, nullptr),
      was_taken_(workers_wanted_, false) {}

HOLDFAST_DETAIL_BODY isolated_group::~isolated_group() = default;

/// Counts a task in, or refuses it; waits for room if the queue is full. With the mutex held.
HOLDFAST_DETAIL_BODY void isolated_group::admit(lock &hold,
                                                const std::shared_ptr<isolated_task> &task) {
    if (closed_)
        throw pool_is_closed(config_.name);
    if (queue_.size() >= config_.capacity && !task->is_cancelled()) {
        if (config_.full == when_full::fail)
            throw queue_is_full(config_.name, config_.capacity);
        if (config_.full == when_full::block) {
            room_.wait(hold, [this, &task] {
                return closed_ || queue_.size() < config_.capacity || task->is_cancelled();
            });
            return admit(hold, task);
        }
        const std::shared_ptr<isolated_task> oldest = std::move(queue_.front());
        queue_.pop_front();
        settle(oldest, std::make_exception_ptr(task_was_dropped(config_.name)));
    }
    ++outstanding_;
    ++accepted_;
    starts_ = true;
}

HOLDFAST_DETAIL_BODY void isolated_group::submit(std::shared_ptr<isolated_task> task) {
    if (is_in_child())
        throw has_no_threads(config_.name);
    // The task may destroy the pool before this function is done with the mutex.
    const std::shared_ptr<isolated_group> alive = shared_from_this();
    std::optional<detach_guard> detached;
    lock hold(mutex_);
    if (!task->callbacks.empty())
        callbacks_.start("holdfast-calls", shared_from_this());
    if (config_.full == when_full::block && !closed_ && queue_.size() >= config_.capacity) {
        hold.unlock();  // detached first: nobody waits attached, and nobody detaches under the mutex
        detached.emplace();
        hold.lock();
    }
    admit(hold, task);
    const cancellation_held_off until_queued;  // else it would be admitted, and in no queue
    enqueue(task);
}

/// Gives an admitted task to an idle worker, or queues it. The caller owns it, too: its end may run
/// code of the host.
HOLDFAST_DETAIL_BODY void isolated_group::enqueue(const std::shared_ptr<isolated_task> &task) {
    if (task->is_cancelled()) {  // before it was here, so that leave_queue() did not find it
        --outstanding_;
        return one_is_done();
    }
    queue_.push_back(task);
    if (!ready_.empty())
        dispatch();
    else if (!has_started_)
        wake();
}

HOLDFAST_DETAIL_BODY void isolated_group::leave_queue(const isolated_task &task) noexcept {
    if (is_in_child())
        return;
    const std::lock_guard<std::mutex> hold(mutex_);
    drop(task);
}

/// With the mutex held: takes a cancelled task out of the queue, if it is there.
HOLDFAST_DETAIL_BODY void isolated_group::drop(const isolated_task &task) {
    const auto found = std::find_if(queue_.begin(), queue_.end(),
                                    [&](const auto &one) { return one.get() == &task; });
    if (found != queue_.end()) {
        queue_.erase(found);
        --outstanding_;
        one_is_done();
    }
    room_.notify_all();  // a submit() may have it, and need not wait either
}

HOLDFAST_DETAIL_BODY void isolated_group::call(const std::shared_ptr<isolated_task> &task) {
    if (is_in_child())
        throw has_no_threads(config_.name);
    const std::shared_ptr<isolated_group> alive = shared_from_this();  // as in submit()
    std::shared_ptr<worker> taken;
    std::optional<cancellation_held_off> until_answered;  // else nobody would give the worker back
    {
        lock hold(mutex_);
        if (!task->callbacks.empty())  // if no worker is idle, the watching thread reads its calls
            callbacks_.start("holdfast-calls", shared_from_this());
        admit(hold, task);
        until_answered.emplace();
        const auto free = std::find_if(ready_.rbegin(), ready_.rend(),
                                       [](const worker *one) { return !one->is_read; });
        if (free != ready_.rend() && queue_.empty()) {
            taken = all_.at((*free)->id);
            taken->is_taken = true;
            // If the task could not be sent, it is queued, or has failed.
            if (!task->begin() || send(*taken, task) != sending::sent) {
                taken->is_taken = false;
                taken.reset();
                dispatch();
            } else {
                publish(*taken);
            }
        } else {
            enqueue(task);
        }
    }
    if (taken != nullptr)
        wait_for_answer(*taken);
}

HOLDFAST_DETAIL_BODY void isolated_group::settle(const std::shared_ptr<isolated_task> &task,
                                                 const std::exception_ptr &why) {
    task->is_over = true;
    if (task->in_callback) {  // which may use what the host destroys once the future is ready
        if (task->ends_with == nullptr)
            task->ends_with = why;
        return;
    }
    given_up_.emplace_back(task, why);
    wake();
}

/// Makes the futures of the tasks ready that have failed. Without the mutex: whoever waits for one may
/// run code of the host, and so may the end of a task's functions.
HOLDFAST_DETAIL_BODY void isolated_group::settle_given_up() {
    std::vector<std::pair<std::shared_ptr<isolated_task>, std::exception_ptr>> all;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        all.swap(given_up_);
    }
    if (all.empty())
        return;
    const std::size_t count = all.size();
    for (const auto &[task, why] : all)
        task->give_up(why);
    all.clear();
    const std::lock_guard<std::mutex> hold(mutex_);
    outstanding_ -= count;
    one_is_done();
}

HOLDFAST_DETAIL_BODY void isolated_group::one_is_done() {
    if (outstanding_ == 0) {
        idle_.notify_all();
        if (closed_)
            wake();
    }
}

/// The watching thread checks the limits at `due` at the latest.
HOLDFAST_DETAIL_BODY void isolated_group::set_timer(clock::time_point due) {
    if (due >= timer_due_)
        return;
    timer_due_ = due;
    watched_.set_timer(due);
}

HOLDFAST_DETAIL_BODY void isolated_group::wake() noexcept { watched_.wake(); }

HOLDFAST_DETAIL_BODY bool isolated_group::wait_idle(std::chrono::milliseconds limit) {
    if (is_in_child())
        throw has_no_threads(config_.name);
    const detach_guard detached;
    lock hold(mutex_);
    const auto is_idle = [this] { return outstanding_ == 0; };
    const clock::time_point deadline = deadline_after(limit);
    if (deadline == clock::time_point::max()) {
        idle_.wait(hold, is_idle);
        return true;
    }
    return idle_.wait_until(hold, deadline, is_idle);
}

HOLDFAST_DETAIL_BODY void isolated_group::close() {
    if (is_in_child())
        return;
    const std::lock_guard<std::mutex> hold(mutex_);
    closed_ = true;
    room_.notify_all();
    wake();
}

HOLDFAST_DETAIL_BODY std::size_t isolated_group::waiting() const {
    if (is_in_child())
        return 0;
    const std::lock_guard<std::mutex> hold(mutex_);
    return queue_.size();
}

HOLDFAST_DETAIL_BODY void isolated_group::say_who_works() const noexcept {
    std::size_t working = 0;
    for (const auto &[id, one] : all_)
        working += one->in_flight.empty() ? 0 : 1;
    say("holdfast: HF311 the destructor of pool '%s' waits: %zu tasks are waiting, and %zu workers "
        "run one\n",
        config_.name.c_str(), queue_.size(), working);
    for (const auto &[id, one] : all_)
        if (!one->in_flight.empty())
            say("  worker %s (pid %d) has run %s for %.1f s\n", name_of(one->slot).c_str(),
                one->process.started_as(), one->in_flight.front().task->text().c_str(),
                std::chrono::duration<double>(clock::now() - one->since).count());
    say("  do: let them end, or set isolated_config::limit\n");
}

/// Whether the calling thread is one that end() would wait for.
HOLDFAST_DETAIL_COLD_BODY bool isolated_group::is_own_thread() const noexcept {
    const std::thread::id self = std::this_thread::get_id();
    if (watcher_.get_id() == self || (output_ != nullptr && output_->is_this_thread()))
        return true;
    const std::lock_guard<std::mutex> hold(mutex_);
    return std::find(in_callbacks_.begin(), in_callbacks_.end(), self) != in_callbacks_.end();
}

/// Another thread ends the pool. If the system has none, the workers stay until the host ends.
HOLDFAST_DETAIL_COLD_BODY void isolated_group::end_elsewhere() noexcept {
    try {
        start_quiet_detached("holdfast-end", [self = shared_from_this()] { self->end(); });
    } catch (const std::exception &problem) {
        say("holdfast: the workers of pool '%s' are not ended: %s\n", config_.name.c_str(),
            problem.what());
    }
}

HOLDFAST_DETAIL_BODY void isolated_group::end() noexcept {
    if (is_in_child()) {
        forget_in_child(watcher_);
        events_.forget();
        callbacks_.forget();
        if (output_ != nullptr)
            output_->forget();
        return;
    }
    if (is_own_thread()) {
        close();
        return end_elsewhere();
    }
    const cancellation_held_off until_ended;
    const detach_guard detached;
    {
        lock hold(mutex_);
        closed_ = true;
        room_.notify_all();
        if (events_.is_this_thread())
            ask_no_more();
        end_streams();
        while (!idle_.wait_for(hold, report_interval, [this] { return outstanding_ == 0; }))
            say_who_works();
        ending_ = true;
        wake();
    }
    if (watcher_.joinable())
        watcher_.join();
    output_.reset();
    callbacks_.end();
    events_.end();
}

}  // namespace holdfast::detail
