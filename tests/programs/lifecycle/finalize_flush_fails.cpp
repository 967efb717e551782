// Output that cannot be flushed at the end is reported as status -1; Python is finalized nevertheless.
#include <holdfast/interpreter.hpp>

#include <chrono>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        run_python(
            "import io, sys\n"
            "class Full(io.TextIOBase):\n"
            "    def write(self, text):\n"
            "        return len(text)\n"
            "    def flush(self):\n"
            "        raise OSError('no space left on device')\n"
            "sys.stdout = Full()\n"
            "print('lost')");
    }
    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(5));
    CHECK(report.finalized);
    CHECK(report.status == -1);
    CHECK(!python.view().alive());
}
