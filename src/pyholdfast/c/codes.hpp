// c/codes.hpp: the codes of the errors that the library makes. The backend's are in the runtime.
#pragma once

namespace holdfast::c {

enum error_code : int {
    nothing_to_adopt = 256,     // HF256
    no_python = 260,            // HF260
    named_python_unfit = 261,   // HF261
    no_shared_library = 262,    // HF262
    cannot_load_library = 263,  // HF263
    no_backend = 264,           // HF264
    backend_unfit = 265,        // HF265
    other_python_loaded = 266,  // HF266
    config_not_prepared = 267,  // HF267
    out_of_resources = 268,     // HF268
    bad_argument = 269,         // HF269
    value_too_deep = 417,       // HF417
};

}  // namespace holdfast::c
