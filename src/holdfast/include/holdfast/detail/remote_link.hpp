// holdfast/detail/remote_link.hpp: an engine in Python, the calls it has been given, and the thread that looks after them.
//
// Layer 61.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <exception>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../callable.hpp"
#include "../context.hpp"
#include "clock.hpp"
#include "crew.hpp"
#include "forced_unwind.hpp"
#include "remote_job.hpp"
#include "remote_source.hpp"
#include "say.hpp"
#include "worker_name.hpp"

namespace holdfast {

/// Every field is optional.
struct remote_config {
    /// Longest time from submit() to the result; its future gets HF321 then. No limit if not given.
    std::chrono::milliseconds limit = std::chrono::milliseconds::max();
    std::string name = "remote";  ///< in messages
    /// Whether to ignore SIGPIPE in this process, as the python program does, if its default is in force: an engine
    /// that writes to a worker that has died would else end the process. It stays ignored when the executor has
    /// ended: the engine may still write, and others may count on it.
    bool ignore_sigpipe = true;
};

namespace detail {

/// Owned by its executor and by each call that the engine still has.
///
/// Threads: members from any thread; `keeper_` is touched by the executor's constructor and destructor. The keeper
///          is a thread of ours: it looks at limits, and tells the engine what was called off.
/// Lock order: `mutex_`, then a gate's. Nobody attaches, waits for Python or settles a future under it.
class remote_link final : public remote_desk, public std::enable_shared_from_this<remote_link> {
public:
    remote_link(const interpreter_view &where, remote_config config, call_site site)
        : where_(where), config_(std::move(config)), site_(site) {}

    void start() {
        if (config_.ignore_sigpipe)
            ignore_sigpipe();
        keeper_ = std::thread([self = shared_from_this()] { self->keep(); });
    }

