// c/backend/line_target.hpp: the C function that gets what an interpreter prints and logs.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <holdfast/output/output.hpp>
#include <holdfast/platform/fork_local.hpp>

namespace holdfast::c {

using line_function = void (*)(void *user, int stream, const char *thread, const char *text,
                               std::size_t size);

/// Where the lines of one interpreter go, which hf_redirect_output() changes.
///
/// Python code may keep the streams and handlers, so they print here for as long as Python runs. In a
/// forked child nothing is locked or waited for: the threads that were in a call are not there.
class line_target final : public detail::of_one_process {
public:
    struct destination {
        destination(line_function function, void *its_user) noexcept
            : line(function), user(its_user) {}
        const line_function line;  // null: lines go to the process's own streams
        void *const user;
        int running = 0;  // calls; under `mutex_`
    };
    using place = std::shared_ptr<destination>;

    /// Returns the earlier one, which can be set again. Afterwards no thread is in, or begins, a call
    /// of its function, unless the caller itself is in one. Call it detached, because that function
    /// may attach.
    place set(const place &next) {
        std::unique_lock<std::mutex> hold;
        if (is_of_this_process())
            hold = std::unique_lock<std::mutex>(mutex_);
        place earlier = std::exchange(current_, next);
        if (hold)
            idle_.wait(hold, [&] { return earlier->running == 0 || calling::is_in(*earlier); });
        return earlier;
    }

    void operator()(const output_line &printed) {
        const calling here(*this);
        const destination &to = *here.its;
        if (to.line == nullptr)
            return write_past(printed);
        const std::string thread(printed.thread);
        to.line(to.user, static_cast<int>(printed.source) + 1, thread.c_str(), printed.text.data(),
                printed.text.size());
    }

private:
    /// A call that is running on this thread.
    struct calling {
        explicit calling(line_target &target)
            : target_(target.is_of_this_process() ? &target : nullptr) {
            std::unique_lock<std::mutex> hold;
            if (target_ != nullptr)
                hold = std::unique_lock<std::mutex>(target_->mutex_);
            its = target.current_;
            ++its->running;
            outer_ = std::exchange(innermost, this);
        }
        calling(const calling &) = delete;
        calling &operator=(const calling &) = delete;
        ~calling() {
            innermost = outer_;
            if (target_ == nullptr || !target_->is_of_this_process())  // forked meanwhile
                return;
            const std::lock_guard<std::mutex> hold(target_->mutex_);
            if (--its->running == 0)
                target_->idle_.notify_all();
        }

        static bool is_in(const destination &one) noexcept {
            for (const calling *call = innermost; call != nullptr; call = call->outer_)
                if (call->its.get() == &one)
                    return true;
            return false;
        }

        place its;

    private:
        static inline thread_local const calling *innermost = nullptr;

        line_target *const target_;  // null: in a forked child
        const calling *outer_ = nullptr;
    };

    static void write_past(const output_line &printed) noexcept {
        std::FILE *const to = printed.source == output_source::out ? stdout : stderr;
        std::fwrite(printed.text.data(), 1, printed.text.size(), to);
        std::fputc('\n', to);
        std::fflush(to);
    }

    std::mutex mutex_;  // a leaf
    std::condition_variable idle_;
    place current_ = std::make_shared<destination>(nullptr, nullptr);
};

}  // namespace holdfast::c
