// holdfast/pools/executor.ipp: the bodies of executor.hpp.
#pragma once

#include <holdfast/pools/executor.hpp>

#include <memory>
#include <new>
#include <utility>

namespace holdfast {

namespace detail {

HOLDFAST_DETAIL_BODY executor_worker_group::executor_worker_group(const interpreter_view &where,
                                                                  executor_config config,
                                                                  call_site site)
    : worker_group(std::move(config), HOLDFAST_HAS_FREE_THREADING != 0 ? threads_of(config) : 1),
      where_(where),
      site_(site) {}

HOLDFAST_DETAIL_BODY closed_reason executor_worker_group::admission() noexcept {
    const closed_reason reason = where_.reason();
    if (reason == closed_reason::finalizing && is_inside(*where_.ref().record))
        return closed_reason::none;  // a task that is being drained
    return reason;
}

HOLDFAST_DETAIL_BODY bool executor_worker_group::begin_busy() noexcept {
    interpreter_guard fresh(where_, std::nothrow, site_);
    if (!fresh)
        return false;
    // Moved, so that it is not the submitting thread's own guard: that thread may finalize
    guard_.emplace(std::move(fresh));
    return true;
}

HOLDFAST_DETAIL_BODY void executor_worker_group::end_busy() noexcept { guard_.reset(); }

HOLDFAST_DETAIL_BODY void executor_worker_group::serve(std::size_t index) {
    // The guard does not change while a worker is at work: see bounded_queue.
    while (start_work())
        work(index, *guard_, site_);
}

}  // namespace detail

HOLDFAST_DETAIL_BODY executor::executor(const interpreter_view &where, executor_config config,
                                        call_site site)
    : task_pool(std::make_shared<detail::executor_worker_group>(where, std::move(config), site)) {
    start();
}

}  // namespace holdfast
