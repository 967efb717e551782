// holdfast/pools/remote_link.ipp: the bodies of remote_link.hpp.
#pragma once

#include <holdfast/pools/remote_link.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <new>
#include <utility>

#include <holdfast/calls/callable.hpp>
#include <holdfast/attach/context.hpp>
#include <holdfast/platform/clock.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/pools/remote_source.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/pools/worker_name.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY remote_link::remote_link(const interpreter_view &where, remote_config config, call_site site)
    : where_(where), config_(std::move(config)), site_(site) {}

HOLDFAST_DETAIL_BODY remote_link::~remote_link() = default;

HOLDFAST_DETAIL_BODY void remote_link::start() {
    if (config_.ignore_sigpipe)
        ignore_sigpipe();
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
    const std::pair<const char *, const char *> texts[] = {{"worker_source", worker_source},
                                                           {"worker_start", worker_start},
                                                           {"worker_expression", worker_expression}};
    demand_done(PyDict_SetItemString(names, "__builtins__", builtins.get()));
    for (const auto &[name, text] : texts)
        demand_done(PyDict_SetItemString(names, name, demand(PyUnicode_FromString(text)).get()));
    const owned code = demand(Py_CompileString(host_source, "<holdfast remote_executor>", Py_file_input));
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

HOLDFAST_DETAIL_BODY owned remote_link::pack(const remote_job &job, PyObject *arguments, PyObject *named) const {
    try {
        return ask("pack", "(sOO)", job.path().c_str(), arguments, named);
    } catch (const python_error &problem) {
        throw conversion_error("HF340", "the arguments of " + job.called() + " cannot be pickled: " + problem.type() +
                                            ": " + problem.message(),
                               "pass what pickle can write, e.g. numbers, text, lists of them");
    }
}

HOLDFAST_DETAIL_BODY void remote_link::post(const std::shared_ptr<remote_job> &job, PyObject *call) {
    list(job);
    try {
        if (job->is_called_off())
            return remove(*job);
        object future = object::steal(ask("send", "(OO)", engine_.get(), call).release());
        const object done = callable("holdfast_done", [self = shared_from_this(), job](const object &answered) {
            self->take(*job, answered);
        });
        const object to_watch = future;
        keep_future(*job, std::move(future));
        ask("watch", "(OO)", to_watch.get(), done.get());
    } catch (const python_error &problem) {
        lose(*job, problem);
    } catch (...) {
        pass_on_forced_unwind();
        job->give_up(std::current_exception());
        remove(*job);
    }
}

HOLDFAST_DETAIL_BODY void remote_link::order_cancel(remote_job &job) noexcept {
    if (is_in_child())
        return;
    const std::lock_guard<std::mutex> hold(mutex_);
    if (!job.is_listed)
        return;
    try {
        orders_.push_back(*job.listed_at);
    } catch (const std::bad_alloc &) {
        return;  // the future says that it was cancelled; the engine does it in vain
    }
    wake_.notify_one();
}

HOLDFAST_DETAIL_BODY bool remote_link::wait_idle(std::chrono::milliseconds limit) {
    if (is_in_child())
        throw has_no_threads(config_.name);
    const detach_guard detached;
    std::unique_lock<std::mutex> hold(mutex_);
    return idle_.wait_until(hold, deadline_after(limit), [this] { return jobs_.empty(); });
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
    return jobs_.size();
}

HOLDFAST_DETAIL_BODY void remote_link::end() noexcept {
    if (is_in_child())
        return forget_in_child(keeper_);
    {
        const detach_guard detached;
        std::unique_lock<std::mutex> hold(mutex_);
        is_closed_ = true;
        while (!idle_.wait_for(hold, std::chrono::seconds(3), [this] { return jobs_.empty(); }))
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
        return;  // Python has ended, and has shut the engine down itself
    try {
        ask("end", "(OO)", engine_.get(), was_left_ ? Py_True : Py_False);
    } catch (const error &problem) {
        if (!was_left_)  // else it is broken, and the futures have said so
            detail::say("holdfast: the engine of '%s' was not shut down: %s\n", config_.name.c_str(),
                        problem.what());
    }
}

HOLDFAST_DETAIL_BODY void remote_link::list(const std::shared_ptr<remote_job> &job) {
    job->since = clock::now();
    job->deadline = deadline_after(config_.limit);
    const std::lock_guard<std::mutex> hold(mutex_);
    if (is_closed_)
        throw pool_is_closed(config_.name);
    if (!guard_) {
        interpreter_guard fresh(where_, site_);
        guard_.emplace(std::move(fresh));  // moved, so it is not this thread's own: that may finalize
    }
    job->listed_at = jobs_.insert(jobs_.end(), job);
    job->is_listed = true;
    if (jobs_.size() == 1)
        wake_.notify_one();
}

HOLDFAST_DETAIL_BODY void remote_link::keep_future(remote_job &job, object future) {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (!job.is_listed)
        return;  // its limit has passed meanwhile
    job.python_future = std::move(future);
    if (job.is_called_off()) {
        orders_.push_back(*job.listed_at);
        wake_.notify_one();
    }
}

HOLDFAST_DETAIL_BODY void remote_link::take(remote_job &job, const object &answered) {
    try {
        job.take(ask("outcome", "(O)", answered.get()).get());
    } catch (...) {
        pass_on_forced_unwind();
        job.give_up(std::current_exception());
    }
    remove(job);
}

HOLDFAST_DETAIL_BODY void remote_link::lose(remote_job &job, const python_error &why) {
    job.give_up(std::make_exception_ptr(
        no_value("lost", job.called(), why.type() + ": " + why.message(), why.traceback())));
    remove(job);
}

HOLDFAST_DETAIL_BODY void remote_link::remove(remote_job &job) noexcept {
    object its_future;                      // dropped when the mutex is free: that may run Python
    std::shared_ptr<remote_job> last_owner;  // the same
    const std::lock_guard<std::mutex> hold(mutex_);
    if (!job.is_listed)
        return;
    its_future = std::move(job.python_future);
    last_owner = std::move(*job.listed_at);
    jobs_.erase(job.listed_at);
    job.is_listed = false;
    release_if_idle();
}

HOLDFAST_DETAIL_BODY void remote_link::release_if_idle() noexcept {
    if (!jobs_.empty())
        return;
    if (!is_keeper_busy_)
        guard_.reset();
    idle_.notify_all();
}

HOLDFAST_DETAIL_BODY void remote_link::keep() {
    struct farewell {
        ~farewell() { end_thread_state(); }  // so that nothing is left to attach for when the thread exits
    };
    name_this_thread(config_.name, 0);
    const farewell at_end;
    for (std::unique_lock<std::mutex> hold(mutex_); !is_ended_;) {
        wait_for_work(hold);
        std::vector<std::shared_ptr<remote_job>> late = take_late();
        std::vector<std::shared_ptr<remote_job>> orders;
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
    // With calls under way it looks once a second whether Python has ended without waiting for them.
    if (is_ended_ || !orders_.empty())
        return;
    if (jobs_.empty())
        wake_.wait(hold, [this] { return is_ended_ || !jobs_.empty() || !orders_.empty(); });
    else
        wake_.wait_until(hold, std::min(jobs_.front()->deadline, clock::now() + std::chrono::seconds(1)));
}

HOLDFAST_DETAIL_BODY std::vector<std::shared_ptr<remote_job>> remote_link::take_late() {
    std::vector<std::shared_ptr<remote_job>> late;
    const clock::time_point now = clock::now();
    for (const std::shared_ptr<remote_job> &job : jobs_) {
        if (job->deadline > now)
            break;
        late.push_back(job);
    }
    was_left_ = was_left_ || !late.empty();
    return late;
}

HOLDFAST_DETAIL_BODY void remote_link::look_after(const std::vector<std::shared_ptr<remote_job>> &late,
                                                  const std::vector<std::shared_ptr<remote_job>> &orders) {
    for (const std::shared_ptr<remote_job> &job : late)
        job->give_up(std::make_exception_ptr(took_too_long(job->called(), config_.limit)));
    try {
        const attach_guard attached(*guard_, site_);
        for (const auto *all : {&late, &orders})
            for (const std::shared_ptr<remote_job> &job : *all)
                call_off(*job);
    } catch (const error &problem) {  // it cannot be told; the futures have been
        detail::say("holdfast: the engine of '%s' goes on with what was called off: %s\n",
                    config_.name.c_str(), problem.what());
    }
    for (const std::shared_ptr<remote_job> &job : late)
        remove(*job);
}

HOLDFAST_DETAIL_BODY void remote_link::call_off(remote_job &job) {
    object future;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        future = job.python_future;  // attached: this only counts
    }
    if (future)
        ask("call_off", "(O)", future.get());
}

HOLDFAST_DETAIL_BODY bool remote_link::is_abandoned() const noexcept {
    const closed_reason reason = where_.reason();
    return reason != closed_reason::none && reason != closed_reason::finalizing;
}

HOLDFAST_DETAIL_BODY void remote_link::abandon() {
    std::list<std::shared_ptr<remote_job>> all;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        all = jobs_;
    }
    for (const std::shared_ptr<remote_job> &job : all) {
        job->give_up(std::make_exception_ptr(
            closed_error(where_.reason(), "the result of " + job->called() + " has not come back",
                         "wait for the futures, or drain(), before Python ends")));
        remove(*job);
    }
}

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY void remote_link::say_what_is_missing() const noexcept {
    const std::chrono::duration<double> oldest = clock::now() - jobs_.front()->since;
    detail::say("holdfast: HF311 the destructor of pool '%s' waits for %zu calls; the oldest, %s.%s(), for %.1f s\n",
                config_.name.c_str(), jobs_.size(), jobs_.front()->module(), jobs_.front()->name(), oldest.count());
}

HOLDFAST_DETAIL_BODY void remote_link::ignore_sigpipe() noexcept {
    struct sigaction now {};
    if (sigaction(SIGPIPE, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL)
        std::signal(SIGPIPE, SIG_IGN);
}

HOLDFAST_DETAIL_BODY void remote_link::demand_done(int status) {
    if (status != 0)
        throw_python_error();
}

}  // namespace holdfast::detail
