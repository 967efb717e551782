// multiprocessing with spawn and forkserver, and ProcessPoolExecutor, work from an embedded Python.
// deadline: 90
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <fstream>

#include "check.hpp"
#include "run_python.hpp"
#include "scratch_folder.hpp"

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "squares.py") << "def square(x):\n    return x * x\n";
    holdfast::interpreter_config config;
    config.module_search_paths = {folder.path()};
    holdfast::interpreter python(config);
    {
        const holdfast::attach_guard attached(python.view());
        run_python(
            "import concurrent.futures, multiprocessing, os, sys\n"
            "from squares import square\n"
            "for method in {'spawn', 'forkserver'} & "
            "set(multiprocessing.get_all_start_methods()):\n"
            "    context = multiprocessing.get_context(method)\n"
            "    with context.Pool(2) as pool:\n"
            "        assert pool.map(square, range(5)) == [0, 1, 4, 9, 16]\n"
            "    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:\n"
            "        assert list(pool.map(square, range(5))) == [0, 1, 4, 9, 16]\n"
            "        assert pool.submit(os.getpid).result() != os.getpid()\n");
    }
    CHECK(python.finalize(std::chrono::seconds(15)));
}
