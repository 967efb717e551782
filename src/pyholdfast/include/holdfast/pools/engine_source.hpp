// holdfast/pools/engine_source.hpp: the Python code of remote_executor, for host and worker.
//
// Workers need neither holdfast nor the host's modules in the same version. Each call carries the
// text below, and only bytes that this text has pickled are sent. So an argument, a result or an
// exception that cannot be pickled, or read on the other side, fails only its own call. With the
// engines' own pickling it would cost the worker, or the whole pool: a ProcessPoolExecutor breaks
// when it cannot read what a worker sent.
#pragma once

namespace holdfast::detail {

/// Runs in a worker, as a module that stays loaded there. run() takes a pickled call and returns a
/// pickled answer: ("value", result), ("raised", module, type, message, traceback, pickled
/// exception or None), or ("unreadable" | "missing" | "unsendable", "Type: message", traceback).
inline constexpr const char *worker_source = R"python(
import pickle, pkgutil, sys, traceback

def text_of(problem):
    try:
        return str(problem)
    except BaseException:
        return "<exception str() failed>"

def traceback_of(problem):
    try:
        return "".join(traceback.format_exception(type(problem), problem, problem.__traceback__))
    except BaseException:
        return type(problem).__name__ + "\n"

def pickled(problem):
    try:
        copy = pickle.dumps(problem, 4)
        return copy if type(pickle.loads(copy)) is type(problem) else None
    except BaseException:
        return None

def run(call):
    stage = "unreadable"
    try:
        name, arguments, named = pickle.loads(call)
        stage = "missing"
        function = pkgutil.resolve_name(name)
        stage = "raised"
        value = function(*arguments, **named)
        stage = "unsendable"
        return pickle.dumps(("value", value), 5)
    except BaseException as problem:
        problem.__traceback__ = problem.__traceback__ and problem.__traceback__.tb_next
        kind, text, trace = type(problem), text_of(problem), traceback_of(problem)
        if stage == "raised":
            return pickle.dumps((stage, str(kind.__module__), kind.__qualname__, text, trace, pickled(problem)), 4)
        return pickle.dumps((stage, kind.__name__ + ": " + text, trace), 4)
)python";

/// The expression that the engine evaluates; every worker has eval().
inline constexpr const char *worker_expression =
    "(__import__('sys').modules.get(name) or exec(start) or module).run(call)";
inline constexpr const char *worker_start =
    "import sys, types\n"
    "module = types.ModuleType(name)\n"
    "exec(source, module.__dict__)\n"
    "sys.modules[name] = module\n";

/// Runs in the host, as a module of each remote_executor.
inline constexpr const char *host_source = R"python(
import itertools, pickle, sys, threading, traceback, uuid

class WorkerTraceback(Exception):
    """The traceback in the worker, as text: the cause of the exception in a future."""
    def __str__(self):
        return "\n" + self.args[0]

names = {"name": "_holdfast_worker_1", "start": worker_start, "source": worker_source}
session, numbers = uuid.uuid4().hex, itertools.count()

def pack(name, arguments, named):
    return pickle.dumps((name, arguments, named), 5)

def send(engine, call):
    # The number makes each call another one: Dask takes equal calls for the same.
    task = session + "-" + str(next(numbers))
    return engine.submit(eval, worker_expression, {**names, "call": call, "task": task})

def described(kind, problem):
    trace = traceback.format_exception(type(problem), problem, problem.__traceback__)
    return kind, type(problem).__name__ + ": " + str(problem), "".join(trace)

def rebuilt(module, kind, message, trace, copy):
    try:
        problem = pickle.loads(copy)
    except BaseException:  # None, or a class that is not here
        names = {"__module__": module, "__qualname__": kind}
        problem = type(kind.rpartition(".")[2], (Exception,), names)(message)
    problem.__cause__ = WorkerTraceback(trace)
    return problem

def outcome(future):
    try:
        answer = future.result()
    except BaseException as problem:
        return described("lost", problem)
    try:
        kind, *rest = pickle.loads(answer)
    except BaseException as problem:
        return described("foreign", problem)
    if kind == "raised":
        raise rebuilt(*rest)
    return (kind, *rest)

class Fetched:
    def __init__(self, value):
        self.value = value
    def result(self):
        return self.value

MOST_TOGETHER = 500
lock, watched = threading.Lock(), {}  # Dask's futures by key, with what to call at their end

def watch(future, done):
    if not callable(getattr(getattr(future, "client", None), "gather", None)):
        return future.add_done_callback(done)
    with lock:
        watched[future.key] = future, done
    future.add_done_callback(fetch)

def fetch(future):
    # Dask calls this for one future after the other, on one thread. Each result that is fetched alone costs a
    # round trip, so all that are there are fetched with the first.
    with lock:
        if future.key not in watched:
            return
        ended = [one for one in watched.values() if one[0].done()][:MOST_TOGETHER]
        if future not in (one for one, _ in ended):
            ended.append(watched[future.key])
        for one, _ in ended:
            del watched[one.key]
    good = [one for one, _ in ended if one.status == "finished"]
    values = {}
    try:
        if len(good) > 1:
            values = dict(zip((one.key for one in good), future.client.gather(good)))
    except BaseException:
        pass  # each then tells what is wrong with it
    for one, done in ended:
        done(Fetched(values[one.key]) if one.key in values else one)

def cancel_remotely(future):
    future.cancel()

def is_made_by(expression):
    # A name, an attribute or an item existed before: its owner ends it.
    found = compile(expression.lstrip(), "<engine>", "eval", flags=0x400).body  # PyCF_ONLY_AST
    return type(found).__name__ not in {"Name", "Attribute", "Subscript"}

def is_executor(engine):
    futures = sys.modules.get("concurrent.futures")
    return futures is not None and isinstance(engine, futures.Executor)

def takes_wait(function):
    import inspect  # only here: it is slow to import
    try:
        return "wait" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False

def end(engine, stuck):
    close, shutdown = getattr(engine, "close", None), getattr(engine, "shutdown", None)
    if not is_executor(engine) and (close is not None or not takes_wait(shutdown)):
        # Another object's shutdown() may end what others share: that of Dask's Client stops the cluster.
        return close and close()
    # Do not wait for a worker that hangs if the engine has a way to end it.
    kill = getattr(engine, "kill_workers", None)  # 3.14
    if stuck and kill is not None:
        return kill()
    if stuck:
        for process in list((getattr(engine, "_processes", None) or {}).values()):
            process.kill()
    shutdown(wait=False) if stuck else shutdown()
)python";

}  // namespace holdfast::detail
