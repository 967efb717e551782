// If a thread first imports `threading` in a sub-interpreter, the end of that reports no error.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "said_on_stderr.hpp"

namespace hf = holdfast;

namespace {

/// Who imports it: a thread that has ended when the interpreter ends, one that lives on, the one that
/// ends it, or one that has ended and whose number the one that ends it has got.
enum class importer { gone, alive, ender, namesake };

void import_first(const hf::interpreter_view &view) {
    const hf::attach_guard attached(view);
    hf::exec(
        "import sys\n"
        "sys.modules.pop('threading', None)\n"  // a .pth file of this Python may have imported it
        "import threading\n"
        "threading.current_thread()\n");
}

/// What is said on stderr when `end` ends the interpreter in which `who` has imported `threading`.
/// Detached, on the thread that ends it.
template <class End>
std::string said_at_end(const hf::interpreter_view &view, importer who, const End &end) {
    event imported, over;
    std::thread first;
    if (who == importer::ender) {
        import_first(view);
    } else if (who != importer::namesake) {
        first = std::thread([&] {
            import_first(view);
            { const hf::attach_guard again(view); }
            imported.set();
            if (who == importer::alive)
                over.wait();
        });
        imported.wait();
        if (who == importer::gone)
            first.join();
    }
    const std::string said = said_on_stderr(end);
    over.set();
    if (first.joinable())
        first.join();
    return said;
}

void expect_silence(const std::string &said, importer who, const char *whose) {
    if (!said.empty())
        check::fail(__FILE__, __LINE__,
                    std::string(whose) + ", importer " + std::to_string(static_cast<int>(who)) +
                        ": " + said);
}

/// One after the other: the system gives a thread the number of the one that ended before.
template <class Work>
void on_native_thread(const Work &work) {
    std::thread(work).join();
}

/// A native thread ends it, or the main interpreter's finalize().
void try_ours(importer who, bool shared_gil, bool with_main) {
    hf::interpreter python;
    hf::subinterpreter_config config;
    config.shared_gil = shared_gil;
    std::optional<hf::subinterpreter> made;
    on_native_thread([&] { made.emplace(python, config); });
    if (who == importer::namesake)
        on_native_thread([&] { import_first(made->view()); });
    const std::chrono::seconds limit(20);
    std::string said;
    if (with_main)
        said = said_at_end(made->view(), who, [&] { CHECK(python.finalize(limit).finalized); });
    else
        on_native_thread([&] {
            said = said_at_end(made->view(), who, [&] { CHECK(made->finalize(limit).finalized); });
        });
    expect_silence(said, who, with_main ? "ours, ended with the main one" : "ours, ended alone");
}

/// Made and ended as by a host without holdfast.
void try_theirs(importer who) {
    const hf::interpreter python;
    on_native_thread([&] {
        const hf::attach_guard attached(python.view());
        PyThreadState *const before = PyThreadState_Get();
        PyThreadState *const made = Py_NewInterpreter();
        CHECK(made != nullptr);
        const hf::interpreter_view view = hf::current_view();
        PyThreadState_Swap(before);
        std::string said;
        {
            const hf::detach_guard detached;
            said = said_at_end(view, who, [&] {
                const hf::attach_guard again(python.view());
                PyThreadState_Swap(made);
                Py_EndInterpreter(made);
                PyThreadState_Swap(before);
            });
        }
        expect_silence(said, who, "theirs");
    });
}

}  // namespace

int main() {
    for (const importer who :
         {importer::gone, importer::alive, importer::ender, importer::namesake})
        for (const bool with_main : {false, true})
            for (const bool shared_gil : {false, true})
                try_ours(who, shared_gil, with_main);
    for (const importer who : {importer::gone, importer::alive, importer::ender})
        try_theirs(who);
}
