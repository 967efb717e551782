// holdfast/objects/unread_failure.ipp: the bodies of unread_failure.hpp.
#pragma once

#include <holdfast/objects/unread_failure.hpp>

#include <atomic>
#include <cstdint>
#include <string>

#include <holdfast/objects/python_error.hpp>
#include <holdfast/platform/clock.hpp>
#include <holdfast/platform/say.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY void say_unread(const std::exception_ptr &problem,
                                          const char *called) noexcept {
    constexpr std::uint64_t pause_ns = 1'000'000'000;
    static std::atomic<std::uint64_t> next{0};
    static std::atomic<unsigned long> left_out{0};
    const std::uint64_t now = steady_ns();
    std::uint64_t due = next.load(std::memory_order_relaxed);
    if (now < due || !next.compare_exchange_strong(due, now + pause_ns)) {
        left_out.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    try {
        std::string text = "an exception that is not a std::exception";
        std::string trace;
        try {
            std::rethrow_exception(problem);
        } catch (const python_error &raised) {
            text = raised.type() + ": " + raised.message();
            trace = raised.traceback();
        } catch (const std::exception &thrown) {
            text = thrown.what();
        } catch (...) {}
        const unsigned long others = left_out.exchange(0, std::memory_order_relaxed);
        const std::string more =
            others == 0 ? "" : " (and " + std::to_string(others) + " more since the last report)";
        say("holdfast: HF312 %s failed, and nobody can get its exception%s: %s\n%s"
            "  do: keep the future and call get(), or catch the exception within the call\n",
            called, more.c_str(), text.c_str(), trace.c_str());
    } catch (const std::exception &) {
        // no memory for the report
    }
}

}  // namespace holdfast::detail
