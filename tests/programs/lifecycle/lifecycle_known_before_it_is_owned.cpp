// An extension that asks for current_view() while holdfast starts Python does not make it a Python that can be adopted.
#include <holdfast/holdfast.hpp>

#include <fstream>

#include "check.hpp"
#include "environment.hpp"
#include "scratch_folder.hpp"
#include "thrown.hpp"

namespace {

bool asked = false;

PyModuleDef module{
    PyModuleDef_HEAD_INIT, "early", nullptr, -1, nullptr, nullptr, nullptr, nullptr, nullptr};

PyObject *make_module() {
    asked = holdfast::current_view().alive();
    return PyModule_Create(&module);
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "sitecustomize.py") << "import early\n";
    set_variable("PYTHONPATH", folder.path());
    holdfast::interpreter_config config;
    config.configure = [](PyConfig &, void *) {
        CHECK(PyImport_AppendInittab("early", &make_module) == 0);
    };
    const holdfast::interpreter python(config);
    CHECK(asked);
    CHECK(thrown_code<holdfast::usage_error>(
              [] { static_cast<void>(holdfast::interpreter::adopt()); }) == "HF214");
    CHECK(thrown_code<holdfast::usage_error>([] { holdfast::interpreter second; }) == "HF214");
}
