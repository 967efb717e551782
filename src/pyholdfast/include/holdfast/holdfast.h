/* holdfast/holdfast.h: the C interface. Runs Python from the native threads of a C program.
 *
 * The header is C99 and C++, and includes no Python.h. Link the library `holdfast`. It finds a
 * Python when the program starts one, loads its libpython and the *backend* for it (our runtime,
 * compiled for that version of Python), and forwards every call. One program runs on every Python
 * from 3.10 on, with a GIL or free-threaded.
 *
 *     hf_interpreter *python;
 *     if (hf_start(NULL, &python) != HF_OK)
 *         return fprintf(stderr, "%s\n", hf_last_message()), 1;
 *     hf_exec("print('hello')");
 *     hf_finalize(python, -1, NULL);
 *
 * Rules for every function
 * ------------------------
 * Status:  HF_OK, or nnn of the error HFnnn; `holdfast explain HFnnn` prints its page. After a
 *          failure hf_last_message() says what failed and what to do, on the same thread.
 *          HF_PYTHON_ERROR: Python code raised an exception; hf_last_type() names it.
 * Outputs: `*out` is NULL after a failure, and `*result` is HF_NONE. `result`, and the report of
 *          hf_finalize(), may be NULL if you do not want it.
 * Threads: any thread, attached or not, unless the function says otherwise. Several threads may use
 *          a handle at once. Free it when no thread uses it any more.
 * Freeing: every free and clear accepts NULL, and works on any thread, even after Python's end.
 * Text:    UTF-8 and NUL-terminated, unless there is a size beside it. Paths are bytes of the file
 *          system, on Windows UTF-8.
 * Attached: the thread may run Python. Functions that need it attach by themselves, except for the
 *          few whose comment says "Attached.".
 */
#ifndef HOLDFAST_HOLDFAST_H
#define HOLDFAST_HOLDFAST_H

#include <stddef.h>
#include <stdint.h>

/* Every function is HF_API HF_CALL. HF_STATIC: the program links libholdfast.a, not the shared
 * library; this matters only on Windows. HF_BUILDING is for the library itself. */
#if defined(_WIN32)
#define HF_CALL __cdecl
#else
#define HF_CALL
#endif
#if defined(HF_STATIC)
#define HF_API
#elif defined(_WIN32)
#if defined(HF_BUILDING)
#define HF_API __declspec(dllexport)
#else
#define HF_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define HF_API __attribute__((visibility("default")))
#else
#define HF_API
#endif

/* The version of this interface. It changes only if programs must be recompiled. New functions and
 * new fields of hf_config do not change it. */
#define HF_ABI_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Types ----------------------------------------------------------------------------------- */

typedef struct hf_interpreter hf_interpreter; /* the main interpreter, or a sub-interpreter */
typedef struct hf_function hf_function;       /* a Python callable, looked up */
typedef struct hf_object hf_object;           /* a reference to a Python object */
typedef struct hf_executor hf_executor;       /* threads that run tasks */
typedef struct hf_report hf_report;           /* who keeps Python from ending */
typedef struct hf_guard hf_guard;             /* keeps Python from ending */

/* Names one interpreter, running or gone. It owns nothing: copy it freely. All zero: none. */
typedef struct {
    void *record;
    uint64_t generation;
} hf_view;

/* Memory for one attach or detach: a local variable, which must not move between begin and end. It
 * needs no initialisation. */
typedef struct {
    uint64_t reserved[24];
} hf_scope;

typedef int32_t hf_status; /* HF_OK, else nnn of HFnnn */
enum {
    HF_OK = 0,
    HF_NOT_STARTED = 201,  /* Python has not been started in this process */
    HF_FINALIZING = 202,   /* hf_finalize() has begun: only threads that are inside may continue */
    HF_FINALIZED = 203,    /* the interpreter is gone */
    HF_STALE = 204,        /* the view is of an interpreter that ended before the current one */
    HF_FORKED = 205,       /* in a child that was forked without Python's own fork hooks */
    HF_STILL_INSIDE = 243, /* hf_finalize() reached its limit; the interpreter is closed */
    HF_PYTHON_ERROR = 400  /* Python code raised an exception */
};

