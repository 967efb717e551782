// A plug-in that starts Python on a thread of its own, and imports extension modules there.
#include <holdfast/holdfast.hpp>

#include <cstdio>
#include <thread>

extern "C" __attribute__((visibility("default"))) int run_plug_in() {
    int failures = 0;
    std::thread([&] {
        try {
            holdfast::interpreter python;
            std::thread([&] {
                try {
                    holdfast::exec(
                        "import os, sys, sysconfig\n"
                        "from importlib import machinery\n"
                        "suffix = sysconfig.get_config_var('EXT_SUFFIX')\n"
                        "folder = os.path.join(sysconfig.get_path('platstdlib'), 'lib-dynload')\n"
                        "names = sorted(f[:-len(suffix)] for f in os.listdir(folder) if "
                        "f.endswith(suffix))\n"
                        "for name in ('_json', '_struct', 'array', '_decimal'):\n"
                        "    if name in names: __import__(name)\n"
                        "print('imported', [n for n in names if n in sys.modules] != [], "
                        "flush=True)\n");
                } catch (const std::exception &problem) {
                    std::printf("%s\n", problem.what());
                    ++failures;
                }
            }).join();
            if (!python.finalize(std::chrono::seconds(5)))
                ++failures;
        } catch (const std::exception &problem) {
            std::printf("%s\n", problem.what());
            ++failures;
        }
    }).join();
    std::fflush(stdout);
    return failures;
}

#if defined(AS_PROGRAM)
int main() { return run_plug_in(); }
#endif
