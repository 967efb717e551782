// holdfast/isolated/isolated_group.watch.ipp: the thread that watches the workers.
//
// It starts them, reads their answers, enforces their limits and notices their ends. A part of the
// bodies of isolated_group.hpp.
#pragma once

#include <holdfast/isolated/isolated_group.hpp>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include <holdfast/isolated/pickle_writer.hpp>
#include <holdfast/lifecycle/module_search_path.hpp>
#include <holdfast/platform/child_process.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/packet_socket.hpp>
#include <holdfast/platform/path_text.hpp>
#include <holdfast/platform/rethrow.hpp>
#include <holdfast/watch/trace_setup.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY void isolated_group::start() {
    begin_tracing_if_told();
    try {
        if (config_.on_event || config_.on_limit)
            events_.start("holdfast-events", shared_from_this());
        if (config_.output)
            output_ = std::make_unique<output_reader>(config_.output);
        watcher_ = start_quiet_thread("holdfast-watch", [self = shared_from_this()] {
            sleep_precisely();
            self->watch();
        });
    } catch (...) {
        end();
        rethrow();
    }
}

HOLDFAST_DETAIL_BODY void isolated_group::watch() {
    while (begin_round()) {
        settle_given_up();
        // A worker that answers at a high rate does not wake this thread for each answer.
        if (!busy_.empty())
            event_queue::pause();
        watched_.wait(busy_.empty(), [this](std::uint64_t what) { handle(what); });
        for (const std::shared_ptr<worker> &one : std::exchange(busy_, {}))
            on_answer(one);
        settle_given_up();  // before processes are started, which takes longer
    }
}

/// False: all workers have ended.
HOLDFAST_DETAIL_BODY bool isolated_group::begin_round() {
    lock hold(mutex_);
    fill_slots(hold);
    if (clock::now() >= timer_due_) {
        timer_due_ = clock::time_point::max();
        keep_limits();
        dispatch();  // a request may have been refused for now
    }
    return !(ending_ && finish());
}

inline bool is_about_start(const worker_answer &answer) noexcept {
    return answer.kind == answer_kind::ready || answer.kind == answer_kind::not_started;
}

HOLDFAST_DETAIL_BODY void isolated_group::handle(std::uint64_t what) {
    std::shared_ptr<worker> one;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        const auto found = all_.find(worker_process::worker_of(what));
        if (found == all_.end())
            return;
        one = found->second;
    }
    // The socket first, in both cases: what does not belong there is the fault of the task that runs.
    if (!worker_process::is_of_end(what))
        on_packet(one);
    else
        on_end(one);
}

/// Reads a worker's answers. If it will soon have more, it is among `busy_`; otherwise it rings.
HOLDFAST_DETAIL_BODY void isolated_group::on_answer(const std::shared_ptr<worker> &one) {
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        if (one->is_taken)
            return;
        one->is_read = true;
    }
    const bool found = read_answers(*one, 2 * most_ahead) != reading::nothing;
    const std::lock_guard<std::mutex> hold(mutex_);
    one->is_read = false;
    if (one->in_flight.empty() || one->is_killed || one->is_taken)
        return;
    if (found || !one->ring.sleep(worker_process::watchers_bell))
        busy_.push_back(one);
}

/// Something is in the socket: the report of a start, or an answer before its turn.
HOLDFAST_DETAIL_BODY void isolated_group::on_packet(const std::shared_ptr<worker> &one) {
    constexpr std::size_t most_packets = 4;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        if (one->is_taken)
            return;
        one->is_read = true;
    }
    receive_outcome outcome = receive_outcome::received;
    // Once it is killed, a process that it left behind could go on for ever.
    while (outcome == receive_outcome::received && !was_killed(*one)) {
        worker_answer answer;
        try {
            // Where so many are kept, it was the turn of all but the last.
            outcome = one->packets.size() > most_packets &&
                              read_answers(*one, 2 * most_ahead) == reading::nothing
                          ? receive_outcome::malformed
                          : receive_answer(one->process.socket(), config_.result_limit,
                                           one->results, answer);
        } catch (const std::bad_alloc &) {  // more than the host has memory for
            outcome = receive_outcome::malformed;
        }
        if (outcome == receive_outcome::malformed)
            break_off(*one);
        else if (outcome == receive_outcome::received && is_about_start(answer))
            accept_start(*one, answer);
        else if (outcome == receive_outcome::received)
            one->packets.push_back(std::move(answer));
    }
    on_answer(one);
}

HOLDFAST_DETAIL_BODY void isolated_group::on_end(const std::shared_ptr<worker> &one) {
    on_packet(one);  // what it sent before its end
    bool was_starting = false;
    {
        // reap() forgets the process's id, which kill() reads on threads that make a call.
        const std::lock_guard<std::mutex> hold(mutex_);
        const std::optional<process_end> end = one->process.reap();
        if (!end || one->end)
            return;
        one->end = end;
        one->end_seen.store(true, std::memory_order_release);
        was_starting = one->now == worker::state::starting;
        if (one->is_taken) {  // its caller reads what is left, and then buries it
            one->now = worker::state::ending;
            watched_.forget(one->process.ended_descriptor());
            one->process.ring_caller();
            return;
        }
        if (one->now == worker::state::ready) {
            one->now = worker::state::ending;
            const auto idle = std::find(ready_.begin(), ready_.end(), one.get());
            if (idle != ready_.end())
                ready_.erase(idle);
        }
    }
    while (!was_killed(*one) && read_answers(*one, 1) != reading::nothing) {}
    const std::lock_guard<std::mutex> hold(mutex_);
    if (was_starting && !one->is_killed) {
        std::string text;
        worker_end how = worker_end::start_failed;
        (void)error_of_end(*one, text, how);
        start_failed(one.get(), "its process " + text, one->process.stack());
    }
    bury(*one);
}