typedef int32_t hf_kind;
enum {
    HF_NONE,  /* None */
    HF_BOOL,  /* as.boolean: 0 or 1 */
    HF_INT,   /* as.integer; an int that does not fit is HF402 */
    HF_FLOAT, /* as.real */
    HF_TEXT,  /* as.text: UTF-8 */
    HF_BYTES, /* as.text */
    HF_LIST,  /* as.list: count items. A tuple becomes a list. */
    HF_DICT,  /* as.list: count pairs, so 2 * count items: key, value, key, value, ... */
    HF_OBJECT /* as.object: everything else */
};

/* A value that passes between C and Python.
 *
 * An argument belongs to the caller, and is only read. A result also belongs to the caller, who
 * frees it with hf_value_clear(). Nesting is limited to 200 levels (HF417). In results, text and
 * bytes are followed by a NUL that `size` does not count.
 *
 * Lists and dictionaries are copies: a change on one side does not show on the other. To work on
 * one that Python has, call its methods in Python, or keep an object that has it as an
 * attribute. */
typedef struct hf_value {
    hf_kind kind;
    union {
        int boolean;
        int64_t integer;
        double real;
        struct {
            const char *data;
            size_t size;
        } text;
        struct {
            struct hf_value *items;
            size_t count;
        } list;
        hf_object *object;
    } as;
} hf_value;

/* The settings for hf_start(). Zero it, set `size`, then set what you need:
 *
 *     hf_config config = {0};
 *     config.size = sizeof config;
 *
 * hf_start() copies what it needs: the strings may be freed afterwards. */
typedef struct {
    size_t size;            /* sizeof(hf_config) */
    const char *python;     /* the Python to run on: its executable, e.g. .venv/bin/python. NULL: a
                                 bundle beside the program, $HOLDFAST_PYTHON, $VIRTUAL_ENV, then
                                 python3 on PATH */
    const char *executable; /* becomes sys.executable; NULL: the Python that was found */
    const char *home;       /* the folder of the standard library, for a Python that was moved */
    const char *program_name; /* argv[0] as Python sees it */
    int argc;                 /* of argv: sys.argv */
    char *const *argv;
    const char *const *module_search_paths; /* put in front of sys.path, in this order; a leading
                                                 "$ORIGIN" stands for the program's folder */
    size_t module_search_path_count;
    int isolated; /* ignore PYTHON*, HOLDFAST_*, VIRTUAL_ENV and the user's site-packages */
    int install_signal_handlers; /* let Python handle SIGINT */
    int64_t switch_interval_us;  /* how long a thread may run Python before others may; 0: 5 ms;
                                     HF269 if it is negative */
    int64_t watchdog_ms;         /* report longer waits on stderr; 0: do not */
    const char *trace;           /* record in this new file what threads do; NULL: do not */
    const char *backend_folder;  /* where to look for the backend first */
} hf_config;

/* ---- The library and the Python it found ----------------------------------------------------- */

/* The HF_ABI_VERSION that the library was compiled with. Compare it with the header's if the
 * library may have another version than your program. Never fails. */
HF_API uint32_t HF_CALL hf_abi_version(void);

/* "3.13.5", or "3.13.5t" on a free-threaded build; "" before the start. Do not free it. */
HF_API const char *HF_CALL hf_python_version(void);

/* ---- Start and end --------------------------------------------------------------------------- */

/* Finds a Python, loads it, and starts it. The calling thread ends up detached, like all others.
 *
 * Owns:    `*out` is valid until the process exits; it is never freed.
 * Threads: any; only the same thread may call hf_finalize(). For Python it is the main thread.
 * Errors:  HF214 it runs already; HF215 other code has started one: hf_adopt(); HF260 to HF267 no
 *          usable Python or backend: the message lists each candidate with the reason; HF230 to
 *          HF238, HF269 Python does not start with these settings; HF_PYTHON_ERROR a function of
 *          hf_define() cannot be added. It never compiles; the error names the command that makes a
 *          missing backend.
 * If the process exits without hf_finalize(), Python is ended at exit, with a deadline for threads
 * inside, and a report on stderr. If another thread calls exit(), or a scope of this one is open,
 * Python is not ended: the report says so (HF219), and atexit functions of Python do not run. Later
 * starts in the same process use the same libpython. */
HF_API hf_status HF_CALL hf_start(const hf_config *config, hf_interpreter **out);

/* Takes over a Python that already runs, because the process is a Python interpreter or other code
 * started it. If you do not call hf_finalize(), the code that started it ends it.
 *
 * Owns:    `*out` is valid until the process exits.
 * Errors:  HF256 none runs; HF214 an hf_interpreter or a C++ holdfast::interpreter already owns it;
 *          HF264, HF265 there is no backend for it; HF_PYTHON_ERROR a function of hf_define() cannot
 *          be added. */
