// Two libraries in one process share one record, however the linker treats them: their threads' ends
// are seen, and fork() returns.
//
// Arguments: the two libraries, then what to show: `ends` or `forks`.

#include <cstring>
#include <string>

#include <dlfcn.h>
#include <sys/wait.h>

#include "stress.hpp"

namespace {

class library {
public:
    explicit library(const char *path) : handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr)
            std::fprintf(stderr, "%s\n", dlerror());
        MUST(handle_ != nullptr);
    }
    template <class Result, class... Args>
    Result call(const char *name, Args... args) const {
        void *const found = dlsym(handle_, name);
        MUST(found != nullptr);
        Result (*function)(Args...) = nullptr;
        std::memcpy(&function, &found, sizeof function);
        return function(args...);
    }

private:
    void *handle_;
};

}  // namespace

int main(int argc, char **argv) {
    MUST(argc == 4);
    const library first(argv[1]);
    const library second(argv[2]);
    void *const shared = first.call<void *>("library_process");
    const bool apart = second.call<void *>("library_process") != shared;
    std::fprintf(stderr, "%s\n", apart ? "apart by the linker" : "merged by the linker");
    second.call<void>("library_join",
                      shared);  // register_interpreter.hpp does it for libraries that are apart
    MUST(second.call<void *>("library_process") == shared);

    if (std::string(argv[3]) == "ends") {
        second.call<void>("library_watch_threads");
        std::thread([&] { second.call<void>("library_touch"); }).join();
        MUST(second.call<int>("library_threads_ended") == 1);
        return 0;
    }
    const pid_t child = fork();
    MUST(child >= 0);
    if (child == 0)
        _exit(0);
    int status = 0;
    MUST(waitpid(child, &status, 0) == child);
    MUST(status == 0);
    return 0;
}
