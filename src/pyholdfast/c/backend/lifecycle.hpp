// c/backend/lifecycle.hpp: interpreters, their start and end, and the report.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <holdfast/lifecycle/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/platform/time_text.hpp>

#include "errors.hpp"
#include "line_target.hpp"
#include "scopes.hpp"

/// Lives until the process exits: a late caller must still get an answer, and be refused.
struct hf_interpreter {
    std::optional<holdfast::interpreter> main;
    std::optional<holdfast::subinterpreter> child;
    holdfast::interpreter_view view;
    std::shared_ptr<holdfast::c::line_target> output = std::make_shared<holdfast::c::line_target>();
};

struct hf_report {
    explicit hf_report(const holdfast::finalize_report &report)
        : text(report.text()), rows(report.finalized ? report.left_behind : report.still_inside) {}
    const std::string text;
    const std::vector<holdfast::attached_thread> rows;
};

namespace holdfast::c {

/// Keeps all interpreters that were made reachable, for leak checkers.
inline hf_interpreter *remember(hf_interpreter *made) {
    static std::mutex mutex;
    static auto *const all = new std::vector<hf_interpreter *>;
    const std::lock_guard<std::mutex> hold(mutex);
    all->push_back(made);
    return made;
}

/// The one that hf_start() made, while it runs. Only the thread that started it writes this.
inline std::atomic<hf_interpreter *> started_here{nullptr};

/// If the process exits without hf_finalize(): ends Python as an adopted one ends, within a limit.
HOLDFAST_DETAIL_COLD inline void finalize_at_exit() noexcept {
    hf_interpreter *const left = started_here.exchange(nullptr);
    if (left == nullptr || left->view.reason() == closed_reason::forked_child)
        return;
    try {
        const finalize_report report = left->main->finalize(detail::exit_limit());
        if (!report)
            detail::say(
                "holdfast: HF219 the process exits although threads are still inside:\n%s"
                "  do: stop these threads and call hf_finalize() before the process exits\n",
                report.text().c_str());
    } catch (const error &problem) {
        detail::say("holdfast: HF219 the process exits without hf_finalize(): %s\n",
                    in_c_words(number_of(problem.code()), problem.what()).c_str());
    } catch (const std::exception &problem) {
        detail::say("holdfast: HF219 the process exits without hf_finalize(): %s\n",
                    problem.what());
    }
}

inline std::vector<std::string> texts_of(char *const *texts, int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i)
        all.emplace_back(texts[i]);
    return all;
}

inline interpreter_config config_from(const hf_config &from) {
    interpreter_config config;
    const auto text = [](const char *given) { return given != nullptr ? given : ""; };
    config.program_name = text(from.program_name);
    config.executable = text(from.executable);
    config.home = text(from.home);
    config.argv = texts_of(from.argv, from.argv != nullptr ? from.argc : 0);
    for (std::size_t i = 0; i < from.module_search_path_count; ++i)
        config.module_search_paths.emplace_back(from.module_search_paths[i]);
    config.isolated = from.isolated != 0;
    config.install_signal_handlers = from.install_signal_handlers != 0;
    if (from.switch_interval_us != 0)
        config.switch_interval = std::chrono::microseconds(from.switch_interval_us);
    config.watchdog = std::chrono::milliseconds(from.watchdog_ms);
    config.trace = text(from.trace);
    return config;
}

inline hf_status start(const hf_config *config, hf_interpreter **out) {
    return protect([&]() -> hf_status {
        auto made = std::make_unique<hf_interpreter>();
        made->main.emplace(config_from(*config));
        made->view = made->main->view();
        static const bool at_exit = std::atexit(&finalize_at_exit) == 0;
        static_cast<void>(at_exit);
        *out = remember(made.release());
        started_here.store(*out);
        return HF_OK;
    });
}

inline hf_status adopt(hf_interpreter **out) {
    return protect([&]() -> hf_status {
        auto made = std::make_unique<hf_interpreter>();
        made->main.emplace(interpreter::adopt());
        made->view = made->main->view();
        *out = remember(made.release());
        return HF_OK;
    });
}