HF_API hf_status HF_CALL hf_adopt(hf_interpreter **out);

/* Makes a sub-interpreter, with its own GIL if own_gil is not 0 and CPython is 3.12 or later. Any
 * thread attaches with its view. End it with hf_finalize(), on any thread that is not inside. If it
 * is still there, the main interpreter's hf_finalize() ends it.
 *
 * Owns:    `*out` is valid until the process exits.
 * Errors:  as hf_attach(); HF240 CPython could not make it; HF241 `main` is a sub-interpreter. */
HF_API hf_status HF_CALL hf_subinterpreter_start(hf_interpreter *main, int own_gil,
                                                 hf_interpreter **out);

/* Refuses new threads, waits for those inside, and ends Python.
 *
 * limit_ms: the longest wait; < 0: no limit; 0: do not wait.
 * Returns:  HF_OK: it has ended, now or by an earlier call. HF_STILL_INSIDE: threads are still
 *           inside after the limit. The interpreter keeps running, closed: call again to continue
 *           waiting, or call hf_reopen(). `*out` names the threads.
 * Owns:     `*out`, also after HF_OK (it may name what was left behind): hf_report_free().
 * Threads:  the one that called hf_start() or hf_adopt(), outside its scopes; for a
 *           sub-interpreter: any.
 * Errors:   HF210 wrong thread; HF211 the caller itself is inside; HF212 called from inside Python.
 *           After these errors nothing has changed. */
HF_API hf_status HF_CALL hf_finalize(hf_interpreter *interpreter, int64_t limit_ms,
                                     hf_report **out);

/* Like hf_finalize(), but after patience_ms it raises holdfast.Interrupted in the Python code of
 * threads that are still inside. A thread that is blocked in C gets it when the C code returns.
 * For a sub-interpreter it is the same as hf_finalize(). */
HF_API hf_status HF_CALL hf_finalize_interrupting(hf_interpreter *interpreter, int64_t limit_ms,
                                                  int64_t patience_ms, hf_report **out);

/* Admits threads again after HF_STILL_INSIDE. Call it where hf_finalize() may be called. HF217: it is
 * not closed, or it is gone; HF210: wrong thread. */
HF_API hf_status HF_CALL hf_reopen(hf_interpreter *interpreter);

/* The whole report: a line for each row, with Python stacks below. Valid as long as the report. */
HF_API const char *HF_CALL hf_report_text(const hf_report *report);
/* The number of rows: threads inside and other obstacles; after HF_OK, what was left behind. */
HF_API size_t HF_CALL hf_report_count(const hf_report *report);
/* The system's id of the row's thread; 0: unknown, or not a thread. */
HF_API uint64_t HF_CALL hf_report_thread(const hf_report *report, size_t row);
/* Where the row's thread attached, or what keeps it. "" beyond the last row. */
HF_API const char *HF_CALL hf_report_where(const hf_report *report, size_t row);
HF_API void HF_CALL hf_report_free(hf_report *report);

/* ---- Views, attach and detach ---------------------------------------------------------------- */

/* The view of an interpreter. All zero if it is NULL. */
HF_API hf_view HF_CALL hf_view_of(hf_interpreter *interpreter);
/* The main interpreter's, whichever code started it. Before the first start: that first run's. */
HF_API hf_view HF_CALL hf_main_view(void);
/* That of the interpreter that the calling thread is attached to; all zero if it is detached. */
HF_API hf_view HF_CALL hf_current_view(void);

/* Attaches the calling thread until hf_end(). Scopes nest, and end in reverse order. If the thread
 * is already attached to that interpreter, it costs a comparison; if to another, it switches, and
 * switches back at the end. A closed interpreter refuses new threads, but not those inside.
 *
 * Errors: HF_NOT_STARTED, also for a view that is all zero; HF_FINALIZING, HF_FINALIZED, HF_STALE,
 *         HF_FORKED; HF220 no memory; HF255 inside a tp_traverse function. The scope is then
 *         empty: hf_end() does nothing. */
HF_API hf_status HF_CALL hf_attach(hf_scope *scope, hf_view view);
/* Detaches until hf_end(). Use it around whatever may block. If the thread is already detached:
 * HF_OK, and hf_end() does nothing. */
HF_API hf_status HF_CALL hf_detach(hf_scope *scope);
/* Ends the scope, on the thread that began it. A second call does nothing. */
HF_API void HF_CALL hf_end(hf_scope *scope);

