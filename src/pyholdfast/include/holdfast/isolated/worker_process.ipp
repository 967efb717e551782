// holdfast/isolated/worker_process.ipp: the bodies of worker_process.hpp.
#pragma once

#include <holdfast/isolated/worker_process.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <holdfast/isolated/message_ring.hpp>
#include <holdfast/isolated/worker_program.hpp>
#include <holdfast/lifecycle/bundle.hpp>
#include <holdfast/platform/environment.hpp>
#include <holdfast/platform/packet_socket.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD inline std::filesystem::path find_on_path(const std::string &name) {
    const char *const path = environment("PATH");
    std::string left = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
    while (!left.empty()) {
        const std::size_t end = std::min(left.find(':'), left.size());
        const std::filesystem::path file = std::filesystem::path(left.substr(0, end)) / name;
        if (end != 0 && may_run(file.c_str()))
            return file;
        left.erase(0, end + 1);
    }
    return {};
}

HOLDFAST_DETAIL_COLD_BODY std::filesystem::path find_worker_python(const isolated_config &config) {
    namespace fs = std::filesystem;
    const std::string named = config.python.string();
    if (!named.empty()) {
        const fs::path found =
            named.find('/') == std::string::npos ? find_on_path(named) : fs::path();
        return found.empty() ? config.python : found;
    }
    std::error_code ignored;
    if (const fs::path bundle = bundle_folder();
        !bundle.empty() && fs::exists(bundled_python(bundle), ignored))
        return bundled_python(bundle);
    if (const char *const python = own_variable("HOLDFAST_PYTHON"))
        return python;
    if (const char *const folder = environment("VIRTUAL_ENV"))
        return fs::path(folder) / "bin" / "python";
#ifdef HOLDFAST_DEFAULT_PYTHON
    if (fs::exists(HOLDFAST_DEFAULT_PYTHON, ignored))
        return HOLDFAST_DEFAULT_PYTHON;
#endif
    return find_on_path("python3");
}

HOLDFAST_DETAIL_COLD_BODY std::vector<std::string> worker_environment(
    const isolated_config &config) {
    std::vector<std::string> all;
    const auto pass_on = [&](const std::string &name) {
        if (const char *const value = std::getenv(name.c_str()))
            all.push_back(name + '=' + value);
    };
    for (const char *const name :
         {"PATH", "HOME", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE"})
        pass_on(name);
    for (const std::string &asked : config.environment) {
        const std::size_t equals = asked.find('=');
        if (equals == std::string::npos) {
            pass_on(asked);
            continue;
        }
        const std::string start = asked.substr(0, equals + 1);
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const std::string &one) { return one.rfind(start, 0) == 0; }),
                  all.end());
        all.push_back(asked);
    }
    return all;
}

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
    settings.program = python.string();
    settings.arguments = {settings.program, "-I", "-c", worker_bootstrap, config.name};
    settings.variables = environment;
    settings.output = its_output.get();
    settings.errors = its_errors.get();
    settings.memory = config.memory;
    settings.open_files = config.open_files;
    settings.may_start_processes = config.may_start_processes;
    return child_.start(std::move(settings),
                        {program.get(), its_socket.get(), memory_->descriptor(), faults_.get(),
                         its_bell.get(), watcher_bell_.descriptor(), caller_bell_.descriptor()});
}

HOLDFAST_DETAIL_BODY void worker_process::interrupt() noexcept { child_.send(SIGINT); }

HOLDFAST_DETAIL_BODY void worker_process::ring() const noexcept { send_byte(bell_.get()); }

HOLDFAST_DETAIL_BODY void worker_process::ask_for_stack() noexcept { child_.send(stack_signal()); }

HOLDFAST_DETAIL_BODY std::string worker_process::stack() const {
    return text_of_file(faults_, stack_from_);
}

HOLDFAST_DETAIL_BODY void worker_process::forget_stack() noexcept {
    stack_from_ = size_of_file(faults_);
}

}  // namespace holdfast::detail