inline hf_status subinterpreter_start(hf_interpreter *main, int own_gil, hf_interpreter **out) {
    if (main == nullptr)
        return given_nothing("hf_subinterpreter_start", "an interpreter that is");
    return protect([&]() -> hf_status {
        auto made = std::make_unique<hf_interpreter>();
        subinterpreter_config config;
        config.shared_gil = own_gil == 0;
        made->child.emplace(main->view, config);
        made->view = made->child->view();
        *out = remember(made.release());
        return HF_OK;
    });
}

inline std::chrono::milliseconds limit_of(std::int64_t limit_ms) {
    return limit_ms < 0 ? std::chrono::milliseconds::max() : std::chrono::milliseconds(limit_ms);
}

inline finalize_report finalize_it(hf_interpreter &its, std::int64_t limit_ms,
                                   std::int64_t patience_ms) {
    const std::chrono::milliseconds limit = limit_of(limit_ms);
    if (its.child)
        return its.child->finalize(limit);
    if (patience_ms < 0)
        return its.main->finalize(limit);
    return its.main->finalize(limit, interrupt_after{std::chrono::milliseconds(patience_ms)});
}

/// In one line: the limit, and the first of what is in the way. The report has the rest, and stacks.
inline error has_not_ended(const finalize_report &report, std::int64_t limit_ms, bool is_reported) {
    std::string said = "the interpreter has not ended";
    if (limit_ms >= 0)
        said += " within " + detail::time_text(static_cast<double>(limit_ms));
    const std::vector<attached_thread> &rows = report.still_inside;
    if (!rows.empty()) {
        finalize_report first;
        first.still_inside.push_back(rows.front());
        const std::string text = first.text();
        said += "; in the way: " + text.substr(0, text.find('\n'));
    }
    if (rows.size() > 1)
        said += ", and " + std::to_string(rows.size() - 1) + " more";
    return {"HF243", said,
            is_reported ? "let what hf_report_text() names end, and call hf_finalize() again, or "
                          "hf_reopen()"
                        : "pass the address of an hf_report * to learn more, and call "
                          "hf_finalize() again, or hf_reopen()"};
}

inline hf_status finalize(hf_interpreter *its, std::int64_t limit_ms, std::int64_t patience_ms,
                          hf_report **out) {
    if (its == nullptr)
        return given_nothing("hf_finalize", "an interpreter that is");
    return protect([&]() -> hf_status {
        const finalize_report report = finalize_it(*its, limit_ms, patience_ms);
        if (out != nullptr)
            *out = new hf_report(report);
        if (!report)
            return fail(has_not_ended(report, limit_ms, out != nullptr));
        hf_interpreter *ended = its;
        started_here.compare_exchange_strong(ended, nullptr);
        return HF_OK;
    });
}

inline hf_status reopen(hf_interpreter *its) {
    if (its == nullptr)
        return given_nothing("hf_reopen", "an interpreter that is");
    return protect([&]() -> hf_status {
        if (its->child)
            its->child->reopen();
        else
            its->main->reopen();
        return HF_OK;
    });
}

inline hf_view view_of(hf_interpreter *its) {
    return its != nullptr ? view_for(its->view) : hf_view{nullptr, 0};
}

inline const char *report_text(const hf_report *report) {
    return report != nullptr ? report->text.c_str() : "";
}
inline std::size_t report_count(const hf_report *report) {
    return report != nullptr ? report->rows.size() : 0;
}
inline std::uint64_t report_thread(const hf_report *report, std::size_t row) {
    return row < report_count(report) ? report->rows[row].native_id : 0;
}
inline const char *report_where(const hf_report *report, std::size_t row) {
    return row < report_count(report) ? report->rows[row].where.c_str() : "";
}
inline void report_free(hf_report *report) { delete report; }

/// "3.13.5t"
inline const char *python_version() {
    static const auto *const text = [] {            // never freed: exit handlers may ask
        const std::string whole = Py_GetVersion();  // "3.13.5 free-threading build (main, ..."
        return new std::string(whole.substr(0, whole.find_first_of(" +")) +
                               (detail::compiled_for_free_threading ? "t" : ""));
    }();
    return text->c_str();
}

}  // namespace holdfast::c