/* Attaches, calls body(user), and ends the scope. Returns what `body` returns. If the thread is
 * refused, returns the reason, and `body` is not called. */
HF_API hf_status HF_CALL hf_with(hf_view view, hf_status(HF_CALL *body)(void *), void *user);

/* 1 if the calling thread is attached, by whatever means. */
HF_API int HF_CALL hf_attached(void);

/* A strong handle: hf_finalize() waits until it is freed. Its holder need not be attached. Take one
 * where work is handed over, and attach with it where the work is done: this works even while the
 * interpreter is closing. Free it once, on any thread. If the thread that calls hf_finalize() is the
 * one that should free it, the limit passes (HF_STILL_INSIDE). Errors: as hf_attach(). */
HF_API hf_status HF_CALL hf_hold(hf_view view, hf_guard **out);
HF_API hf_status HF_CALL hf_attach_guard(hf_scope *scope, hf_guard *guard);
HF_API void HF_CALL hf_guard_free(hf_guard *guard);

/* HF_ATTACHED(view) { ... }: the block runs attached. The scope ends with the block, even if it is
 * left by break, return, goto or a C++ exception. If the thread is refused, the block is skipped,
 * and hf_last_code() says why. For compilers with the cleanup attribute (GCC, Clang). */
#if defined(__GNUC__)
#define HF_DETAIL_JOIN_(a, b) a##b
#define HF_DETAIL_JOIN(a, b) HF_DETAIL_JOIN_(a, b)
#define HF_DETAIL_SCOPE HF_DETAIL_JOIN(hf_detail_scope_, __LINE__)
#define HF_DETAIL_OPEN HF_DETAIL_JOIN(hf_detail_open_, __LINE__)
#define HF_ATTACHED(view)                                                                          \
    for (hf_scope HF_DETAIL_SCOPE __attribute__((__cleanup__(hf_end))),                            \
         *HF_DETAIL_OPEN = hf_attach(&HF_DETAIL_SCOPE, (view)) == HF_OK ? &HF_DETAIL_SCOPE : NULL; \
         HF_DETAIL_OPEN != NULL; HF_DETAIL_OPEN = NULL)
#endif

/* ---- Python code and functions --------------------------------------------------------------- */

/* Runs statements in __main__. hf_exec(), hf_eval() and hf_find() attach by themselves: to the
 * interpreter that the thread is attached to, or else to the main one.
 * Errors: HF_PYTHON_ERROR the code raised, also SyntaxError or SystemExit; those of hf_attach(). */
HF_API hf_status HF_CALL hf_exec(const char *code);
/* The value of an expression in __main__. Owns: clear `*result`.
 * Errors: as hf_exec(); HF402 an int beyond 64 bits; HF403 text that is not valid Unicode. */
HF_API hf_status HF_CALL hf_eval(const char *expression, hf_value *result);

/* Imports `module` and looks up `name`, which may be dotted, at once. The function belongs to the
 * interpreter that this ran in. Owns: hf_function_free(), when no call uses it any more.
 * Errors: HF404 no such module, or no such name in it; HF405 it is not callable; HF_PYTHON_ERROR
 *         the import raised; those of hf_attach(). */
HF_API hf_status HF_CALL hf_find(const char *module, const char *name, hf_function **out);
HF_API void HF_CALL hf_function_free(hf_function *function);

/* Calls it with positional arguments. Attaches by itself. Owns: clear `*result`.
 * Errors: as hf_attach() and hf_eval(); HF401 an argument is not valid UTF-8; HF408 an object of
 *         another interpreter; HF417 nested too deeply. */
HF_API hf_status HF_CALL hf_call(hf_function *function, const hf_value *args, size_t count,
                                 hf_value *result);
/* The same with keyword arguments: names[i]=named[i]. limit_ms >= 0: Python code that runs longer
 * is interrupted (holdfast.Interrupted), and the status is HF222; < 0: no limit. */
HF_API hf_status HF_CALL hf_call_named(hf_function *function, const hf_value *args, size_t count,
                                       const char *const *names, const hf_value *named,
                                       size_t named_count, int64_t limit_ms, hf_value *result);

/* Frees what a result holds, and makes it HF_NONE. For results only, once each. */
HF_API void HF_CALL hf_value_clear(hf_value *value);
/* A deep copy; clear it like a result. Objects are not copied: both hold the same Python objects.
 * Errors: HF268 no memory; HF269 the kind is not one of hf_kind. */
