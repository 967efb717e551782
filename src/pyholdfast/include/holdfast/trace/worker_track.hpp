// holdfast/trace/worker_track.hpp: records which tasks a worker process runs.
//
// Must not include <Python.h>.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <set>
#include <string>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/trace/event.hpp>
#include <holdfast/trace/trace_memory.hpp>
#include <holdfast/trace/word_copy.hpp>

namespace holdfast::detail {

/// A copy of `name` that is never freed; null if there are too many.
HOLDFAST_DETAIL_COLD inline const char *name_for_ever(const std::string &name) {
    constexpr std::size_t most = 4096;
    static std::mutex mutex;
    static auto *const all = new std::set<std::string>();  // never destroyed: late threads use it
    const std::lock_guard<std::mutex> hold(mutex);
    const auto found = all->find(name);
    if (found != all->end())
        return found->c_str();
    return all->size() < most ? all->insert(name).first->c_str() : nullptr;
}

/// The host's record of one worker process.
///
/// Owns:    its track in the recorder, until end().
/// Threads: one at a time. Words of the page that others read are atomic.
class worker_track {
public:
    HOLDFAST_DETAIL_COLD worker_track(recorder &file, track_page &page, std::uint64_t process,
                                      const std::string &name) noexcept
        : file_(file), page_(page), ring_(reinterpret_cast<trace_event *>(&page + 1)) {
        const std::uint64_t now = file.now();
        put(page_.native_id, process);
        page_.is_worker.store(1, std::memory_order_relaxed);
        page_.started.store(now, std::memory_order_release);
        put(page_.since, now);
        char text[sizeof page_.name] = "";
        std::memcpy(text, name.data(), std::min(name.size(), sizeof text - 1));
        store_words(page_.name, text, sizeof text);
        page_.state.store(track_state::native, std::memory_order_release);
    }
    worker_track(const worker_track &) = delete;
    worker_track &operator=(const worker_track &) = delete;

    void begin_task(const std::string &module, const std::string &name) {
        begun_ = file_.now();
        const char *const kept = name_for_ever(name);
        const std::uint16_t number =
            kept == nullptr ? std::uint16_t{0}
                            : file_.number_of(name_kind::function, kept, name_for_ever(module), 0);
        put(page_.since, begun_);
        page_.function.store(number, std::memory_order_relaxed);
    }

    void end_task() noexcept {
        if (begun_ == 0)
            return;
        const std::uint64_t end = file_.now();
        const auto function =
            static_cast<std::uint16_t>(page_.function.load(std::memory_order_relaxed));
        const trace_event event{begun_, begun_, end, 0, function, event_kind::task, 0, 0};
        write(ring_, file_.size().ring, page_.events, event);
        if (end - begun_ >= file_.long_ticks())
            write(ring_ + file_.size().ring, file_.size().long_ring, page_.long_events, event);
        put(page_.tasks, page_.tasks.load(std::memory_order_relaxed) + 1);
        page_.function.store(0, std::memory_order_relaxed);
        put(page_.since, end);
        begun_ = 0;
    }

    HOLDFAST_DETAIL_COLD void end() noexcept {
        end_task();
        const std::uint64_t now = file_.now();
        put(page_.ended, now);
        put(page_.since, now);
        page_.state.store(track_state::ended, std::memory_order_release);
    }

private:
    static void put(std::atomic<std::uint64_t> &word, std::uint64_t value) noexcept {
        word.store(value, std::memory_order_relaxed);
    }
    static void write(trace_event *ring, std::uint32_t size, std::atomic<std::uint64_t> &count,
                      const trace_event &event) noexcept {
        const std::uint64_t written = count.load(std::memory_order_relaxed);
        store_words(ring + written % size, &event, sizeof event);
        count.store(written + 1, std::memory_order_release);
    }

    recorder &file_;
    track_page &page_;
    trace_event *const ring_;
    std::uint64_t begun_ = 0;  // ticks; 0: it runs nothing
};

}  // namespace holdfast::detail
