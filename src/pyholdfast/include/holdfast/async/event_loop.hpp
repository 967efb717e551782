// holdfast/async/event_loop.hpp: one thread per interpreter that runs an asyncio event loop.
//
// The thread is a non-daemon Python thread: finalize() knows such threads, ends them through the
// callbacks that thread pools also use, and reports those that do not end. The first call that
// needs the thread starts it, but never once the gate is closed, because then nothing would end it.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstdint>

#include <holdfast/annotations.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_error.hpp>
#include <holdfast/objects/python_source.hpp>

namespace holdfast::detail {

// A call begins and ends on the loop's thread. It ends with done(0, result), done(1, exception), or
// done(2, None) if it was cancelled. When the loop ends, all running calls are cancelled; a call
// that does not respond within GRACE seconds is abandoned and counts as cancelled.
inline constexpr const char *event_loop_source = R"(
import asyncio, os, threading

GRACE = 2.0
lock = threading.RLock()  # a finalizer that runs meanwhile may submit, too
loop = ident = told = None
registered = False

class Call:
    running = set()

    def __init__(self, awaitable, done, loop):
        self.awaitable, self.done, self.loop = awaitable, done, loop
        self.task, self.off = None, False
        self.running.add(self)

    def begin(self):
        try:
            self.task = asyncio.ensure_future(self.awaitable)
        except Exception as problem:
            return self.finish(1, problem)
        self.task.add_done_callback(self.end)
        if self.off:
            self.task.cancel()

    def end(self, task):
        if task.cancelled():
            self.finish(2, None)
        elif task.exception() is not None:
            self.finish(1, task.exception())
        else:
            self.finish(0, task.result())

    def finish(self, kind, value):
        self.running.discard(self)
        done, self.done, self.task, self.awaitable = self.done, None, None, None
        if done is not None:
            done(kind, value)

    def cancel(self):
        self.off = True
        if self.task is not None:
            self.task.cancel()

def quieter(mine):
    # Python 3.12.1's own streams ask each task for its exception, even a task that is cancelled here.
    report = mine.get_exception_handler() or (lambda mine, context: mine.default_exception_handler(context))

    def unless_cancelled(mine, context):
        if not isinstance(context.get("exception"), asyncio.CancelledError):
            report(mine, context)

    mine.set_exception_handler(unless_cancelled)

def halt(mine, told):
    told.append(True)
    mine.stop()

def run_to_end(mine, coroutine):
    task = mine.create_task(coroutine)
    while not task.done():
        try:
            mine.run_until_complete(task)
        except (SystemExit, KeyboardInterrupt):
            pass  # raised by one call when it was cancelled; the others keep their time
        except RuntimeError:
            if task.done() or mine.is_closed():
                raise
            # one call has stopped the loop when it was cancelled

def run(mine, told):
    asyncio.set_event_loop(mine)
    while not told:  # a call that stops the loop does not end that of the others
        try:
            mine.run_forever()
        except (SystemExit, KeyboardInterrupt):
            pass  # raised by one call, which gets it as its result
    quieter(mine)
    try:
        left = asyncio.all_tasks(mine)
        for task in left:
            task.cancel()
        if left:
            run_to_end(mine, asyncio.wait(left, timeout=GRACE))
        run_to_end(mine, asyncio.wait_for(mine.shutdown_asyncgens(), GRACE))
    except BaseException as problem:
        mine.call_exception_handler({"message": "holdfast: at the end of the event loop", "exception": problem})
    for call in list(Call.running):  # there may be a later loop, or, in a forked child, an earlier one
        if call.loop is mine:
            call.finish(2, None)
    asyncio.set_event_loop(None)
    mine.close()

def stop():
    global loop
    with lock:
        ending, loop = loop, None
        if ending is not None:
            ending.call_soon_threadsafe(halt, ending, told)

def stop_late(mine, is_open):
    with lock:  # whoever submits after the gate has been opened again, does so before or after this
        if loop is mine and not is_open():
            stop()

def forget():
    global loop, lock
    loop, lock = None, threading.RLock()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget)

def start_loop():
    global loop, ident, told, registered
    mine, end = asyncio.new_event_loop(), []
    try:
        # Set explicitly: a thread inherits it from its starter, and native threads count as daemons.
        thread = threading.Thread(target=run, args=(mine, end), name="holdfast asyncio", daemon=False)
        if not registered:
            threading._register_atexit(stop)
            registered = True
        if loop is not None:  # a finalizer that ran meanwhile has started one
            return mine.close()
        loop, ident, told = mine, 0, end
        thread.start()
        ident = thread.ident
    except BaseException:
        loop = None if loop is mine else loop
        mine.close()
        raise