HF_API hf_status HF_CALL hf_value_copy(const hf_value *from, hf_value *to);

/* ---- Objects --------------------------------------------------------------------------------- */

/* Another handle of the same object; NULL gives NULL. Use it to keep an object for longer than the
 * result that it is in. Free each handle separately. */
HF_API hf_object *HF_CALL hf_object_keep(hf_object *object);
HF_API void HF_CALL hf_object_free(hf_object *object);
/* The value of an attribute. Owns: clear `*result`. Errors: as hf_call(). */
HF_API hf_status HF_CALL hf_object_get(hf_object *object, const char *attribute, hf_value *result);
HF_API hf_status HF_CALL hf_object_set(hf_object *object, const char *attribute,
                                       const hf_value *value);
/* A bound method, or with NULL the object itself if it is callable (HF405). Owns:
 * hf_function_free(). */
HF_API hf_status HF_CALL hf_object_function(hf_object *object, const char *method,
                                            hf_function **out);
/* str(object), as HF_TEXT. Owns: clear `*result`. */
HF_API hf_status HF_CALL hf_object_text(hf_object *object, hf_value *result);
/* Attached. The PyObject *, borrowed from the handle; NULL if its interpreter has ended. */
HF_API void *HF_CALL hf_object_pointer(hf_object *object);
/* Attached. A handle of a PyObject *, with its own reference to it. */
HF_API hf_status HF_CALL hf_object_wrap(void *pyobject, hf_object **out);

/* ---- Memory without a copy ------------------------------------------------------------------- */

/* The memory of an object with the buffer protocol: bytes, bytearray, array, a numpy array. */
typedef struct {
    void *data;
    size_t size; /* in bytes */
    ptrdiff_t itemsize;
    const char *format; /* as in Python's struct module, e.g. "d"; NULL: bytes */
    int ndim, readonly;
    const ptrdiff_t *shape, *strides; /* ndim each, strides in bytes */
    void *reserved[8];
} hf_buffer;

/* Exports the memory until hf_buffer_release(). Until then, the object lives and keeps its size.
 * Read and write it attached, or while no other thread writes to it.
 * Errors: HF_PYTHON_ERROR it has no such memory, or `writable` is not 0 and it is read-only. */
HF_API hf_status HF_CALL hf_buffer_get(hf_object *object, int writable, hf_buffer *out);
/* Any thread. A second call does nothing. */
HF_API void HF_CALL hf_buffer_release(hf_buffer *buffer);
/* A memoryview of your memory. When nothing in Python uses the memory any more, `release(user)` is
 * called, on any thread, attached. It is never called if Python ends first, or if this call fails.
 * `release` may be NULL. */
HF_API hf_status HF_CALL hf_memory(void *data, size_t size, int readonly,
                                   void(HF_CALL *release)(void *), void *user, hf_object **out);

/* ---- C functions for Python ------------------------------------------------------------------ */

/* A C function that Python calls. It runs attached, on the calling thread. `args` are valid during
 * the call. `*result` is HF_NONE at first. You may leave in it a result of hf_call(), hf_eval() or
 * hf_value_copy() from this call: it is cleared for you. Anything else in it is read and not
 * freed: your text, items or object must stay valid after you return, e.g. because they are static.
 * Return HF_OK or hf_raise(...). If you return the status of a call that failed in Python, Python gets
 * that error as an exception; for any other status, a RuntimeError that names it. No C++ exception
 * may leave the function. */
typedef hf_status(HF_CALL *hf_callback)(void *user, const hf_value *args, size_t count,
                                        hf_value *result);

/* A Python callable that calls `function`. When Python does not use it any more, `drop(user)` is
 * called, on any thread, attached; but not if this call fails. `drop` may be NULL. */
HF_API hf_status HF_CALL hf_callable(hf_callback function, void *user, void(HF_CALL *drop)(void *),
                                     hf_object **out);
/* Adds the function `name` to the module `module`, which is created if there is none: in the
 * interpreter that the thread is attached to, or else in the main one. The main one's are added
 * again when Python is started again, and may be defined before the first start. */
HF_API hf_status HF_CALL hf_define(const char *module, const char *name, hf_callback function,
                                   void *user);
/* In a callback, `return hf_raise("ValueError", "...");` raises that exception in Python. `type` is
 * a built-in exception, or "module.Name". Returns HF_PYTHON_ERROR. */
HF_API hf_status HF_CALL hf_raise(const char *type, const char *message);

