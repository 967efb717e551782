// A missing or uncallable module, function or method is a python_error that names it; so is a failed import.
#include <holdfast/holdfast.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include "check.hpp"
#include "scratch_folder.hpp"
#include "thrown_text.hpp"

namespace {

std::string lookup(const char *module, const char *name) {
    return thrown_text<holdfast::lookup_error>([&] { holdfast::function<void()>(module, name)(); });
}

std::string import(const char *module) {
    try {
        holdfast::function<void()>(module, "f")();
    } catch (const holdfast::python_error &error) {
        return error.type() + ": " + error.message();
    }
    return "";
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "needs_more.py") << "import module_that_is_not_there\n";
    std::ofstream(folder.path() / "limits.py") << "f = 5\n";
    std::ofstream(folder.path() / "broken.py") << "def f(:\n";
    std::ofstream(folder.path() / "refuses.py") << "raise ImportError('not today')\n";
    std::filesystem::create_directory(folder.path() / "package");
    std::ofstream(folder.path() / "package" / "__init__.py") << "";
    std::ofstream(folder.path() / "package" / "inner.py") << "class C:\n"
                                                             "    limit = 5\n"
                                                             "    def f(self): return 3\n"
                                                             "    @staticmethod\n"
                                                             "    def s(): return 4\n";
    holdfast::interpreter_config config;
    config.module_search_paths = {folder.path()};
    holdfast::interpreter python(config);

    CHECK(contains(lookup("scorin", "score"), "HF404 there is no module 'scorin'\n  do: "));
    CHECK(contains(lookup("package.outer", "f"), "HF404 there is no module 'package.outer'"));
    CHECK(contains(lookup("nowhere.inner", "f"), "HF404 there is no module 'nowhere.inner'"));
    CHECK(contains(lookup("package.inner", "scroe"),
                   "HF404 module 'package.inner' has no function 'scroe'"));
    CHECK(contains(lookup("package.inner", "C.g"),
                   "has no function 'C.g': 'package.inner.C' has no 'g'"));
    CHECK(contains(lookup("package.inner", "C.limit"),
                   "HF405 'package.inner.C.limit' is not callable: it is int"));
    CHECK(contains(lookup("package.inner", ""),
                   "HF405 'package.inner' is not callable: it is module"));

    // It also has Python's own exception: a handler for python_error catches it.
    CHECK(import("scorin") == "ModuleNotFoundError: No module named 'scorin'");
    CHECK(import("package.inner") == "AttributeError: module 'package.inner' has no attribute 'f'");
    CHECK(import("limits") == "TypeError: 'int' object is not callable");
    try {
        holdfast::function<void()>("scorin", "f")();
    } catch (const holdfast::python_error &error) {
        CHECK(std::string(error.code()) == "HF404" &&
              contains(error.traceback(), "ModuleNotFoundError: No module named"));
        const holdfast::attach_guard attached;
        error.restore();
        CHECK(PyErr_ExceptionMatches(PyExc_ModuleNotFoundError) != 0);
        PyErr_Clear();
    }
    {
        const holdfast::attach_guard attached;
        CHECK_THROWS(holdfast::lookup_error, holdfast::function<void()>("package.inner", "C.g")());
        CHECK_THROWS(holdfast::lookup_error, holdfast::function<void()>("limits", "f")());
        CHECK(PyErr_Occurred() == nullptr);
    }

    CHECK(import("needs_more") ==
          "ModuleNotFoundError: No module named 'module_that_is_not_there'");
    CHECK(contains(import("broken"), "SyntaxError: "));
    CHECK(import("refuses") == "ImportError: not today");

    // A failure is not remembered: a name that appears later is found.
    const holdfast::function<int()> later{"package.inner", "later"};
    CHECK_THROWS(holdfast::lookup_error, later());
    holdfast::exec(
        "import package.inner\n"
        "package.inner.later = lambda: 8\n");
    CHECK(later() == 8);
    CHECK((holdfast::function<int()>("package.inner", "C.s")() == 4));
    const auto instance = holdfast::function<holdfast::object()>("package.inner", "C")();
    CHECK((holdfast::function<int(holdfast::object)>("package.inner", "C.f")(instance) == 3));
}
