// holdfast/isolated/worker_process.ipp: the bodies of worker_process.hpp.
#pragma once

#include <holdfast/isolated/worker_process.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include <holdfast/isolated/message_ring.hpp>
#include <holdfast/isolated/worker_program.hpp>
#include <holdfast/lifecycle/bundle.hpp>
#include <holdfast/lifecycle/module_search_path.hpp>
#include <holdfast/platform/environment.hpp>
#include <holdfast/platform/packet_socket.hpp>
#include <holdfast/platform/path_text.hpp>

namespace holdfast::detail {

#if defined(_WIN32)
inline constexpr const char *default_search_path = "";
inline constexpr const char *python_on_path = "python.exe";  // python3.exe may be that of the Store
/// Without the first ones, many libraries do not work, Python's among them.
inline constexpr const char *passed_variables[] = {
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR",  "COMSPEC",      "PATH",        "PATHEXT",      "TEMP",
    "TMP",        "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "TZ"};

HOLDFAST_DETAIL_COLD inline const char *variable(const std::string &name) {
    return environment(name.c_str());
}

HOLDFAST_DETAIL_COLD inline std::filesystem::path python_of(const char *environment) {
    return path_of_text(environment) / "Scripts" / "python.exe";
}
#else
inline constexpr const char *default_search_path = "/usr/local/bin:/usr/bin:/bin";
inline constexpr const char *python_on_path = "python3";
inline constexpr const char *passed_variables[] = {
    "PATH", "HOME", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE"};

HOLDFAST_DETAIL_COLD inline const char *variable(const std::string &name) {
    return std::getenv(name.c_str());
}

HOLDFAST_DETAIL_COLD inline std::filesystem::path python_of(const char *environment) {
    return path_of_text(environment) / "bin" / "python";
}
#endif

HOLDFAST_DETAIL_COLD inline std::filesystem::path find_on_path(const std::string &name) {
    const char *const path = environment("PATH");
    std::string left = path != nullptr ? path : default_search_path;
    while (!left.empty()) {
        const std::size_t end = std::min(left.find(between_paths), left.size());
        const std::filesystem::path file = path_of_text(left.substr(0, end)) / name;
        if (end != 0 && may_run(text_of_path(file)))
            return file;
        left.erase(0, end + 1);
    }
    return {};
}

HOLDFAST_DETAIL_COLD_BODY std::filesystem::path find_worker_python(const isolated_config &config) {
    namespace fs = std::filesystem;
    if (!config.python.empty()) {
        const fs::path found = !config.python.has_parent_path()
                                   ? find_on_path(text_of_path(config.python))
                                   : fs::path();
        return found.empty() ? config.python : found;
    }
    std::error_code ignored;
    if (const fs::path bundle = bundle_folder();
        !bundle.empty() && fs::exists(bundled_python(bundle), ignored))
        return bundled_python(bundle);
    if (const char *const python = own_variable("HOLDFAST_PYTHON"))
        return path_of_text(python);
    if (const char *const folder = environment("VIRTUAL_ENV"))
        return python_of(folder);
#ifdef HOLDFAST_DEFAULT_PYTHON
    if (fs::exists(HOLDFAST_DEFAULT_PYTHON, ignored))
        return HOLDFAST_DEFAULT_PYTHON;
#endif
    return find_on_path(python_on_path);
}

HOLDFAST_DETAIL_COLD_BODY std::vector<std::string> worker_environment(
    const isolated_config &config) {
    std::vector<std::string> all;
    const auto set = [&](const std::string &name, const std::string &value) {
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const std::string &one) {
                                     return is_same_variable(one.substr(0, one.find('=')), name);
                                 }),
                  all.end());
        all.push_back(name + '=' + value);
    };
    const auto pass_on = [&](const std::string &name) {
        if (const char *const value = variable(name))
            set(name, value);
    };
    for (const char *const name : passed_variables)
        pass_on(name);
    for (const std::string &asked : config.environment) {
        const std::size_t equals = asked.find('=');
        if (equals == std::string::npos)
            pass_on(asked);
        else
            set(asked.substr(0, equals), asked.substr(equals + 1));
    }
    return all;
}

#if defined(_WIN32)
/// The Python of a virtual environment there only starts another process, whose processor time would
/// not count. The worker is that other one, and a variable tells it which environment it is in.
/// \return that other Python; `python` if it is in no environment.
HOLDFAST_DETAIL_COLD inline std::filesystem::path worker_of_environment(
    const std::filesystem::path &python, std::vector<std::string> &variables) {
    std::ifstream facts(python.parent_path().parent_path() / "pyvenv.cfg");
    for (std::string line; std::getline(facts, line);) {
        const std::size_t equals = line.find('=');
        if (line.rfind("home", 0) != 0 || equals == std::string::npos)
            continue;
        const std::size_t start = line.find_first_not_of(" \t", equals + 1);
        const std::size_t end = line.find_last_not_of(" \t\r");
        if (start == std::string::npos)
            continue;
        const std::filesystem::path found =
            path_of_text(line.substr(start, end + 1 - start)) / "python.exe";
        if (!may_run(text_of_path(found)))
            continue;
        variables.push_back("__PYVENV_LAUNCHER__=" + text_of_path(python));
        return found;
    }
    return python;
}

