// c/library/python_facts.hpp: what must be known about a Python before it is loaded.
//
// The interpreter is asked once, in isolated mode. Then its answer comes from the cache, as long as
// the sizes and times of its file and its libpython stay the same. A Python that a script starts,
// like a version manager's shim, is asked each time: its answer depends on more than its file.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "files.hpp"
#include "processor.hpp"
#if defined(_WIN32)
#include "windows_child.hpp"
#else
#include "posix_child.hpp"
#endif

namespace holdfast::c {

struct python_facts {
    std::string implementation;  // "cpython"
    std::string version;         // "3.13.5"
    std::string flags;           // "", "t", "d", "td"
    std::string executable;      // as that Python names itself
    std::string library;         // its shared libpython; "": it has none

    /// "3.13t": what a backend is built for.
    [[nodiscard]] std::string minor() const {
        return version.substr(0, version.find('.', version.find('.') + 1)) + flags;
    }
};

// Uses only what Python 3.6 and PyPy also have: they must answer before they can be refused.
inline constexpr const char *facts_program = R"python(
import os, sys, sysconfig
get = lambda name: str(sysconfig.get_config_var(name) or '')
base = getattr(sys, 'base_prefix', sys.prefix)
flags = ('t' if get('Py_GIL_DISABLED') == '1' else '') + ('d' if get('Py_DEBUG') == '1' else '')
library = ''
try:
    with open('/proc/self/maps') as maps:
        for line in maps:
            path = line.rstrip('\n').partition('/')[2]
            if os.path.basename(path).startswith('libpython') and '.so' in path:
                library = '/' + path
except (OSError, UnicodeError):
    pass
folders = [get('LIBDIR'), os.path.join(base, 'lib'), os.path.join(base, 'lib64'),
           os.path.join(base, 'lib', get('MULTIARCH')), os.path.join(get('LIBDIR'), get('MULTIARCH')),
           get('PYTHONFRAMEWORKPREFIX'), get('LIBPL')]
folders.sort(key=lambda folder: not folder.startswith(base))
names = [get('INSTSONAME'), get('LDLIBRARY'), 'libpython%d.%d%s.so' % (sys.version_info[:2] + (flags,))]
for folder in folders:
    for name in names:
        path = os.path.join(folder, name)
        if not library and folder and name and not name.endswith('.a') and os.path.isfile(path):
            library = path
if os.name == 'nt':
    library = os.path.join(base, 'python%d%d%s.dll' % (sys.version_info[:2] + (flags.replace('d', '_d'),)))
name = getattr(sys, 'implementation', None)
for key, value in (('implementation', getattr(name, 'name', 'unknown')),
                   ('version', '%d.%d.%d' % sys.version_info[:3]), ('flags', flags),
                   ('executable', sys.executable or ''), ('library', library)):
    print(key + '=' + value)
print('end=')
)python";

/// The value of "key=value" lines.
inline std::string line_of(const std::string &text, const std::string &key) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = text.find('\n', at);
        const std::size_t length = (end == std::string::npos ? text.size() : end) - at;
        if (text.compare(at, key.size() + 1, key + '=') == 0)
            return text.substr(at + key.size() + 1, length - key.size() - 1);
        at += length + 1;
    }
    return {};
}

/// False: the text is not a whole answer.
inline bool facts_from(const std::string &text, python_facts &found) {
    if (text.find("\nend=") == std::string::npos)
        return false;
    found = {line_of(text, "implementation"), line_of(text, "version"), line_of(text, "flags"),
             line_of(text, "executable"), line_of(text, "library")};
    return !found.version.empty();
}

/// Runs the interpreter. \return why it did not answer; "" if it did.
inline std::string ask_python(const std::string &python, python_facts &found) {
    std::string text = "\n";
    if (std::string why = run_python(python, facts_program, text, std::chrono::seconds(10));
        !why.empty())
        return why;
    if (facts_from(text, found))
        return {};
    std::string last = text.substr(0, text.find_last_not_of('\n') + 1);
    last = last.substr(last.rfind('\n') + 1);
    return "it is not a Python: " + (last.empty() ? "it printed nothing" : last.substr(0, 160));
}

inline std::string facts_file(const std::string &real) {
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
    for (const char letter : real)
        hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211ULL;
    char name[32];
    std::snprintf(name, sizeof name, "/facts/%016llx", static_cast<unsigned long long>(hash));
    const std::string cache = cache_folder();
    return cache.empty() ? "" : cache + name;
}

/// What is known about the interpreter, from the cache or from itself.
/// \return why nothing is known; "" otherwise.
inline std::string facts_of(const std::string &python, python_facts &found) {
    const std::string real = real_path(python);
    const std::string file = is_binary(real) ? facts_file(real) : "";
    const std::string cached = file.empty() ? "" : contents_of(file);
    if (!cached.empty() && line_of(cached, "path") == real &&
        line_of(cached, "stamp") == stamp_of(real) && facts_from(cached, found) &&
        line_of(cached, "library_stamp") == stamp_of(found.library) && distrust(file).empty())
        return {};
    std::string why = ask_python(python, found);
    // Without a library, one may be installed later.
    if (why.empty() && !file.empty() && !found.library.empty() && distrust(file).empty())
        write_whole(file, "path=" + real + "\nstamp=" + stamp_of(real) +
                              "\nimplementation=" + found.implementation +
                              "\nversion=" + found.version + "\nflags=" + found.flags +
                              "\nexecutable=" + found.executable + "\nlibrary=" + found.library +
                              "\nlibrary_stamp=" + stamp_of(found.library) + "\nend=\n");
    return why;
}

}  // namespace holdfast::c
