// holdfast/attach/register_interpreter.exits.ipp: what happens when a registered interpreter ends.
//
// A part of the bodies of register_interpreter.hpp.
#pragma once

#include <holdfast/attach/register_interpreter.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>

#include <holdfast/attach/delete_state.hpp>
#include <holdfast/attach/fork_hooks.hpp>
#include <holdfast/platform/environment.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/formatted.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/platform/visible_text.hpp>
#include <holdfast/watch/trace_setup.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_RARE_BODY std::chrono::milliseconds exit_limit() noexcept {
    const char *const text = own_variable("HOLDFAST_EXIT_LIMIT_MS");
    const long given = text != nullptr ? std::strtol(text, nullptr, 10) : 0;
    return std::chrono::milliseconds(given > 0 ? given : 5000);
}

HOLDFAST_DETAIL_RARE_BODY void say_who_is_inside(const gate &door, const char *problem,
                                                 const char *remedy) noexcept {
    char text[4096];  // text that does not fit is cut off
    std::size_t used = 0;
    const auto add = [&](int written) {
        used = written < 0 ? used : used + static_cast<std::size_t>(written);
        used = used < sizeof text ? used : sizeof text - 1;
    };
    add(std::snprintf(text, sizeof text, "holdfast: %s\n", problem));
    door.for_each_inside([&](const gate_entry &entry) {
        if (entry.is_attach_helper)
            return;
        const char *const file = entry.file_.load(std::memory_order_relaxed);
        char line[16] = "";  // a C caller has none
        if (entry.line_.load() != 0)
            std::snprintf(line, sizeof line, ":%u", entry.line_.load());
        if (entry.is_handed_over()) {
            add(std::snprintf(
                text + used, sizeof text - used,
                "  an interpreter_guard that was made %.1f s ago at %s%s and handed over\n",
                static_cast<double>(coarse_now() - entry.since_.load()) / 1e9,
                file != nullptr ? file : "?", line));
            return;
        }
        add(std::snprintf(
            text + used, sizeof text - used, "  thread %llu '%s', %s %.1f s ago at %s%s\n",
            static_cast<unsigned long long>(entry.native_id), thread_name(entry.native_id).text,
            entry.is_guard ? "took an interpreter_guard" : "attached",
            static_cast<double>(coarse_now() - entry.since_.load()) / 1e9,
            file != nullptr ? file : "?", line));
    });
    say("%s  do: %s\n", text, remedy);
}

HOLDFAST_DETAIL_RARE inline void add_not_ended(obstacles &found, const char *why) {
    found.add(found, formatted("a sub-interpreter or a pool could not be ended: %s",
                               visible_lines(why).c_str()));
}

HOLDFAST_DETAIL_RARE_BODY void end_children(interpreter_record &record,
                                            std::chrono::steady_clock::time_point deadline,
                                            obstacles &found) {
    // To end a sub-interpreter, this thread must attach to the main one.
    const gate_pass present(record.door, true, this_thread_ident(), call_site::current());
    round_of_ends round(record.children, deadline);
    if (!round)
        found.add(found, "another thread is ending the sub-interpreters and pools");
    while (child *const one = round.next()) {
        child_given_back at_end{record.children};
        const std::size_t before = found.count;
        try {
            one->end(*one, deadline, found);
            at_end.for_good = found.count == before;
        } catch (const std::exception &problem) {
            add_not_ended(found, problem.what());
        } catch (...) {
            pass_on_forced_unwind();
            add_not_ended(found, "an exception that is not a std::exception");
        }
    }
}

/// Takes the calling thread out of the gate while it waits for the others.
class absent_from {
public:
    explicit absent_from(interpreter_record &record) noexcept : record_(record) {
        thread_record *const self = this_thread();
        for (thread_slot *slot = self != nullptr ? &self->main_slot : nullptr; slot != nullptr;
             slot = slot == &self->main_slot ? self->other_slots : slot->next)
            if (slot->record == &record && slot->is_inside())
                slot_ = slot;
        if (slot_ == nullptr)
            return;
        outlived_ = slot_->outlived;
        record_.door.leave(slot_->entry);
    }
    absent_from(const absent_from &) = delete;
    absent_from &operator=(const absent_from &) = delete;
    ~absent_from() {
        if (slot_ == nullptr)
            return;
        // A guard that it took meanwhile counted the guards of before as outlived
        slot_->outlived = outlived_;
        slot_->entry.inside_.store(1, std::memory_order_seq_cst);
    }

private:
    interpreter_record &record_;
    thread_slot *slot_ = nullptr;
    std::uint32_t outlived_ = 0;
};

// --- hooks that CPython calls -------------------------------------------------------------------

/// After this time, the end of a sub-interpreter first reports what it waits for: before a
/// supervisor that gives the process three seconds, as Apache does, kills it.
inline constexpr std::chrono::milliseconds first_word_after{2000};

