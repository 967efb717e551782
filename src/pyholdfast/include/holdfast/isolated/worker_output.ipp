// holdfast/isolated/worker_output.ipp: the bodies of worker_output.hpp.
#pragma once

#include <holdfast/isolated/worker_output.hpp>

#include <cstdlib>
#include <utility>

#include <holdfast/isolated/call_of_host.hpp>
#include <holdfast/platform/child_process.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/visible_text.hpp>
#include <holdfast/pools/worker_group.hpp>

namespace holdfast::detail {

inline bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        char32_t character = 0;
        const std::size_t length = utf8_length(text, character);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

HOLDFAST_DETAIL_BODY bool worker_output::make_pipes(file_handle &output, file_handle &errors) {
    return pipes[0].open(output) && pipes[1].open(errors);
}

HOLDFAST_DETAIL_BODY output_reader::output_reader(sink to)
    : sink_(std::move(to)), arrives_("isolated_executor: no descriptors for its workers' output") {
    thread_ = start_quiet_thread("holdfast-output", [this] { run(); });
}

HOLDFAST_DETAIL_BODY output_reader::~output_reader() {
    if (!thread_.joinable())
        return;
    const cancellation_held_off until_ended;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        ends_ = true;
    }
    arrives_.wake();
    thread_.join();
}

HOLDFAST_DETAIL_BODY void output_reader::forget() { forget_in_child(thread_); }

HOLDFAST_DETAIL_BODY std::error_code output_reader::add(const std::shared_ptr<worker_output> &one) {
    const std::lock_guard<std::mutex> hold(mutex_);
    one->id = ++last_id_;
    all_.emplace(one->id, one);
    std::error_code problem;
    for (std::size_t which = 0; which < 2 && !problem; ++which)
        problem = arrives_.watch(one->pipes[which].descriptor(), one->id * 2 + which);
    if (problem) {
        all_.erase(one->id);
        for (const pipe_reader &pipe : one->pipes)
            arrives_.forget(pipe.descriptor());
    }
    return problem;
}

HOLDFAST_DETAIL_BODY void output_reader::rename(worker_output &one, std::string name) {
    const std::lock_guard<std::mutex> hold(mutex_);
    one.name = std::move(name);
}

HOLDFAST_DETAIL_BODY void output_reader::finish(const std::shared_ptr<worker_output> &one) {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (all_.erase(one->id) != 0)
        ended_.push_back(one);
    arrives_.wake();
}

/// False: nothing more will come.
HOLDFAST_DETAIL_BODY bool output_reader::begin_round(
    std::vector<std::shared_ptr<worker_output>> &ended) {
    const std::lock_guard<std::mutex> hold(mutex_);
    ended.swap(ended_);
    return !ends_ || !ended.empty();
}

HOLDFAST_DETAIL_BODY std::shared_ptr<worker_output> output_reader::find(std::uint64_t id) {
    const std::lock_guard<std::mutex> hold(mutex_);
    const auto found = all_.find(id);
    return found == all_.end() ? nullptr : found->second;
}

HOLDFAST_DETAIL_BODY void output_reader::run() {
    std::set<std::uint64_t> unread;  // twice a worker's id, and one more for its errors
    for (;;) {
        std::vector<std::shared_ptr<worker_output>> ended;
        if (!begin_round(ended))
            return;
        for (const std::shared_ptr<worker_output> &one : ended)
            for (std::size_t which = 0; which < 2; ++which) {
                arrives_.forget(one->pipes[which].descriptor());
                (void)read(*one, which);
                one->lines[which].finish([&](std::string_view line) { give(*one, which, line); });
            }
        if (!ended.empty())
            continue;
        arrives_.wait(unread.empty(), [&unread](std::uint64_t what) { unread.insert(what); });
        for (const std::uint64_t what : std::exchange(unread, {}))
            if (const std::shared_ptr<worker_output> one = find(what / 2))
                if (read(*one, what % 2))
                    unread.insert(what);
    }
}

/// Reads what a full pipe has: then it is another one's turn, whatever is written meanwhile.
/// \return whether there is more.
HOLDFAST_DETAIL_BODY bool output_reader::read(worker_output &one, std::size_t which) {
    constexpr std::size_t most = 65536;
    char part[8192];
    for (std::size_t all = 0; all < most;) {
        const std::size_t got = one.pipes[which].read(part, sizeof part);
        if (got == 0)
            return false;
        all += got;
        one.lines[which].add({part, got}, [&](std::string_view line) { give(one, which, line); });
    }
    return true;
}

/// Python writes valid text. In what is not, all that is no visible text is escaped.
HOLDFAST_DETAIL_BODY void output_reader::give(worker_output &one, std::size_t which,
                                              std::string_view line) {
    output_line made{which == 0 ? output_source::out : output_source::err, line, {}, {}, 0, {}};
    std::string_view parts[3];
    std::string_view left = line;
    std::size_t found = 0;
    if (which == 1 && !left.empty() && left.front() == '\0') {
        left.remove_prefix(1);
        for (std::size_t end = 0; found < 3 && (end = left.find('\0')) != left.npos; ++found) {
            parts[found] = left.substr(0, end);
            left.remove_prefix(end + 1);
        }
    }
    if (found == 3) {
        made.source = output_source::log;
        made.text = left;
        made.level = std::atoi(std::string(parts[0]).c_str());
        made.logger = parts[1];
        made.thread = parts[2];
    }
    std::string shown;
    if (!is_utf8(made.text)) {
        shown = visible_text(made.text);
        made.text = shown;
    }
    std::string name;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        name = one.name;
    }
    made.worker = name;
    call_of_host("output", [&] { sink_(made); });
}

}  // namespace holdfast::detail
