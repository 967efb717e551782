// holdfast/pools/engine_client.ipp: the bodies of engine_client.hpp.
#pragma once

#include <holdfast/pools/engine_client.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <utility>

#include <holdfast/attach/context.hpp>
#include <holdfast/calls/callable.hpp>
#include <holdfast/error.hpp>
#include <holdfast/platform/broken_pipe.hpp>
#include <holdfast/platform/clock.hpp>
#include <holdfast/platform/detached_thread.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/pools/engine_source.hpp>
#include <holdfast/pools/worker_name.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY remote_link::remote_link(const interpreter_view &where, remote_config config,
                                              call_site site)
    : where_(where), config_(std::move(config)), site_(site) {}

HOLDFAST_DETAIL_BODY remote_link::~remote_link() = default;

HOLDFAST_DETAIL_BODY void remote_link::start() {
    if (config_.ignore_sigpipe)
        ignore_broken_pipes();
    keeper_ = std::thread([self = shared_from_this()] { self->keep(); });
}

HOLDFAST_DETAIL_BODY void remote_link::connect(object engine, const std::string *expression) {
    const object submit = object::steal(PyObject_GetAttrString(engine.get(), "submit"));
    PyErr_Clear();
    if (!submit || PyCallable_Check(submit.get()) == 0)
        throw no_engine(name_of_type(Py_TYPE(engine.get())));
    host_ = object::steal(demand(PyModule_New("holdfast_remote")).release());
    const owned builtins = demand(PyImport_ImportModule("builtins"));
    PyObject *const names = PyModule_GetDict(host_.get());  // borrowed
    const std::pair<const char *, const char *> texts[] = {
        {"worker_source", worker_source},
        {"worker_start", worker_start},
        {"worker_expression", worker_expression}};
    demand_done(PyDict_SetItemString(names, "__builtins__", builtins.get()));
    for (const auto &[name, text] : texts)
        demand_done(PyDict_SetItemString(names, name, demand(PyUnicode_FromString(text)).get()));
    const owned code =
        demand(Py_CompileString(host_source, "<holdfast remote_executor>", Py_file_input));
    demand(PyEval_EvalCode(code.get(), names, names));
    engine_ = std::move(engine);
    if (expression != nullptr) {
        const owned made = ask("is_made_by", "(s)", expression->c_str());
        is_ours_ = made.get() == Py_True;
    }
}

HOLDFAST_DETAIL_BODY void remote_link::demand_open() const {
    if (is_in_child())
        throw has_no_threads(config_.name);
    if (is_abandoned())
        throw pool_is_cut_off(config_.name, where_.reason());
    const std::lock_guard<std::mutex> hold(mutex_);
    if (is_closed_)
        throw pool_is_closed(config_.name);
}

HOLDFAST_DETAIL_BODY owned remote_link::pack(const remote_task &task, PyObject *arguments,
                                             PyObject *named) const {
    try {
        return ask("pack", "(sOO)", task.path().c_str(), arguments, named);
    } catch (const python_error &problem) {
        throw conversion_error("HF340",
                               "the arguments of " + task.called() + " cannot be pickled: " +
                                   problem.type() + ": " + problem.message(),
                               "pass what pickle can write, e.g. numbers, text, lists of them");
    }
}

HOLDFAST_DETAIL_BODY void remote_link::post(const std::shared_ptr<remote_task> &task,
                                            PyObject *call) {
    list(task);
    try {
        if (task->is_cancelled())
            return remove(*task);
        object future = object::steal(ask("send", "(OO)", engine_.get(), call).release());
        const object done =
            callable("holdfast_done", [self = shared_from_this(), task](const object &answered) {
                self->take(*task, answered);
            });
        const object to_watch = future;
        keep_future(*task, std::move(future));
        ask("watch", "(OO)", to_watch.get(), done.get());
    } catch (const python_error &problem) {
        lose(*task, problem);
    } catch (...) {
        pass_on_forced_unwind();
        task->give_up(std::current_exception());
        remove(*task);
    }
}

HOLDFAST_DETAIL_BODY void remote_link::order_cancel(remote_task &task) noexcept {
    if (is_in_child())
        return;
    const std::lock_guard<std::mutex> hold(mutex_);
    if (!task.is_listed)
        return;
    try {
        orders_.push_back(*task.listed_at);
    } catch (const std::bad_alloc &) {
        return;  // the future says that it was cancelled; the engine runs it for nothing
    }
    wake_.notify_one();
}