/// Waits for the threads inside an interpreter that other code ends. Detached. False: some are
/// still inside.
HOLDFAST_DETAIL_RARE inline bool drain_at_exit(interpreter_record &record) {
    const bool is_main = record.main.load(std::memory_order_relaxed);
    auto deadline = deadline_after(exit_limit());
    const auto first_word = deadline_after(first_word_after);
    auto next_report = is_main || deadline < first_word ? deadline : first_word;
    while (!record.door.wait_empty(next_report)) {
        if (is_main)
            say_who_is_inside(record.door, "HF219 Python exits although threads are still inside:",
                              "stop these threads from atexit, or earlier");
        else
            say_who_is_inside(
                record.door,
                "HF251 a sub-interpreter is being ended while threads are still inside:",
                "end their guards before the sub-interpreter is ended");
        if (next_report == deadline) {
            if (is_main || HOLDFAST_HAS_COUNTED_STATES)
                return false;
            // CPython would end the process: a thread that has a state here is "not the last
            // thread".
            deadline = deadline_after(exit_limit());
        }
        next_report = deadline;
    }
    return true;
}

/// What prevents the end of children at Python's exit, as lines.
struct obstacles_at_exit : obstacles {
    obstacles_at_exit() : obstacles{&add_line, nullptr} {}

    static void add_line(obstacles &self, std::string what) {
        ++self.count;
        append(static_cast<obstacles_at_exit &>(self).lines, "%s\n", what.c_str());
    }

    std::string lines;
};

/// Called from C, so no exception may leave it. CPython goes on even if something could not be
/// ended.
HOLDFAST_DETAIL_RARE inline void end_children_at_exit(interpreter_record &record) {
    try {
        obstacles_at_exit found;
        end_children(record, deadline_after(exit_limit()), found);
        if (found.count != 0)
            say("holdfast: HF219 Python exits although something is still inside:\n%s",
                found.lines.c_str());
    } catch (const std::bad_alloc &) {
        say("holdfast: HF219 Python exits although something is still inside, and there is no "
            "memory to say what\n");
    }
}

/// atexit hook, on the finalizing thread, attached: the last moment at which other threads can
/// leave.
HOLDFAST_DETAIL_RARE inline PyObject *close_at_exit(PyObject *, PyObject *) {
    PyInterpreterState *const here = PyInterpreterState_Get();
    interpreter_record *const record = process().find_record(here);
    if (record == nullptr)
        Py_RETURN_NONE;
    const bool was_open = record->door.is_open();
    bool is_empty = record->door.count() == 0;
    // A finalize() that ran into its limit has closed the gate, too, and then nobody else waits.
    if (was_open || (record->door.reason() == closed_reason::finalizing &&
                     (!is_empty || record->children.has_one_to_end()))) {
        const cancellation_held_off until_back;  // CPython cannot go on half-way through its end
        const absent_from aside(*record);
        if (was_open) {
            record->door.close(closed_reason::finalizing);
            record->children.tell_closing();
        }
        PyThreadState *const state = PyEval_SaveThread();
        is_empty = drain_at_exit(*record);
        end_children_at_exit(*record);  // CPython would abort if one were left
        PyEval_RestoreThread(state);
    }
    if (!record->main.load(std::memory_order_relaxed) && is_empty)
        delete_cached_states(*record);
    // runtime_gone() retires a main interpreter. A sub-interpreter has no hook that late, and
    // another one may soon have its address.
    if (!record->main.load(std::memory_order_relaxed) && !record->owned.load())
        process().retire_leaving(*record);
    Py_RETURN_NONE;
}

/// Py_AtExit hook: the runtime is gone, and every interpreter with it.
HOLDFAST_DETAIL_RARE inline void runtime_gone() {
    process_record &shared = process();
    end_tracing();
    shared.retire_record(shared.main);
    for (interpreter_record *record = shared.main.next; record != nullptr; record = record->next) {
        record->leaving.store(nullptr);  // the next runtime's numbers begin again
        if (record->interpreter.load() != nullptr)
            shared.retire_record(*record);
    }
}

HOLDFAST_DETAIL_RARE inline bool install_exit_hook() noexcept {
    static PyMethodDef hook = {"holdfast_close_at_exit", &close_at_exit, METH_NOARGS, nullptr};
    pin_library(reinterpret_cast<const void *>(&close_at_exit));
    PyObject *const module = PyImport_ImportModule("atexit");
    PyObject *const function =
        module != nullptr ? PyObject_GetAttrString(module, "register") : nullptr;
    PyObject *const callback = function != nullptr ? PyCFunction_New(&hook, nullptr) : nullptr;
    PyObject *const done = callback != nullptr ? PyObject_CallOneArg(function, callback) : nullptr;
    Py_XDECREF(done);
    Py_XDECREF(callback);
    Py_XDECREF(function);
    Py_XDECREF(module);
    return done != nullptr;
}

HOLDFAST_DETAIL_RARE inline bool install_hooks(interpreter_record &record) noexcept {
    if (!install_exit_hook())
        return false;
#if HOLDFAST_DETAIL_HAS_FORK
    if (!install_fork_hooks())
        return false;
#endif
    return !record.main.load(std::memory_order_relaxed) || Py_AtExit(&runtime_gone) == 0;
}

}  // namespace holdfast::detail