HOLDFAST_DETAIL_COLD_BODY std::string worker_process::start(
    const std::filesystem::path &python, const isolated_config &config,
    const std::vector<std::string> &environment, worker_output *output) {
    file_handle its_output;
    file_handle its_errors;
    faults_ = temporary_file();
    if (!faults_)
        return "no file can be made in the folder for temporary files";
    if (!bell_ || !watcher_bell_ || !caller_bell_ || !interrupt_bell_ || !stack_bell_ ||
        (output != nullptr && !output->make_pipes(its_output, its_errors)))
        return "it gets too few handles, or no memory";
    try {
        memory_ =
            std::make_shared<shared_memory>("", ring_memory, "there is no shared memory for it");
        socket_.emplace("there is no shared memory for it");
    } catch (const std::system_error &problem) {
        return problem.what();
    }
    (void)socket_->send(worker_program(), {}, {});  // it has room for it
    const auto text_of = [](const memory_key &key) { return std::string(key.begin(), key.end()); };
    child_settings settings;
    settings.variables = environment;
    settings.program = text_of_path(worker_of_environment(python, settings.variables));
    settings.arguments = {
        settings.program, "-I",        "-c",
        worker_bootstrap, config.name, text_of(memory_->key()) + ',' + text_of(socket_->key())};
    settings.output = its_output.get();
    settings.errors = its_errors.get();
    settings.memory = config.memory;
    settings.may_start_processes = config.may_start_processes;
    return child_.start(
        std::move(settings),
        {faults_.get(), bell_.descriptor(), watcher_bell_.descriptor(), caller_bell_.descriptor(),
         interrupt_bell_.descriptor(), stack_bell_.descriptor()});
}

HOLDFAST_DETAIL_BODY packet_end worker_process::socket() noexcept { return &*socket_; }

HOLDFAST_DETAIL_BODY std::error_code worker_process::watch_with(event_queue &queue,
                                                                std::uint64_t id) const {
    std::error_code problem = queue.watch(watcher_bell_.descriptor(), id * 2);
    if (!problem)
        problem = queue.watch_process(ended_descriptor(), id * 2 + 1);
    return problem;
}

HOLDFAST_DETAIL_BODY void worker_process::forget_in(event_queue &queue) const noexcept {
    for (const system_handle handle : {watcher_bell_.descriptor(), ended_descriptor()})
        queue.forget(handle);
}

HOLDFAST_DETAIL_BODY void worker_process::interrupt() noexcept { interrupt_bell_.ring(); }

HOLDFAST_DETAIL_BODY void worker_process::ring() const noexcept { bell_.ring(); }

HOLDFAST_DETAIL_BODY void worker_process::ask_for_stack() noexcept { stack_bell_.ring(); }
#else
HOLDFAST_DETAIL_COLD_BODY std::string worker_process::start(
    const std::filesystem::path &python, const isolated_config &config,
    const std::vector<std::string> &environment, worker_output *output) {
    file_handle its_output;
    file_handle its_errors;
    file_handle its_socket;
    file_handle its_bell;
    const file_handle program = file_in_memory("holdfast-worker", worker_program());
    faults_ = file_in_memory("holdfast-stack");
    // For a pipe, there is no write without SIGPIPE. For an eventfd, the worker could make it block.
    if (!make_sockets(true, socket_, its_socket) || !make_sockets(false, bell_, its_bell) ||
        !watcher_bell_ || !caller_bell_ || !program || !faults_ ||
        (output != nullptr && !output->make_pipes(its_output, its_errors)))
        return std::string("it gets too few descriptors, or no memory: ") + std::strerror(errno);
    try {
        memory_ = std::make_shared<shared_memory>("holdfast-rings", ring_memory,
                                                  "there is no shared memory for it");
    } catch (const std::system_error &problem) {
        return problem.what();
    }
    child_settings settings;
    settings.program = text_of_path(python);
    settings.arguments = {settings.program, "-I", "-c", worker_bootstrap, config.name};
    settings.variables = environment;
    settings.output = its_output.get();
    settings.errors = its_errors.get();
    settings.memory = config.memory;
    settings.open_files = config.open_files;
    settings.may_start_processes = config.may_start_processes;
    return child_.start(std::move(settings),
                        {program.get(), its_socket.get(), memory_->key(), faults_.get(),
                         its_bell.get(), watcher_bell_.descriptor(), caller_bell_.descriptor()});
}

HOLDFAST_DETAIL_BODY packet_end worker_process::socket() noexcept { return socket_.get(); }

HOLDFAST_DETAIL_BODY std::error_code worker_process::watch_with(event_queue &queue,
                                                                std::uint64_t id) const {
    std::error_code problem = queue.watch(socket_.get(), id * 2);
    if (!problem)
        problem = queue.watch(watcher_bell_.descriptor(), id * 2);
    if (!problem)
        problem = queue.watch_process(ended_descriptor(), id * 2 + 1);
    return problem;
}

HOLDFAST_DETAIL_BODY void worker_process::forget_in(event_queue &queue) const noexcept {
    for (const int descriptor : {socket_.get(), watcher_bell_.descriptor(), ended_descriptor()})
        queue.forget(descriptor);
}

HOLDFAST_DETAIL_BODY void worker_process::interrupt() noexcept { child_.send(interrupt_signal()); }

HOLDFAST_DETAIL_BODY void worker_process::ring() const noexcept { send_byte(bell_.get()); }

HOLDFAST_DETAIL_BODY void worker_process::ask_for_stack() noexcept { child_.send(stack_signal()); }
#endif

HOLDFAST_DETAIL_BODY std::string worker_process::stack() const {
    return text_of_file(faults_, stack_from_);
}

HOLDFAST_DETAIL_BODY void worker_process::forget_stack() noexcept {
    stack_from_ = size_of_file(faults_);
}

}  // namespace holdfast::detail
