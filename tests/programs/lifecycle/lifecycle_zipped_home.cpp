// A home whose standard library is one file, lib/pythonXY.zip, starts as with plain CPython.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "check.hpp"
#include "scratch_folder.hpp"

namespace {

/// Makes HOME/lib/pythonXY.zip, with what a start needs; the extension modules stay files, as they must.
constexpr const char *make_home = R"(
import os, sys, sysconfig, zipfile
home, source = sys.argv[1], sysconfig.get_path('stdlib')
name = os.path.basename(source)
needed = ('encodings', 'collections', 'importlib', 'json', 're', 'asyncio', 'concurrent', 'logging')
os.makedirs(f'{home}/lib/{name}')
with zipfile.ZipFile(f"{home}/lib/{name.replace('.', '')}.zip", 'w') as archive:
    for folder in ('.', *needed):
        for file in os.listdir(os.path.join(source, folder)) if os.path.isdir(os.path.join(source, folder)) else ():
            if file.endswith('.py'):
                archive.write(os.path.join(source, folder, file), os.path.normpath(os.path.join(folder, file)))
os.symlink(f'{source}/lib-dynload', f'{home}/lib/{name}/lib-dynload')
)";

}  // namespace

int main() {
    const scratch_folder folder;
    const std::string home = (folder.path() / "home").string();
    const std::string script = (folder.path() / "make_home.py").string();
    std::ofstream(script) << make_home;
    CHECK(std::system((std::string(HOLDFAST_DEFAULT_PYTHON " -I '") + script + "' '" + home + '\'')
                          .c_str()) == 0);

    holdfast::interpreter_config config;
    config.home = home;
    config.isolated = true;
    holdfast::interpreter python(config);
    std::thread([] {
        holdfast::exec("import json, math, _json");
        CHECK(holdfast::eval<bool>("'.zip' in json.__file__"));
    }).join();
    CHECK(python.finalize(std::chrono::seconds(5)));
}
