// The host can set anything in CPython's own PyConfig or PyInitConfig, and add modules.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <stdexcept>
#include <string>

#include "check.hpp"
#include "thrown.hpp"

namespace {

PyObject *make_built_in() {
    static PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                                     "of_the_host",
                                     nullptr,
                                     -1,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr};
    return PyModule_Create(&definition);
}

struct wishes {
    int times = 0;
    bool fail = false;
};

holdfast::interpreter_config asked_for(wishes &data) {
    holdfast::interpreter_config config;
    config.argv = {"prog", "--named"};
    config.configure_data = &data;
    return config;
}

/// Fields that holdfast sets, and fields that the host sets.
void check_and_end(holdfast::interpreter &python, const wishes &data, int times) {
    CHECK(data.times == times);
    CHECK(holdfast::eval<int>("__import__('sys').flags.optimize") == 2);
    CHECK(holdfast::eval<bool>("__import__('sys').flags.dev_mode"));
    CHECK(holdfast::eval<bool>("__import__('sys').dont_write_bytecode"));
    CHECK(holdfast::eval<std::string>("__import__('sys').argv[1]") == "--named");
    CHECK(holdfast::eval<int>("__import__('sys').flags.ignore_environment") == 0);
    holdfast::exec("import of_the_host, json");
    CHECK(python.finalize(std::chrono::seconds(10)));
}

void by_config(wishes &data) {
    holdfast::interpreter_config config = asked_for(data);
    config.configure = [](PyConfig &its, void *given) {
        auto &wanted = *static_cast<wishes *>(given);
        if (wanted.fail)
            throw std::runtime_error("not today");
        if (wanted.times++ == 0)
            CHECK(PyImport_AppendInittab("of_the_host", &make_built_in) == 0);
        CHECK(its.install_signal_handlers == 0 && its.parse_argv == 0);
        its.optimization_level = 2;
        its.dev_mode = 1;
        its.write_bytecode = 0;
    };
    data.fail = true;
    CHECK_THROWS(std::runtime_error, holdfast::interpreter(config));
    data.fail = false;  // nothing was final
    for (int times = 1; times <= 2; ++times) {
        holdfast::interpreter python(config);
        check_and_end(python, data, times);
    }
}

void by_init_config(wishes &data) {
    holdfast::interpreter_config config = asked_for(data);
    config.configure_init = [](PyInitConfig *its, void *given) {
        auto &wanted = *static_cast<wishes *>(given);
        if (wanted.fail)
            throw std::runtime_error("not today");
        ++wanted.times;
#if HOLDFAST_HAS_INIT_CONFIG
        CHECK(PyInitConfig_SetInt(its, "optimization_level", 2) == 0);
        CHECK(PyInitConfig_SetInt(its, "dev_mode", 1) == 0);
        CHECK(PyInitConfig_SetInt(its, "write_bytecode", 0) == 0);
#else
        CHECK(its == nullptr);
#endif
    };
#if HOLDFAST_HAS_INIT_CONFIG
    data = {};
    data.fail = true;
    CHECK_THROWS(std::runtime_error, holdfast::interpreter(config));
    data.fail = false;
    for (int times = 1; times <= 2; ++times) {
        holdfast::interpreter python(config);
        check_and_end(python, data, times);
    }
#endif
    const auto refused = [&] {
        return thrown_code<holdfast::startup_error>([&] { holdfast::interpreter no(config); });
    };
    CHECK(HOLDFAST_HAS_INIT_CONFIG || refused() == "HF258");
    config.configure = [](PyConfig &, void *) {};
    CHECK(refused() == "HF258");
}

}  // namespace

int main() {
    wishes data;
    by_config(data);
    by_init_config(data);
    holdfast::interpreter plain;  // and nothing of it is left
    CHECK(holdfast::eval<int>("__import__('sys').flags.optimize") == 0);
}
