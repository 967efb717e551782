// holdfast/pools/subinterpreter_pool.ipp: the bodies of subinterpreter_pool.hpp.
#pragma once

#include <holdfast/pools/subinterpreter_pool.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <utility>

#include <holdfast/error.hpp>
#include <holdfast/platform/rethrow.hpp>

namespace holdfast {

namespace detail {

struct subinterpreter_worker_group::state_forgotten_before_the_end {
    const subinterpreter &own;
    ~state_forgotten_before_the_end() { own.its().forget_state(); }
};

HOLDFAST_DETAIL_BODY subinterpreter_worker_group::subinterpreter_worker_group(
    const interpreter_view &main, subinterpreter_pool_config config)
    : worker_group(config, arrivals_of(config)),
      main_(main),
      interpreter_config_(std::move(config.interpreter)) {
    closing = [](child &self) noexcept {
        static_cast<subinterpreter_worker_group &>(self).worker_group::close();
    };
}

HOLDFAST_DETAIL_BODY void subinterpreter_worker_group::wait_until_ready() {
    const detach_guard detached;
    std::unique_lock<std::mutex> hold(ready_mutex_);
    ready_.wait(hold, [this] { return trouble_ != nullptr || ready_count_ == config().threads; });
    if (trouble_ != nullptr)
        std::rethrow_exception(trouble_);
}

HOLDFAST_DETAIL_BODY void subinterpreter_worker_group::serve(std::size_t index) {
    try {
        const interpreter_guard held(main_);
        subinterpreter own(main_, interpreter_config_);
        own.its().keep_state();
        const state_forgotten_before_the_end at_end{own};
        tell_ready(nullptr);
        while (start_work())
            work(index, own.view());
    } catch (const std::exception &) {
        tell_ready(std::current_exception());
    }
}

HOLDFAST_DETAIL_BODY void subinterpreter_worker_group::tell_ready(
    std::exception_ptr trouble) noexcept {
    const std::lock_guard<std::mutex> hold(ready_mutex_);
    ++ready_count_;
    if (trouble != nullptr && trouble_ == nullptr)
        trouble_ = std::move(trouble);
    ready_.notify_all();
}

}  // namespace detail

HOLDFAST_DETAIL_BODY subinterpreter_pool::subinterpreter_pool(const interpreter_view &main,
                                                              subinterpreter_pool_config config)
    : subinterpreter_pool(
          std::make_shared<detail::subinterpreter_worker_group>(main, std::move(config))) {}

HOLDFAST_DETAIL_BODY subinterpreter_pool::subinterpreter_pool(
    std::shared_ptr<detail::subinterpreter_worker_group> its)
    : task_pool(its), its_(std::move(its)) {
    if (its_->main().ref().record == nullptr)
        throw closed_error(closed_reason::not_started);
    its_->main().ref().record->children.add(*its_);
    try {
        start();
        its_->wait_until_ready();
    } catch (...) {
        its_->main().ref().record->children.remove(*its_);
        detail::rethrow();  // ~task_pool waits for the threads that run
    }
}

HOLDFAST_DETAIL_BODY subinterpreter_pool::~subinterpreter_pool() {
    if (detail::interpreter_record *const record = its_->main().ref().record)
        record->children.remove(*its_);
}

}  // namespace holdfast
