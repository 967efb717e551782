// c/backend/executor.hpp: threads that run C tasks.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include <holdfast/pools/executor.hpp>

#include "../codes.hpp"
#include "functions.hpp"

namespace holdfast::c {

class task;

}  // namespace holdfast::c

struct hf_executor : holdfast::executor {
    using holdfast::executor::executor;

    void enqueue(std::shared_ptr<holdfast::detail::pool_task> task) {
        group_->enqueue(std::move(task));
    }
    [[nodiscard]] const std::string &name() const noexcept { return group_->config().name; }
    /// Whether the calling thread is one of its own: in a task, in `done`, or in a `drop` that the end
    /// of a task has called.
    [[nodiscard]] bool is_worker() const noexcept { return group_->is_worker(); }

    /// The executor whose task, or `done`, the calling thread runs.
    static inline thread_local const hf_executor *innermost = nullptr;
};

namespace holdfast::c {

/// The arguments of a task, which the executor keeps until it has run.
class copied_arguments {
public:
    copied_arguments(const hf_value *args, std::size_t count) {
        values_.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            values_.emplace_back();
            if (value_copy(args + i, &values_.back()) != HF_OK) {
                const error_texts *const last = last_error::of_this_thread();
                fault_ = last != nullptr ? last->code : out_of_resources;
                return;
            }
            forget_result(values_.back());
        }
    }
    copied_arguments(copied_arguments &&) = default;
    copied_arguments &operator=(copied_arguments &&) = delete;
    ~copied_arguments() { drop_all(); }

    [[nodiscard]] hf_status fault() const noexcept { return fault_; }
    [[nodiscard]] const hf_value *first() const noexcept { return values_.data(); }
    [[nodiscard]] std::size_t count() const noexcept { return values_.size(); }
    void drop_all() noexcept {
        for (hf_value &value : values_)
            clear(value);
        values_.clear();
    }

private:
    std::vector<hf_value> values_;
    hf_status fault_ = HF_OK;
};

/// How reports name a submitted task, which also keeps Python from ending.
inline constexpr call_site submitted_here = call_site::at("hf_submit()", 0);

using done_function = void (*)(void *user, hf_status status, const hf_value *result);

/// One submitted call. `done` is called once: by run(), or by give_up() if it cannot run.
class task final : public detail::pool_task {
public:
    task(const hf_executor &home, hf_function *function, copied_arguments arguments,
         done_function done, void *user)
        : home_(home),
          function_(function),
          arguments_(std::move(arguments)),
          done_(done),
          user_(user) {}

    void run() override {
        const inside here(home_);
        struct told_in_any_case {
            task &its;
            bool has_returned = false;
            ~told_in_any_case() {
                if (!has_returned)
                    its.fail_with_its_thread();
            }
        } at_end{*this};
        hf_value result;
        set_none(&result);
        const hf_status status = protect([&]() -> hf_status {
            // Before a failure is noted: destructors may fail, too, and `done` is to see the task's error
            const struct arguments_end {
                copied_arguments &all;
                ~arguments_end() { all.drop_all(); }
            } end_before{arguments_};
            const attach_guard attached((*function_).view, submitted_here);
            call_attached(*function_, arguments_.first(), arguments_.count(), nullptr, nullptr, 0,
                          done_ != nullptr ? &result : nullptr);
            return HF_OK;
        });
        at_end.has_returned = true;
        if (done_ != nullptr) {
            const detach_guard detached;
            done_(user_, status, status == HF_OK ? &result : nullptr);
        }
        clear(result);
    }

    void give_up(std::exception_ptr why) noexcept override {
        const inside here(home_);
        arguments_.drop_all();
        const hf_status status = protect([&]() -> hf_status { std::rethrow_exception(why); });
        if (done_ == nullptr)
            return;
        const detach_guard detached;
        done_(user_, status, nullptr);
    }

    [[nodiscard]] bool will_settle(const void *) const noexcept override { return false; }

private:
    struct inside {
        explicit inside(const hf_executor &home) noexcept
            : before(std::exchange(hf_executor::innermost, &home)) {}
        inside(const inside &) = delete;
        inside &operator=(const inside &) = delete;
        ~inside() { hf_executor::innermost = before; }
        const hf_executor *const before;
    };

    /// The thread is unwound in the middle of the task, by pthread_exit() or pthread_cancel().
    HOLDFAST_DETAIL_COLD void fail_with_its_thread() noexcept {
        try {
            throw detail::thread_was_ended();
        } catch (...) {
            // Or, if there is no memory for that error, with bad_alloc
            give_up(std::current_exception());
        }
    }

    const hf_executor &home_;
    const kept<hf_function> function_;
    copied_arguments arguments_;
    const done_function done_;
    void *const user_;
};

inline hf_status executor_start(hf_view view, std::size_t threads, hf_executor **out) {
    return protect([&]() -> hf_status {
        const interpreter_view where = view_from(view);
        if (where.reason() != closed_reason::none)
            return refused(where.reason());
        holdfast::executor_config config;
        config.threads = threads;
        *out = new hf_executor(where, config, submitted_here);
        return HF_OK;
    });
}

inline hf_status executor_end(hf_executor *its) {
    if (its == nullptr)
        return HF_OK;
    if (hf_executor::innermost == its || its->is_worker())
        return fail(detail::waits_for_itself(its->name(), "hf_executor_end()"));
    return protect([&]() -> hf_status {
        delete its;
        return HF_OK;
    });
}

inline hf_status submit(hf_executor *its, hf_function *function, const hf_value *args,
                        std::size_t count, done_function done, void *user) {
    if (its == nullptr || function == nullptr || (args == nullptr && count != 0))
        return given_nothing("hf_submit", "an executor, a function or arguments that are");
    return protect([&]() -> hf_status {
        copied_arguments copies(args, count);
        if (copies.fault() != HF_OK)
            return copies.fault();
        try {
            its->enqueue(std::make_shared<task>(*its, function, std::move(copies), done, user));
        } catch (const pool_error &problem) {
            if (number_of(problem.code()) != 301)
                throw;
            throw pool_error("HF301", "the executor takes no more tasks: it is being ended",
                             "submit before hf_executor_end(), or start another executor");
        }
        return HF_OK;
    });
}

}  // namespace holdfast::c