def submit(awaitable, done, may_start):
    started = None
    with lock:
        try:
            if loop is None and may_start:
                start_loop()
                started = loop
        finally:
            if loop is None and hasattr(awaitable, "close"):
                awaitable.close()
        if loop is None:
            return None
        mine, where = loop, ident
        call = Call(awaitable, done, mine)
        mine.call_soon_threadsafe(call.begin)

    def cancel():
        try:
            mine.call_soon_threadsafe(call.cancel)
        except RuntimeError:
            pass  # the loop has ended, and the call with it

    return cancel, where, started

submit.stop_late = stop_late

async def take(iterator, most, limit):
    items, clock = [], asyncio.get_running_loop().time
    end = clock() + limit
    try:
        while len(items) < most:
            items.append(await iterator.__anext__())
            if clock() > end:
                break
    except StopAsyncIteration:
        return items, True, None
    except Exception as problem:
        return items, True, problem
    return items, False, None

async def enter(manager):
    kind = type(manager)
    leave = kind.__aexit__  # first, as `async with` does: do not enter what cannot be left
    return manager, leave, await kind.__aenter__(manager)

async def leave(manager, function, problem):
    await function(manager, None if problem is None else type(problem), problem, None)

submit.take, submit.enter, submit.leave = take, enter, leave
)";

HOLDFAST_DETAIL_COLD inline findings make_event_loop(const callee &, std::size_t) {
    owned submit = defined_by(event_loop_source, "<holdfast asyncio>", "submit");
    return {demand(submit.release()), owned()};
}

/// This interpreter's function `submit` from the source above.
HOLDFAST_REQUIRES_ATTACHED inline PyObject *event_loop() {
    static lookup_cache cache;
    static constexpr callee name{"", "holdfast", "asyncio", ""};
    return cache.find(attached_ref(), name, 0, &make_event_loop).callable;
}

/// A call that was submitted to the loop.
struct submitted {
    object cancel;              // a callable
    std::uint64_t loop_thread;  // as PyThread_get_thread_ident() returns it
};

/// For Python code: is_open(), whether the interpreter's gate is. A new reference, or null.
HOLDFAST_DETAIL_COLD inline PyObject *is_open_function(interpreter_record &record) noexcept {
    static PyMethodDef definition = {
        "is_open",
        [](PyObject *self, PyObject *) {
            auto *const its = static_cast<interpreter_record *>(PyLong_AsVoidPtr(self));
            return PyBool_FromLong(its->door.is_open() ? 1 : 0);
        },
        METH_NOARGS, nullptr};
    const owned self(PyLong_FromVoidPtr(&record));
    return self ? PyCFunction_New(&definition, self.get()) : nullptr;
}

/// Submits an awaitable to the loop's thread, with the function to call when it has ended.
///
/// \throws closed_error  the interpreter is closing, and has no loop (any more).
HOLDFAST_REQUIRES_ATTACHED inline submitted submit_to_loop(PyObject *awaitable,
                                                           const object &done) {
    const interpreter_ref here = attached_ref();
    PyObject *const submit = event_loop();
    const auto is_open = [&] {
        return here.record != nullptr && here.record->door.reason() == closed_reason::none;
    };
    const bool open = is_open();
    const owned taken(PyObject_CallFunctionObjArgs(submit, awaitable, done.get(),
                                                   open ? Py_True : Py_False, nullptr));
    const bool too_late =
        !taken && PyErr_ExceptionMatches(PyExc_RuntimeError) != 0 && is_finalizing();
    if (too_late)
        PyErr_Clear();
    if (too_late || taken.get() == Py_None)
        throw closed_error(closed_reason::finalizing);
    if (!taken)
        throw_python_error();
    // This call has started the loop, the gate was closed meanwhile, and Python called us, whose
    // threads the gate does not wait for. The finalizing thread may have looked for the loop's thread
    // before it existed, and would wait for it. If the gate has been opened again, others may use the
    // loop.
    PyObject *const started = PyTuple_GET_ITEM(taken.get(), 2);
    if (started != Py_None && !is_open() && PyEval_GetFrame() != nullptr) {
        const owned asks = demand(is_open_function(*here.record));
        (void)demand(PyObject_CallMethod(submit, "stop_late", "OO", started, asks.get()));
    }
    return {object::borrow(PyTuple_GET_ITEM(taken.get(), 0)),
            static_cast<std::uint64_t>(PyLong_AsUnsignedLong(PyTuple_GET_ITEM(taken.get(), 1)))};
}

}  // namespace holdfast::detail