/// One; after workers have ended at a high rate, more: otherwise a task would wait for a start.
HOLDFAST_DETAIL_BODY std::size_t isolated_group::spares_wanted() {
    constexpr std::size_t most = 4;
    const clock::time_point since = clock::now() - std::chrono::seconds(1);
    while (!ends_.empty() && ends_.front() < since)
        ends_.pop_front();
    return std::clamp<std::size_t>(ends_.size(), 1, most);
}

/// Starts processes until each slot has one, and there are enough spares.
HOLDFAST_DETAIL_BODY void isolated_group::fill_slots(lock &hold) {
    using state = worker::state;
    for (;;) {
        const std::size_t starting = count(state::starting);
        const std::size_t alive = starting + count(state::ready);
        const std::size_t wanted =
            ending_ || (closed_ && outstanding_ == 0) ? 0 : workers_wanted_ + spares_wanted();
        // After a failure, only one at a time until one succeeds, and only if it is needed.
        const bool careful = next_start_ != clock::time_point();
        const bool may = !careful || has_started_ ||
                         (starts_ && starting == 0 && clock::now() >= next_start_ &&
                          (count(state::ready) != 0 || !queue_.empty()));
        if (alive > wanted)
            retire_spare();
        else if (alive > workers_wanted_ + 1)
            set_timer(ends_.front() + std::chrono::seconds(1));
        if (alive >= wanted || !may)
            return;
        start_one(hold);
    }
}

HOLDFAST_DETAIL_BODY void isolated_group::start_one(lock &hold) {
    auto made = std::make_shared<worker>();
    std::string problem = "no Python was found";
    made->id = ++last_id_;
    hold.unlock();
    if (output_ != nullptr)
        made->output = std::make_shared<worker_output>();
    if (!python_.empty())
        problem = made->process.start(python_, config_, environment_, made->output.get());
    if (problem.empty())
        problem = begin_watching(*made);
    if (!problem.empty())
        made.reset();  // ends its process, which may take a moment: unlocked
    hold.lock();
    if (made == nullptr)
        return start_failed(nullptr, problem, "");
    made->since = clock::now();
    all_.emplace(made->id, made);
    set_timer(due_of(*made));
    introduce(*made);
}

/// Nothing that happens to the worker is lost: this thread, which is the caller, handles it later.
/// \return "", or what failed; then it is not watched.
HOLDFAST_DETAIL_BODY std::string isolated_group::begin_watching(worker &one) {
    std::error_code problem = one.process.watch_with(watched_, one.id);
    if (!problem && one.output != nullptr) {
        output_->rename(*one.output, name_of(one.slot));
        problem = output_->add(one.output);
    }
    if (!problem)
        return {};
    one.process.forget_in(watched_);
    return "the system does not report what it does: " + problem.message();
}

/// The worker has so much room for them.
inline constexpr std::size_t most_of_settings = std::size_t{128} << 10U;

/// Sends a new worker its settings.
HOLDFAST_DETAIL_BODY void isolated_group::introduce(worker &one) {
    one.ring.open(one.process.memory()->data());
    one.results.open(one.process.memory());
    pickle_writer to(segments_);
    to.mark();
    to.begin_list();
    for (const std::filesystem::path &path : config_.module_search_paths)
        to.bytes(text_of_path(path));
    for (const std::filesystem::path &path : default_module_folders())
        to.bytes(text_of_path(path));
    to.end_list();
    to.begin_list();
    for (const std::string &module : config_.preload)
        to.text(module);
    to.end_list();
    to.boolean(config_.memory.has_value());
    to.unsigned_integer(config_.result_limit);
    to.boolean(config_.output != nullptr);
    to.integer(config_.log_level);
    to.end_tuple();
    const std::string pickle = to.finish();
    if (pickle.size() > most_of_settings)
        start_failed(&one,
                     "preload and module_search_paths are " + std::to_string(pickle.size()) +
                         " bytes long; at most " + std::to_string(most_of_settings) + " are sent",
                     "");
    else if (std::error_code why; send_packet(one.process.socket(), pickle, {}, {}, why) ==
                                  packet_outcome::later)  // the end of its process is noticed
        start_failed(&one, "its settings could not be sent: " + why.message(), "");
}

HOLDFAST_DETAIL_BODY void isolated_group::accept_start(worker &one, const worker_answer &answer) {
    std::string text;
    std::string stack;
    if (answer.kind == answer_kind::not_started) {
        try {
            std::rethrow_exception(reported_exception(answer));
        } catch (const python_error &raised) {
            text = "preload failed: " + raised.type() + ": " + raised.message();
            stack = raised.traceback();
        } catch (...) {
            text = "preload failed";
        }
    }
    const std::lock_guard<std::mutex> hold(mutex_);
    if (one.is_killed || one.end)
        return;
    if (one.now != worker::state::starting)
        return stop_worker(one, error_of(one, worker_end::protocol), worker_end::protocol,
                           "said twice that it has started");
    if (!text.empty())
        return start_failed(&one, text, stack);
    one.now = worker::state::ready;
    one.since = clock::now();
    has_started_ = true;
    take_slot(one);
}

/// Ends all workers. True: they are gone.
HOLDFAST_DETAIL_BODY bool isolated_group::finish() {
    for (const auto &[id, one] : all_) {
        if (one->now == worker::state::ready)
            retire(*one);
        else if (one->now == worker::state::starting) {
            one->is_killed = true;
            one->now = worker::state::ending;
            one->process.kill();
        }
    }
    return all_.empty();
}

}  // namespace holdfast::detail