HOLDFAST_DETAIL_BODY bool remote_link::wait_idle(std::chrono::milliseconds limit) {
    if (is_in_child())
        throw has_no_threads(config_.name);
    const detach_guard detached;
    std::unique_lock<std::mutex> hold(mutex_);
    const auto is_idle = [this] { return tasks_.empty(); };
    const clock::time_point deadline = deadline_after(limit);
    if (deadline == clock::time_point::max()) {  // it overflows where the wait is by another clock
        idle_.wait(hold, is_idle);
        return true;
    }
    return idle_.wait_until(hold, deadline, is_idle);
}

HOLDFAST_DETAIL_BODY void remote_link::close() {
    if (is_in_child())
        return;
    const std::lock_guard<std::mutex> hold(mutex_);
    is_closed_ = true;
}

HOLDFAST_DETAIL_BODY std::size_t remote_link::waiting() const {
    if (is_in_child())
        return 0;
    const std::lock_guard<std::mutex> hold(mutex_);
    return tasks_.size();
}

HOLDFAST_DETAIL_BODY void remote_link::end() noexcept {
    if (is_in_child())
        return forget_in_child(keeper_);
    if (keeper_.get_id() == std::this_thread::get_id()) {
        close();
        return end_elsewhere();
    }
    const cancellation_held_off until_ended;
    {
        const detach_guard detached;
        std::unique_lock<std::mutex> hold(mutex_);
        is_closed_ = true;
        while (!idle_.wait_for(hold, report_interval, [this] { return tasks_.empty(); }))
            say_what_is_missing();
        is_ended_ = true;
        wake_.notify_one();
        hold.unlock();
        keeper_.join();
    }
    if (!is_ours_)
        return;
    const attach_guard attached(where_, std::nothrow, site_);
    if (!attached)
        return;  // Python has ended, and has shut down the engine itself
    try {
        ask("end", "(OO)", engine_.get(), was_left_ ? Py_True : Py_False);
    } catch (const error &problem) {
        if (!was_left_)  // otherwise it is broken, and the futures have reported that
            detail::say("holdfast: the engine of '%s' was not shut down: %s\n",
                        config_.name.c_str(), problem.what());
    }
}

/// Called by the engine's code on the keeper, which cannot wait for itself.
HOLDFAST_DETAIL_COLD_BODY void remote_link::end_elsewhere() noexcept {
    try {
        start_detached([self = shared_from_this()] { self->end(); });
    } catch (const std::exception &problem) {
        detail::say("holdfast: the engine of '%s' is not ended: %s\n", config_.name.c_str(),
                    problem.what());
    }
}

HOLDFAST_DETAIL_BODY void remote_link::list(const std::shared_ptr<remote_task> &task) {
    task->since = clock::now();
    task->deadline = deadline_after(config_.limit);
    const std::lock_guard<std::mutex> hold(mutex_);
    if (is_closed_)
        throw pool_is_closed(config_.name);
    if (!guard_) {
        interpreter_guard fresh(where_, site_);
        // Moved, so that it is not this thread's own guard: this thread may finalize
        guard_.emplace(std::move(fresh));
    }
    task->listed_at = tasks_.insert(tasks_.end(), task);
    task->is_listed = true;
    if (tasks_.size() == 1)
        wake_.notify_one();
}

HOLDFAST_DETAIL_BODY void remote_link::keep_future(remote_task &task, object future) {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (!task.is_listed)
        return;  // its limit has passed meanwhile
    task.python_future = std::move(future);
    if (task.is_cancelled()) {
        orders_.push_back(*task.listed_at);
        wake_.notify_one();
    }
}

HOLDFAST_DETAIL_BODY void remote_link::take(remote_task &task, const object &answered) {
    try {
        task.take(ask("outcome", "(O)", answered.get()).get());
    } catch (...) {  // outcome() raises what the call has raised
        pass_on_forced_unwind();
        task.call_failed(std::current_exception());
    }
    remove(task);
}

HOLDFAST_DETAIL_BODY void remote_link::lose(remote_task &task, const python_error &why) {
    task.give_up(std::make_exception_ptr(
        no_value("lost", task.called(), why.type() + ": " + why.message(), why.traceback())));
    remove(task);
}

HOLDFAST_DETAIL_BODY void remote_link::remove(remote_task &task) noexcept {
    object its_future;                        // dropped after the mutex is released: that may run
                                              // Python
    std::shared_ptr<remote_task> last_owner;  // the same
    const std::lock_guard<std::mutex> hold(mutex_);
    if (!task.is_listed)
        return;
    its_future = std::move(task.python_future);
    last_owner = std::move(*task.listed_at);
    tasks_.erase(task.listed_at);
    task.is_listed = false;
    release_if_idle();
}

