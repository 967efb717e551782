// holdfast/pools/engine_client.hpp: a Python engine, its calls, and the thread that looks after them.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/pools/engine_task.hpp>
#include <holdfast/pools/worker_group.hpp>

namespace holdfast {

/// Every field is optional.
struct remote_config {
    /// The longest time from submit() to the result; after it the future gets HF321. No limit by
    /// default.
    std::chrono::milliseconds limit = std::chrono::milliseconds::max();
    std::string name = "remote";  ///< in messages
    /// Whether to ignore SIGPIPE in this process, as the python program does, if the signal has its
    /// default action. Otherwise an engine that writes to a dead worker would end the process. The
    /// signal stays ignored after the executor has ended: the engine may still write, and other
    /// code may rely on it.
    bool ignore_sigpipe = true;
};

namespace detail {

/// Owned by its executor and by each call that the engine still has.
///
/// Threads:    any member from any thread; only the executor's constructor and destructor touch
///             `keeper_`. The keeper is a thread of ours: it checks limits, and tells the engine
///             what was cancelled.
/// Lock order: `mutex_`, then a gate's. Under it no thread attaches, waits for Python or settles a
///             future.
class remote_link final : public remote_desk, public std::enable_shared_from_this<remote_link> {
public:
    remote_link(const interpreter_view &where, remote_config config, call_site site);
    remote_link(const remote_link &) = delete;
    remote_link &operator=(const remote_link &) = delete;
    ~remote_link();

    void start();

    /// \param expression  the expression whose value is the engine; null: given as an
    /// object.
    HOLDFAST_REQUIRES_ATTACHED void connect(object engine, const std::string *expression);

    [[nodiscard]] const interpreter_view &where() const noexcept { return where_; }

    /// \throws pool_error; closed_error  the interpreter has ended.
    void demand_open() const;

    /// Pickles the call. \throws conversion_error  HF340 an argument cannot be pickled.
    [[nodiscard]] HOLDFAST_REQUIRES_ATTACHED owned pack(const remote_task &task,
                                                        PyObject *arguments, PyObject *named) const;

    /// Submits the call to the engine. If the engine throws, the future gets that.
    /// \throws closed_error, pool_error  it was not taken.
    HOLDFAST_REQUIRES_ATTACHED void post(const std::shared_ptr<remote_task> &task, PyObject *call);

    void order_cancel(remote_task &task) noexcept override;

    [[nodiscard]] bool wait_idle(std::chrono::milliseconds limit);

    void close();

    [[nodiscard]] std::size_t waiting() const;

    /// For a destructor: closes, waits for all calls, and reports every few seconds which ones are
    /// left. On the keeper, which runs the engine's code and what futures continue with, it does
    /// not wait: another thread does.
    void end() noexcept;

private:
    using clock = remote_task::clock;

    void end_elsewhere() noexcept;

    static void demand_done(int status);

    template <class... Args>
    owned ask(const char *function, const char *format, Args... arguments) const {
        const owned asked = demand(PyObject_GetAttrString(host_.get(), function));
        const owned all = demand(Py_BuildValue(format, arguments...));
        return demand(PyObject_Call(asked.get(), all.get(), nullptr));
    }

    /// Adds the task. The interpreter does not end until it is removed.
    void list(const std::shared_ptr<remote_task> &task);

    void keep_future(remote_task &task, object future);

    /// The engine is done with it. Python calls this, on any of its threads.
    void take(remote_task &task, const object &answered);

    void lose(remote_task &task, const python_error &why);

    void remove(remote_task &task) noexcept;

    /// Under the mutex.
    void release_if_idle() noexcept;

    /// The keeper's main function.
    void keep();

    void wait_for_work(std::unique_lock<std::mutex> &hold);

    /// Under the mutex. All calls have the same limit, so the oldest is the first to be late.
    std::vector<std::shared_ptr<remote_task>> take_late();

    void look_after(const std::vector<std::shared_ptr<remote_task>> &late,
                    const std::vector<std::shared_ptr<remote_task>> &orders);

    void cancel_remotely(remote_task &task);

    /// Python has ended although calls were in progress.
    [[nodiscard]] bool is_abandoned() const noexcept;

    void abandon();

    /// Under the mutex.
    void say_what_is_missing() const noexcept;

    /// Never undone: another library's SIG_IGN looks like ours, and the engine's threads may
    /// outlive us.

    [[nodiscard]] bool is_in_child() const noexcept { return forks_so_far() != made_in_; }

    const interpreter_view where_;
    const remote_config config_;
    const call_site site_;
    const unsigned made_in_ = count_forks();
    object engine_;  // this, host_ and is_ours_ do not change after connect()
    object host_;
    bool is_ours_ = false;  // our expression made the engine: end() ends it
    std::thread keeper_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;  // the keeper waits here
    std::condition_variable idle_;
    std::list<std::shared_ptr<remote_task>>
        tasks_;  // guarded by mutex_: the engine's calls, oldest first
    // Guarded by mutex_: cancelled calls that the engine does not know about yet
    std::vector<std::shared_ptr<remote_task>> orders_;
    // Set while there are calls or the keeper is busy; the keeper reads it then
    std::optional<interpreter_guard> guard_;
    bool is_keeper_busy_ = false;  // guarded by mutex_, like all below
    bool is_closed_ = false;
    bool is_ended_ = false;
    bool was_left_ = false;  // a call was given up that the engine may still be running
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pools/engine_client.ipp>
#endif
