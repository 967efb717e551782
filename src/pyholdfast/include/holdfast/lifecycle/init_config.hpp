// holdfast/lifecycle/init_config.hpp: PEP 741's configuration, and errors shared with startup.hpp.
//
// From 3.14 on, and only if a host asks for it: PyInitConfig begins with CPython's isolated
// configuration. An option that this fixes can be set to another value, but not back to "as the
// environment says".
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/error.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// \param why     CPython's own message; null: there is none.
/// \param status  the exit status that it asked for; null: it did not ask.
/// \param where   the home and executable in use; may be empty.
[[noreturn]] HOLDFAST_DETAIL_COLD inline void fail_to_start(const char *why, const int *status,
                                                            const std::string &where) {
    std::string problem = "Python could not be started";
    if (why != nullptr)
        problem += std::string(": ") + why;
    if (status != nullptr)
        problem += ": it asked to exit with status " + std::to_string(*status);
    throw startup_error("HF230", problem + where,
                        "run holdfast doctor; it names the home and executable that do not fit");
}

/// For CPython, whose declarations lack a const; it only reads the texts. Valid while `texts` lives
/// unchanged.
HOLDFAST_DETAIL_COLD inline std::vector<char *> pointers_to(const std::vector<std::string> &texts) {
    std::vector<char *> all;
    for (const std::string &text : texts)
        all.push_back(const_cast<char *>(text.c_str()));
    return all;
}

#if HOLDFAST_HAS_INIT_CONFIG

/// A PyInitConfig that is always freed, with its errors turned into startup_error.
class init_config {
public:
    explicit init_config(bool isolated) : config_(PyInitConfig_Create()) {
        if (config_ == nullptr)
            throw startup_error("HF230",
                                "Python could not be started: no memory for its configuration",
                                "free memory and start again");
        set("utf8_mode", 1);  // its texts are UTF-8
        set("configure_locale", 1);
        set("configure_c_stdio", 1);
        if (isolated)
            return;
        set("isolated", 0);
        set("use_environment", 1);
        set("user_site_directory", 1);
        set("safe_path", 0);
        set("pathconfig_warnings", 1);
    }
    init_config(const init_config &) = delete;
    init_config &operator=(const init_config &) = delete;
    ~init_config() { PyInitConfig_Free(config_); }

    [[nodiscard]] PyInitConfig *get() const noexcept { return config_; }

    void set(const char *name, std::int64_t value) {
        check(PyInitConfig_SetInt(config_, name, value));
    }

    void set(const char *name, const std::string &text) {
        if (!text.empty())
            check(PyInitConfig_SetStr(config_, name, text.c_str()));
    }

    void set(const char *name, const std::vector<std::string> &texts) {
        std::vector<char *> all = pointers_to(texts);
        if (!all.empty())
            check(PyInitConfig_SetStrList(config_, name, all.size(), all.data()));
    }

    /// \param where  returns the home and executable in use, for an error message.
    template <class Where>
    void initialize(const Where &where) {
        if (Py_InitializeFromInitConfig(config_) != 0)
            fail(where());
    }

private:
    void check(int result) const {
        if (result != 0)
            fail({});
    }

    [[noreturn]] HOLDFAST_DETAIL_COLD void fail(const std::string &where) const {
        const char *text = nullptr;
        int status = 0;
        const bool has_text = PyInitConfig_GetError(config_, &text) != 0;
        const bool asks_to_exit = PyInitConfig_GetExitCode(config_, &status) != 0;
        fail_to_start(has_text ? text : nullptr, asks_to_exit ? &status : nullptr, where);
    }

    PyInitConfig *config_;
};

#endif

}  // namespace holdfast::detail
