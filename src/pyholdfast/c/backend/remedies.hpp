// c/backend/remedies.hpp: what a C program can do about an error. The runtime's own remedies name
// things of C++.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::c {

/// Null: the runtime's remedy fits.
/// \param problem  several problems may share a code.
inline const char *remedy_in_c(int code, const std::string &problem) {
    const auto says = [&problem](const char *words) {
        return problem.find(words) != std::string::npos;
    };
    switch (code) {
    case 201:
        return "call hf_start(), or hf_adopt() if other code started Python";
    case 202:
    case 203:
        return "join the thread before hf_finalize(), or let it stop when a call returns this "
               "status";
    case 210:
        return "call it on the thread that called hf_start() or hf_adopt()";
    case 211:
        return "end this thread's scopes and free its guards first";
    case 214:
        return "share the Python that runs: use its hf_interpreter, or hf_main_view()";
    case 215:
        return "use hf_main_view(), or hf_adopt() to end it from here";
    case 216:
        return "call hf_attach() first";
    case 217:
        return "call hf_reopen() only after HF_STILL_INSIDE";
    case 241:
        return "pass the hf_interpreter of hf_start() or hf_adopt()";
    case 256:
        return "call hf_start(), which starts one, or adopt after Py_Initialize()";
    case 401:
    case 403:
        if (says("not valid UTF-8"))
            return "pass UTF-8, or HF_BYTES and let Python decode it";
        return says("surrogate") ? "encode it in Python, e.g. with os.fsencode(), and return bytes"
                                 : nullptr;
    case 402:
        return "let Python return it as a float, or as text";
    case 404:
        return says("there is no module") ? "check the spelling and sys.path: "
                                            "hf_config.module_search_paths puts folders in front "
                                            "of it"
                                          : nullptr;
    case 405:
        return "name a function or a class; read a plain value with hf_eval() or hf_object_get()";
    default:
        return nullptr;
    }
}

/// \param text  an error's problem and remedy.
inline std::string in_c_words(int code, std::string text) {
    // No static objects: an exit handler of ours comes after their destructors
    constexpr std::string_view before_remedy = "\n  do: ";
    const std::size_t end = text.rfind(before_remedy);
    if (end == std::string::npos)
        return text;
    if (const char *const remedy = remedy_in_c(code, text.substr(0, end)))
        text.replace(end + before_remedy.size(), std::string::npos, remedy);
    constexpr std::string_view field_of = "interpreter_config::";
    for (std::size_t at = 0; (at = text.find(field_of, at)) != std::string::npos;)
        text.replace(at, field_of.size(), "hf_config.");
    return text;
}

}  // namespace holdfast::c