    /// Attached. \param expression  whose value the engine is; null: it was given as an object.
    void connect(object engine, const std::string *expression) {
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

    [[nodiscard]] const interpreter_view &where() const noexcept { return where_; }

    /// \throws pool_error; closed_error  the interpreter has ended.
    void demand_open() const {
        if (is_in_child())
            throw has_no_threads(config_.name);
        if (is_abandoned())
            throw pool_is_cut_off(config_.name, where_.reason());
        const std::lock_guard<std::mutex> hold(mutex_);
        if (is_closed_)
            throw pool_is_closed(config_.name);
    }

    /// The call as bytes. Attached. \throws conversion_error  HF340 an argument cannot be pickled.
    [[nodiscard]] owned pack(const remote_job &job, PyObject *arguments, PyObject *named) const {
        try {
            return ask("pack", "(sOO)", job.path().c_str(), arguments, named);
        } catch (const python_error &problem) {
            throw conversion_error("HF340", "the arguments of " + job.called() + " cannot be pickled: " + problem.type() +
                                                ": " + problem.message(),
                                   "pass what pickle can write, e.g. numbers, text, lists of them");
        }
    }

    /// Gives it to the engine. What the engine throws is in the future. Attached.
    /// \throws closed_error, pool_error  it was not taken.
    void post(const std::shared_ptr<remote_job> &job, PyObject *call) {
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

    void order_cancel(remote_job &job) noexcept override {
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

    [[nodiscard]] bool wait_idle(std::chrono::milliseconds limit) {
        if (is_in_child())
            throw has_no_threads(config_.name);
        const detach_guard detached;
        std::unique_lock<std::mutex> hold(mutex_);
        return idle_.wait_until(hold, deadline_after(limit), [this] { return jobs_.empty(); });
    }

    void close() {
        if (is_in_child())
            return;
        const std::lock_guard<std::mutex> hold(mutex_);
        is_closed_ = true;
    }

    [[nodiscard]] std::size_t waiting() const {
        if (is_in_child())
            return 0;
        const std::lock_guard<std::mutex> hold(mutex_);
        return jobs_.size();
    }

    /// From a destructor: closes, waits for all calls, and says every few seconds for which.
    void end() noexcept {
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

private:
    using clock = remote_job::clock;

    static void demand_done(int status) {
        if (status != 0)
            throw_python_error();
    }

    template <class... Args>
    owned ask(const char *function, const char *format, Args... arguments) const {
        const owned asked = demand(PyObject_GetAttrString(host_.get(), function));
        const owned all = demand(Py_BuildValue(format, arguments...));
        return demand(PyObject_Call(asked.get(), all.get(), nullptr));
    }

    /// Until it is removed, the interpreter does not end.
    void list(const std::shared_ptr<remote_job> &job) {
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

    void keep_future(remote_job &job, object future) {
        const std::lock_guard<std::mutex> hold(mutex_);
        if (!job.is_listed)
            return;  // its limit has passed meanwhile
        job.python_future = std::move(future);
        if (job.is_called_off()) {
            orders_.push_back(*job.listed_at);
            wake_.notify_one();
        }
    }

    /// The engine is done with it. Called by Python, on any of its threads.
    void take(remote_job &job, const object &answered) {
        try {
            job.take(ask("outcome", "(O)", answered.get()).get());
        } catch (...) {
            pass_on_forced_unwind();
            job.give_up(std::current_exception());
        }
        remove(job);
    }

    void lose(remote_job &job, const python_error &why) {
        job.give_up(std::make_exception_ptr(
            no_value("lost", job.called(), why.type() + ": " + why.message(), why.traceback())));
        remove(job);
    }

    void remove(remote_job &job) noexcept {
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

    /// Under the mutex.
    void release_if_idle() noexcept {
        if (!jobs_.empty())
            return;
        if (!is_keeper_busy_)
            guard_.reset();
        idle_.notify_all();
    }

    /// The keeper's life.
    void keep() {
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

    void wait_for_work(std::unique_lock<std::mutex> &hold) {
        // With calls under way it looks once a second whether Python has ended without waiting for them.
        if (is_ended_ || !orders_.empty())
            return;
        if (jobs_.empty())
            wake_.wait(hold, [this] { return is_ended_ || !jobs_.empty() || !orders_.empty(); });
        else
            wake_.wait_until(hold, std::min(jobs_.front()->deadline, clock::now() + std::chrono::seconds(1)));
    }

    /// Under the mutex. All calls have the same limit, so the oldest is the first to be late.
    std::vector<std::shared_ptr<remote_job>> take_late() {
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

    void look_after(const std::vector<std::shared_ptr<remote_job>> &late,
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

    void call_off(remote_job &job) {
        object future;
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            future = job.python_future;  // attached: this only counts
        }
        if (future)
            ask("call_off", "(O)", future.get());
    }

    /// Python has ended, although calls were under way.
    [[nodiscard]] bool is_abandoned() const noexcept {
        const closed_reason reason = where_.reason();
        return reason != closed_reason::none && reason != closed_reason::finalizing;
    }

    void abandon() {
        std::list<std::shared_ptr<remote_job>> all;
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            all = jobs_;
        }
        for (const std::shared_ptr<remote_job> &job : all) {
            job->give_up(std::make_exception_ptr(closed_error(where_.reason())));
            remove(*job);
        }
    }

    /// Under the mutex.
    HOLDFAST_DETAIL_COLD void say_what_is_missing() const noexcept {
        const std::chrono::duration<double> oldest = clock::now() - jobs_.front()->since;
        detail::say("holdfast: HF311 the destructor of pool '%s' waits for %zu calls; the oldest, %s.%s(), for %.1f s\n",
                    config_.name.c_str(), jobs_.size(), jobs_.front()->module(), jobs_.front()->name(), oldest.count());
    }

    /// Not undone: another library's SIG_IGN looks like ours, and the engine's threads may outlive us.
    static void ignore_sigpipe() noexcept {
        struct sigaction now {};
        if (sigaction(SIGPIPE, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL)
            std::signal(SIGPIPE, SIG_IGN);
    }

    [[nodiscard]] bool is_in_child() const noexcept { return forks.load(std::memory_order_relaxed) != made_in_; }

    const interpreter_view where_;
    const remote_config config_;
    const call_site site_;
    const unsigned made_in_ = count_forks();
    object engine_;  // these three do not change after connect()
    object host_;
    bool is_ours_ = false;  // it was made by our expression: end() ends it
    std::thread keeper_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;  // the keeper waits here
    std::condition_variable idle_;
    std::list<std::shared_ptr<remote_job>> jobs_;     // guarded by mutex_: what the engine has, oldest first
    std::vector<std::shared_ptr<remote_job>> orders_;  // guarded by mutex_: called off, the engine does not know
    std::optional<interpreter_guard> guard_;  // set while there are jobs or the keeper is busy; read by the keeper then
    bool is_keeper_busy_ = false;             // guarded by mutex_, like all below
    bool is_closed_ = false;
    bool is_ended_ = false;
    bool was_left_ = false;  // a call was given up that the engine may still be at
};

}  // namespace detail

}  // namespace holdfast
