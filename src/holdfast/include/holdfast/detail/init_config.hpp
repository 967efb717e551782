// holdfast/detail/init_config.hpp: PEP 741's configuration, which grows without a change of layout.
//
// Layer 39. From 3.14 on. Used only where a host asks for it: PyInitConfig begins with CPython's
// isolated configuration, and an option that this fixes can be set to another value, but not back
// to "as the environment says".
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#if HOLDFAST_HAS_INIT_CONFIG

#include <cstdint>
#include <string>
#include <vector>

#include "../error.hpp"

namespace holdfast::detail {

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
        std::vector<char *> all;
        for (const std::string &text : texts)
            all.push_back(const_cast<char *>(text.c_str()));  // only read
        if (!all.empty())
            check(PyInitConfig_SetStrList(config_, name, all.size(), all.data()));
    }

    /// \param where  gives the home and executable that are used, for the message of a failure.
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
        std::string problem = "Python could not be started";
        const char *text = nullptr;
        int status = 0;
        if (PyInitConfig_GetError(config_, &text) != 0 && text != nullptr)
            problem += std::string(": ") + text;
        if (PyInitConfig_GetExitCode(config_, &status) != 0)
            problem += ": it asked to exit with status " + std::to_string(status);
        throw startup_error(
            "HF230", problem + where,
            "run holdfast doctor; it names the home and executable that do not fit");
    }

    PyInitConfig *config_;
};

}  // namespace holdfast::detail

#endif
