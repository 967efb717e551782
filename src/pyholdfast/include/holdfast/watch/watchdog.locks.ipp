// holdfast/watch/watchdog.locks.ipp: threads that wait for a holdfast::mutex.
//
// A part of the bodies of watchdog.hpp.
#pragma once

#include <holdfast/watch/watchdog.hpp>

#include <cstdio>
#include <mutex>

#include <holdfast/gate/site_text.hpp>
#include <holdfast/platform/formatted.hpp>
#include <holdfast/platform/memory.hpp>
#include <holdfast/platform/time_text.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_RARE_BODY void watchdog::look_for_locks(const std::vector<seen_thread> &threads) {
    bool late = false;
    for (const seen_thread &one : threads)
        late = late || one.lock_ms >= limit_ms_;
    if (late && !lock_reported_)
        report_locks(threads);
    lock_reported_ = late;
}

HOLDFAST_DETAIL_RARE_BODY std::string watchdog::lock_text(const call_site *made,
                                                          std::uint64_t address) {
    // The mutex may be gone by now
    alignas(call_site) unsigned char copy[sizeof(call_site)];
    if (made != nullptr && read_memory_safely(copy, made, sizeof copy)) {
        const auto &site = *reinterpret_cast<const call_site *>(copy);
        if (site.file() != nullptr)
            return formatted("the mutex made at %s", site_text(site).c_str());
    }
    return formatted("mutex %#llx", static_cast<unsigned long long>(address));
}

HOLDFAST_DETAIL_RARE_BODY bool watchdog::has_lock(const seen_thread &one, std::uint64_t address) {
    for (const held_lock &held : one.page->held)
        if (held.address.load(std::memory_order_acquire) == address)
            return true;
    return false;
}

HOLDFAST_DETAIL_RARE_BODY bool watchdog::waits_in_a_circle(const std::vector<seen_thread> &threads,
                                                           const seen_thread &first) {
    std::vector<const seen_thread *> reached;
    reached.push_back(&first);
    for (std::size_t i = 0; i < reached.size(); ++i)
        for (const seen_thread &other : threads) {
            if (reached[i]->wanted_lock == 0 || !has_lock(other, reached[i]->wanted_lock))
                continue;
            if (&other == &first)
                return true;
            bool is_known = false;
            for (const seen_thread *const known : reached)
                is_known = is_known || known == &other;
            if (!is_known)
                reached.push_back(&other);
        }
    return false;
}

HOLDFAST_DETAIL_RARE_BODY void watchdog::report_locks(const std::vector<seen_thread> &threads) {
    std::string lines;
    std::string ownerless;
    bool is_circle = false;
    for (const seen_thread &one : threads) {
        std::string does;
        for (const held_lock &held : one.page->held)
            if (const std::uint64_t address = held.address.load(std::memory_order_acquire))
                append(does, "%s%s", does.empty() ? " holds " : ", ",
                       lock_text(held.made.load(std::memory_order_relaxed), address).c_str());
        if (one.wanted_lock != 0) {
            const std::string wanted = lock_text(
                one.page->wanted_lock_made.load(std::memory_order_relaxed), one.wanted_lock);
            append(does, "%s waits %s for %s", does.empty() ? "" : " and",
                   time_text(one.lock_ms).c_str(), wanted.c_str());
            bool is_owned = false;
            for (const seen_thread &other : threads)
                is_owned = is_owned || has_lock(other, one.wanted_lock);
            if (!is_owned && ownerless.find(wanted) == std::string::npos)
                append(
                    ownerless,
                    "  who holds %s is not known: it was locked before the watchdog began, or by "
                    "a thread that had %u others\n",
                    wanted.c_str(), static_cast<unsigned>(held_locks));
        }
        is_circle = is_circle || waits_in_a_circle(threads, one);
        if (!does.empty())
            append(lines, "  %s%s%s\n", name_of(one).c_str(), place(one).c_str(), does.c_str());
    }
    const char *const remedy =
        is_circle ? "let every thread take these mutexes in one order, or "
                    "take them at once by std::scoped_lock"
        : ownerless.empty()
            ? "unlock it sooner: move work that takes long, or waits, out of the lock"
            : "look for the code that locks it and does not unlock it";
    say(formatted("HF812 a thread waits for a holdfast::mutex for more than %s\n%s%s  do: %s\n",
                  time_text(limit_ms_).c_str(), lines.c_str(), ownerless.c_str(), remedy));
}

}  // namespace holdfast::detail
