// holdfast/output/output.hpp: passes what Python prints and logs to the host, line by line.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <holdfast/attach/guards.hpp>
#include <holdfast/calls/callable.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/exception_text.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/output/output_line.hpp>
#include <holdfast/output/output_source.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/platform/visible_text.hpp>

namespace holdfast {

/// What to pass to the sink. Every field is optional.
struct output_config {
    bool streams = true;  ///< sys.stdout and sys.stderr
    bool records = true;  ///< the logging module, through a handler of the root logger
    /// The root logger's new level; -1: unchanged, which is 30 unless Python changed it.
    int level = -1;
};

namespace detail {

/// The host's function, and how to call it.
///
/// Threads: any, several at the same time.
class output_sink {
public:
    explicit output_sink(std::function<void(const output_line &)> sink) : sink_(std::move(sink)) {}

    /// Called attached. It detaches while the sink runs, which may wait for a lock whose owner
    /// waits to attach.
    void operator()(const output_line &line) const {
        if (inside()) {  // printed by code that the sink itself called
            write_past(line);
            return;
        }
        const detach_guard detached;
        const entered here;
        try {
            sink_(line);
        } catch (const std::exception &problem) {
            say_it_threw(problem.what());
            write_past(line);
        } catch (...) {
            detail::pass_on_forced_unwind();
            say_it_threw("something that is not a std::exception");
            write_past(line);
        }
    }

private:
    static bool &inside() noexcept {
        static thread_local bool value = false;
        return value;
    }
    struct entered {
        entered() noexcept { inside() = true; }
        entered(const entered &) = delete;
        entered &operator=(const entered &) = delete;
        ~entered() { inside() = false; }
    };

    /// Writes to the process's own stderr, so that nothing is lost.
    HOLDFAST_DETAIL_COLD static void write_past(const output_line &line) noexcept {
        // Not printf, which would stop at a NUL
        std::fwrite(line.text.data(), 1, line.text.size(), stderr);
        std::fputc('\n', stderr);
        std::fflush(stderr);
    }

    HOLDFAST_DETAIL_COLD static void say_it_threw(const char *what) {
        detail::say(
            "holdfast: HF414 the output sink threw: %s; its line follows\n"
            "  do: catch in the sink what it cannot handle\n",
            visible_text(what).c_str());
    }

    const std::function<void(const output_line &)> sink_;
};

/// Escaped: Linux keeps 15 bytes, and may have cut in the middle of a character.
HOLDFAST_DETAIL_COLD inline std::string name_of_this_thread() {
    char name[64] = "";
    copy_own_name(name, sizeof name);
    return visible_text(name);
}

/// A Python string as UTF-8, whatever it contains; points into `string` or `copy`.
inline std::string_view text_or_escaped(const object &string, std::string &copy) {
    Py_ssize_t size = 0;
    if (const char *const text = PyUnicode_AsUTF8AndSize(string.get(), &size))
        return {text, static_cast<std::size_t>(size)};
    PyErr_Clear();  // a surrogate, which stands for a byte that is not UTF-8
    copy = utf8_of(string.get());
    return copy;
}

HOLDFAST_DETAIL_COLD inline void set_item(PyObject *names, const char *name, PyObject *value) {
    const owned held = demand(value);
    if (PyDict_SetItemString(names, name, held.get()) != 0)
        throw_python_error();
}

}  // namespace detail

/// Passes what an interpreter prints and logs to `sink`, one line at a time.
///
///     holdfast::redirect_output(python, [](const holdfast::output_line &line) {
///         spdlog::info("[{}] {}", line.thread, line.text);
///     });
///
/// Replaces sys.stdout and sys.stderr, for text and bytes, and adds a handler to the root logger.
/// Each thread's output is collected into its own lines, so lines do not mix. A line is passed on
/// when it is complete; a last line without a newline, when its thread or Python ends. A log record
/// with several lines is passed on line by line.
///
/// The sink runs detached, on the thread that printed, and no lock is held meanwhile. So it may
/// take a lock of the host, even one that other threads hold while they attach. Several threads may
/// call it at the same time. If it throws, or calls Python code that prints, these lines go to the
/// process's own stderr. Do not run Python while holding a lock that the sink takes, because Python
/// may print.
///
/// Output that C code writes to the file descriptors is not passed on, nor is that of child
/// processes. A later call replaces an earlier one. The sink is kept until the interpreter has
/// ended.
///
/// \param where  the interpreter; a holdfast::interpreter converts to its view.
/// \throws usage_error   HF413 the sink is empty.
/// \throws closed_error, python_error
HOLDFAST_DETAIL_COLD inline void redirect_output(const interpreter_view &where,
                                                 std::function<void(const output_line &)> sink,
                                                 const output_config &config = {}) {
    if (!sink)
        throw usage_error("HF413", "redirect_output() was given an empty function",
                          "give it one that can be called");
    const attach_guard attached(where);
    const auto kept = std::make_shared<const detail::output_sink>(std::move(sink));
    const auto send = [kept](long source, bytes_view text, const object &thread,
                             const object &logger, long level) {
        std::string escaped_thread;
        std::string escaped_logger;
        (*kept)({static_cast<output_source>(source),
                 {text.data, text.size},
                 detail::text_or_escaped(thread, escaped_thread),
                 detail::text_or_escaped(logger, escaped_logger),
                 static_cast<int>(level)});
    };
    const detail::owned names = detail::demand(PyDict_New());
    PyObject *const dict = names.get();
    detail::set_item(dict, "send", callable("send", send).release());
    detail::set_item(dict, "system_name",
                     callable("system_name", &detail::name_of_this_thread).release());
    detail::set_item(dict, "STDOUT", PyLong_FromLong(static_cast<long>(output_source::out)));
    detail::set_item(dict, "STDERR", PyLong_FromLong(static_cast<long>(output_source::err)));
    detail::set_item(dict, "LOGGING", PyLong_FromLong(static_cast<long>(output_source::log)));
    detail::set_item(dict, "streams", PyBool_FromLong(config.streams ? 1 : 0));
    detail::set_item(dict, "records", PyBool_FromLong(config.records ? 1 : 0));
    detail::set_item(dict, "level", PyLong_FromLong(config.level));
    detail::set_item(dict, "__name__", PyUnicode_FromString("holdfast_output"));
    detail::demand(PyRun_String(detail::output_source_text, Py_file_input, dict, dict));
}

}  // namespace holdfast