HOLDFAST_DETAIL_BODY void remote_link::release_if_idle() noexcept {
    if (!tasks_.empty())
        return;
    if (!is_keeper_busy_)
        guard_.reset();
    idle_.notify_all();
}

HOLDFAST_DETAIL_BODY void remote_link::keep() {
    struct scope_exit {
        ~scope_exit() { end_thread_state(); }  // so that the thread need not attach when it exits
    };
    name_this_thread(config_.name, 0);
    const scope_exit at_end;
    for (std::unique_lock<std::mutex> hold(mutex_); !is_ended_;) {
        wait_for_work(hold);
        std::vector<std::shared_ptr<remote_task>> late = take_late();
        std::vector<std::shared_ptr<remote_task>> orders;
        orders.swap(orders_);
        if (late.empty() && orders.empty() && !is_abandoned())
            continue;
        is_keeper_busy_ = true;  // the guard stays
        hold.unlock();
        if (is_abandoned())
            abandon();
        else
            look_after(late, orders);
        late.clear(), orders.clear();
        hold.lock();
        is_keeper_busy_ = false;
        release_if_idle();
    }
}

HOLDFAST_DETAIL_BODY void remote_link::wait_for_work(std::unique_lock<std::mutex> &hold) {
    // While calls are in progress, it checks once a second whether Python has ended without waiting
    // for them.
    if (is_ended_ || !orders_.empty())
        return;
    if (tasks_.empty())
        wake_.wait(hold, [this] { return is_ended_ || !tasks_.empty() || !orders_.empty(); });
    else
        wake_.wait_until(
            hold, std::min(tasks_.front()->deadline, clock::now() + std::chrono::seconds(1)));
}

HOLDFAST_DETAIL_BODY std::vector<std::shared_ptr<remote_task>> remote_link::take_late() {
    std::vector<std::shared_ptr<remote_task>> late;
    const clock::time_point now = clock::now();
    for (const std::shared_ptr<remote_task> &task : tasks_) {
        if (task->deadline > now)
            break;
        late.push_back(task);
    }
    was_left_ = was_left_ || !late.empty();
    return late;
}

HOLDFAST_DETAIL_BODY void remote_link::look_after(
    const std::vector<std::shared_ptr<remote_task>> &late,
    const std::vector<std::shared_ptr<remote_task>> &orders) {
    for (const std::shared_ptr<remote_task> &task : late)
        task->give_up(std::make_exception_ptr(took_too_long(task->called(), config_.limit)));
    try {
        const attach_guard attached(*guard_, site_);
        for (const auto *all : {&late, &orders})
            for (const std::shared_ptr<remote_task> &task : *all)
                cancel_remotely(*task);
    } catch (const error &problem) {  // the engine cannot be told; the futures have been
        detail::say("holdfast: the engine of '%s' could not be told to cancel a call: %s\n",
                    config_.name.c_str(), problem.what());
    }
    for (const std::shared_ptr<remote_task> &task : late)
        remove(*task);
}

HOLDFAST_DETAIL_BODY void remote_link::cancel_remotely(remote_task &task) {
    object future;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        future = task.python_future;  // attached: this only increments a count
    }
    if (future)
        ask("cancel_remotely", "(O)", future.get());
}

HOLDFAST_DETAIL_BODY bool remote_link::is_abandoned() const noexcept {
    const closed_reason reason = where_.reason();
    return reason != closed_reason::none && reason != closed_reason::finalizing;
}

HOLDFAST_DETAIL_BODY void remote_link::abandon() {
    std::list<std::shared_ptr<remote_task>> all;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        all = tasks_;
    }
    for (const std::shared_ptr<remote_task> &task : all) {
        task->give_up(std::make_exception_ptr(
            closed_error(where_.reason(), "the result of " + task->called() + " has not come back",
                         "wait for the futures, or drain(), before Python ends")));
        remove(*task);
    }
}

HOLDFAST_DETAIL_COLD_BODY void remote_link::say_what_is_missing() const noexcept {
    const std::chrono::duration<double> oldest = clock::now() - tasks_.front()->since;
    detail::say(
        "holdfast: HF311 the destructor of pool '%s' waits for %zu calls; the oldest, %s.%s(), for "
        "%.1f s\n",
        config_.name.c_str(), tasks_.size(), tasks_.front()->module(), tasks_.front()->name(),
        oldest.count());
}

HOLDFAST_DETAIL_BODY void remote_link::demand_done(int status) {
    if (status != 0)
        throw_python_error();
}

}  // namespace holdfast::detail
