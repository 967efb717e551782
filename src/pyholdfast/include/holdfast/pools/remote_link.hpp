// holdfast/pools/remote_link.hpp: an engine in Python, the calls it has been given, and the thread that looks after them.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

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

#include <holdfast/pools/remote_task.hpp>
#include <holdfast/pools/worker_group.hpp>

namespace holdfast {

/// Every field is optional.
struct remote_config {
    /// Longest time from submit() to the result; its future gets HF321 then. No limit if not given.
    std::chrono::milliseconds limit = std::chrono::milliseconds::max();
    std::string name = "remote";  ///< in messages
    /// Whether to ignore SIGPIPE in this process, as the python program does, if its default is in
    /// force: an engine that writes to a worker that has died would else end the process. It stays
    /// ignored when the executor has ended: the engine may still write, and others may count on it.
    bool ignore_sigpipe = true;
};

namespace detail {

/// Owned by its executor and by each call that the engine still has.
///
/// Threads: members from any thread; `keeper_` is touched by the executor's constructor and
///          destructor. The keeper is a thread of ours: it looks at limits, and tells the engine
///          what was cancelled. Lock order: `mutex_`, then a gate's. Nobody attaches, waits for
///          Python or settles a future under it.
class remote_link final : public remote_desk, public std::enable_shared_from_this<remote_link> {
public:
    remote_link(const interpreter_view &where, remote_config config, call_site site);
    remote_link(const remote_link &) = delete;
    remote_link &operator=(const remote_link &) = delete;
    ~remote_link();

    void start();

    /// Attached. \param expression  whose value the engine is; null: it was given as an object.
    void connect(object engine, const std::string *expression);

    [[nodiscard]] const interpreter_view &where() const noexcept { return where_; }

    /// \throws pool_error; closed_error  the interpreter has ended.
    void demand_open() const;

    /// The call as bytes. Attached. \throws conversion_error  HF340 an argument cannot be pickled.
    [[nodiscard]] owned pack(const remote_task &task, PyObject *arguments, PyObject *named) const;

    /// Gives it to the engine. What the engine throws is in the future. Attached.
    /// \throws closed_error, pool_error  it was not taken.
    void post(const std::shared_ptr<remote_task> &task, PyObject *call);

    void order_cancel(remote_task &task) noexcept override;

    [[nodiscard]] bool wait_idle(std::chrono::milliseconds limit);

    void close();

    [[nodiscard]] std::size_t waiting() const;

    /// From a destructor: closes, waits for all calls, and says every few seconds for which.
    void end() noexcept;

private:
    using clock = remote_task::clock;

    static void demand_done(int status);

    template <class... Args>
    owned ask(const char *function, const char *format, Args... arguments) const {
        const owned asked = demand(PyObject_GetAttrString(host_.get(), function));
        const owned all = demand(Py_BuildValue(format, arguments...));
        return demand(PyObject_Call(asked.get(), all.get(), nullptr));
    }

    /// Until it is removed, the interpreter does not end.
    void list(const std::shared_ptr<remote_task> &task);

    void keep_future(remote_task &task, object future);

    /// The engine is done with it. Called by Python, on any of its threads.
    void take(remote_task &task, const object &answered);

    void lose(remote_task &task, const python_error &why);

    void remove(remote_task &task) noexcept;

    /// Under the mutex.
    void release_if_idle() noexcept;

    /// The keeper's life.
    void keep();

    void wait_for_work(std::unique_lock<std::mutex> &hold);

    /// Under the mutex. All calls have the same limit, so the oldest is the first to be late.
    std::vector<std::shared_ptr<remote_task>> take_late();

    void look_after(const std::vector<std::shared_ptr<remote_task>> &late,
                    const std::vector<std::shared_ptr<remote_task>> &orders);

    void cancel_remotely(remote_task &task);

    /// Python has ended, although calls were under way.
    [[nodiscard]] bool is_abandoned() const noexcept;

    void abandon();

    /// Under the mutex.
    void say_what_is_missing() const noexcept;

    /// Not undone: another library's SIG_IGN looks like ours, and the engine's threads may outlive
    /// us.
    static void ignore_sigpipe() noexcept;

    [[nodiscard]] bool is_in_child() const noexcept {
        return forks.load(std::memory_order_relaxed) != made_in_;
    }

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
    std::list<std::shared_ptr<remote_task>>
        tasks_;  // guarded by mutex_: what the engine has, oldest first
    // Guarded by mutex_: cancelled, the engine does not know
    std::vector<std::shared_ptr<remote_task>> orders_;
    // Set while there are jobs or the keeper is busy; read by the keeper then
    std::optional<interpreter_guard> guard_;
    bool is_keeper_busy_ = false;  // guarded by mutex_, like all below
    bool is_closed_ = false;
    bool is_ended_ = false;
    bool was_left_ = false;  // a call was given up that the engine may still be at
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pools/remote_link.ipp>
#endif
