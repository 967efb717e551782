// holdfast/calls/binding_check.hpp: run-time checks for headers made by `holdfast bind`.
//
// A header records what its functions and types looked like when it was generated. The first call
// in an interpreter compares that with the module found there, and names what is missing or has
// changed. The comparison uses source text; for a module without source (only compiled, or created
// at run time) it only compares names. The check runs once per interpreter and name, and does not
// slow down later calls.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <holdfast/calls/fingerprint.hpp>
#include <holdfast/convert/resolve.hpp>
#include <holdfast/convert/value_path.hpp>
#include <holdfast/objects/python_error.hpp>

/// The number of the format that `holdfast bind` writes; a header in another format does not
/// compile.
#define HOLDFAST_BOUND_FORMAT 1

namespace holdfast {

/// A module differs from the one that its header was made for: HF510 missing, HF511 changed.
///
/// As a python_error it is an ImportError.
class bound_error : public lookup_error {
public:
    using lookup_error::lookup_error;
};

namespace detail {

/// The check of each bound name; see expectation.
void check_signature(PyObject *found, const callee &call);

/// What the header recorded about a name.
constexpr expectation expect(const char *hash, const char *signature) noexcept {
    return {&check_signature, signature, hash};
}

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/calls/binding_check.ipp>
#endif
