// config.cpp: starts Python with the values of a file, whatever they are, and says what became of it.
//
//     config FILE
//
// Each line of the file is the name of a field and the bytes of its value, in hexadecimal. Prints "started" or
// the code of the error; any other end is a finding.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

std::string from_hex(const std::string &text) {
    std::string bytes;
    for (std::size_t at = 0; at + 1 < text.size(); at += 2)
        bytes += static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16));
    return bytes;
}

void put(holdfast::interpreter_config &config, const std::string &field, const std::string &value) {
    if (field == "program_name")
        config.program_name = value;
    else if (field == "executable")
        config.executable = value;
    else if (field == "home")
        config.home = value;
    else if (field == "argv")
        config.argv.push_back(value);
    else if (field == "module_search_paths")
        config.module_search_paths.emplace_back(value);
    else if (field == "isolated")
        config.isolated = true;
    else if (field == "install_signal_handlers")
        config.install_signal_handlers = true;
    else if (field == "switch_interval")
        config.switch_interval =
            std::chrono::microseconds(std::strtoll(value.c_str(), nullptr, 10));
    else if (field == "trace")
        config.trace = value;
    else if (field == "watchdog")
        config.watchdog = std::chrono::milliseconds(std::strtoll(value.c_str(), nullptr, 10));
    else
        std::abort();  // the generator and this program have come apart
}

holdfast::interpreter_config read(const char *path) {
    holdfast::interpreter_config config;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string field;
        std::string value;
        words >> field >> value;
        put(config, field, from_hex(value));
    }
    return config;
}

std::string to_hex(const std::string &bytes) {
    std::string text;
    for (const char byte : bytes) {
        constexpr char digits[] = "0123456789abcdef";
        text += digits[static_cast<unsigned char>(byte) / 16];
        text += digits[static_cast<unsigned char>(byte) % 16];
    }
    return text;
}

/// Checks that every value has arrived: nothing is silently truncated.
bool arrived(const holdfast::interpreter_config &config) {
    std::vector<std::string> wanted;
    for (const std::string &word : config.argv)
        wanted.push_back(to_hex(word));
    if (wanted.empty())
        wanted.emplace_back();
    const holdfast::attach_guard attached;
    holdfast::exec("import os, sys");
    return holdfast::eval<std::vector<std::string>>(
               "[os.fsencode(word).hex() for word in sys.argv]") == wanted;
}

}  // namespace

int main(int count, char **words) {
    if (count != 2)
        return 2;
    const holdfast::interpreter_config config = read(words[1]);
    try {
        holdfast::interpreter python(config);
        if (!arrived(config)) {
            std::puts("sys.argv is not what was given");
            return 1;
        }
        if (!python.finalize(std::chrono::seconds(10)).finalized)
            return 1;
        std::puts("started");
    } catch (const holdfast::error &problem) {
        std::printf("%s\n", problem.code());
        std::fprintf(stderr, "%s\n", problem.what());
    }
    return 0;
}