/* ---- Threads of ours ------------------------------------------------------------------------- */

/* Starts `threads` threads (0: one per core) that run tasks in one interpreter. hf_finalize() waits
 * for submitted tasks. The executor may be ended before or after it. */
HF_API hf_status HF_CALL hf_executor_start(hf_view view, size_t threads, hf_executor **out);
/* Runs everything that was submitted, returns after the last `done`, and frees the executor. Blocks
 * detached. If one of its tasks, `done`, or a `drop` on one of its threads calls it: HF305, and
 * nothing has changed. */
HF_API hf_status HF_CALL hf_executor_end(hf_executor *executor);
/* Lets a thread of the executor call the function. The arguments are copied before this returns. If
 * 1024 tasks are waiting, it blocks, detached; in a task of the same executor it returns HF305.
 *
 * `done`, which may be NULL, is called exactly once for each accepted task, on a worker, detached.
 * `result` is valid while it runs, and NULL after a failure, which hf_last_...() then describe. You
 * may free the function after this returns: the task keeps it.
 * After an error `done` is not called. Errors: HF202, HF203 the interpreter is closed; HF301
 * hf_executor_end() has begun; HF205 or HF306 in a forked child. */
HF_API hf_status HF_CALL
hf_submit(hf_executor *executor, hf_function *function, const hf_value *args, size_t count,
          void(HF_CALL *done)(void *user, hf_status status, const hf_value *result), void *user);

/* ---- What Python prints and logs ------------------------------------------------------------- */

/* Calls `line` for each line of sys.stdout (stream 1), sys.stderr (2) and logging (3) of this
 * interpreter. `text` is UTF-8 without a newline, not NUL-terminated, and valid during the call.
 * `line` runs on any thread, detached, perhaps on several at once. NULL restores the streams. When
 * this returns, an earlier `line` is not running and will not be called again; only a `line` that
 * makes this call itself goes on to its end. What Python code does with streams that it kept goes to
 * the new `line`, or after NULL to where it went before. If the call fails, nothing has changed for
 * the earlier `line`, and the new one is not called any more. */
HF_API hf_status HF_CALL hf_redirect_output(hf_interpreter *interpreter,
                                            void(HF_CALL *line)(void *user, int stream,
                                                                const char *thread,
                                                                const char *text, size_t size),
                                            void *user);

/* ---- This thread's last error ---------------------------------------------------------------- */

/* Every call that fails sets it; no other changes it. Valid until this thread's next failure. */

/* nnn of HFnnn; 0: nothing failed on this thread yet. */
HF_API int HF_CALL hf_last_code(void);
/* str() of the Python exception; else the problem and the remedy, in two lines. */
HF_API const char *HF_CALL hf_last_message(void);
/* The Python exception's type, e.g. "ValueError"; "" if there is none. */
HF_API const char *HF_CALL hf_last_type(void);
/* Its traceback as Python prints it; "" if there is none. */
HF_API const char *HF_CALL hf_last_traceback(void);

/* The folders of the program's own modules, for a program built by `holdfast build` or CMake. */
#if defined(HOLDFAST_DEFAULT_MODULES) && defined(__GNUC__) && !defined(_WIN32)
extern __attribute__((weak, visibility("default"))) const char hf_default_modules[];
const char hf_default_modules[] = HOLDFAST_DEFAULT_MODULES;
#endif

/* ---- Sizes that programs and the library must agree on --------------------------------------- */

#if defined(__cplusplus)
#define HF_DETAIL_ASSERT(name, condition) static_assert(condition, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define HF_DETAIL_ASSERT(name, condition) _Static_assert(condition, #name)
#else
#define HF_DETAIL_ASSERT(name, condition) typedef char hf_detail_##name[(condition) ? 1 : -1]
#endif
HF_DETAIL_ASSERT(scope_is_24_words, sizeof(hf_scope) == 192);
HF_DETAIL_ASSERT(status_is_32_bits, sizeof(hf_status) == 4 && sizeof(hf_kind) == 4);
HF_DETAIL_ASSERT(value_is_3_words, sizeof(void *) != 8 || sizeof(hf_value) == 24);
HF_DETAIL_ASSERT(view_is_2_words, sizeof(void *) != 8 || sizeof(hf_view) == 16);
HF_DETAIL_ASSERT(buffer_is_15_words, sizeof(void *) != 8 || sizeof(hf_buffer) == 120);

#ifdef __cplusplus
}
#endif

#endif
