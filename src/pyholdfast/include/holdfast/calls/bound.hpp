// holdfast/calls/bound.hpp: what headers made by `holdfast bind` check when Python is there.
//
// A header says what its functions and types looked like when it was made. The first call in an
// interpreter compares that with the module found there, and says by name what is gone or has
// changed. Compared are texts: of a module without source (only compiled, or put together at run
// time) just the names are. The check runs once per interpreter and name; calls after it cost what
// they cost without it.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <holdfast/calls/fingerprint.hpp>
#include <holdfast/convert/resolve.hpp>
#include <holdfast/convert/value_path.hpp>
#include <holdfast/objects/python_error.hpp>

/// What `holdfast bind` writes, as a number; a header made for another one does not compile.
#define HOLDFAST_BOUND_FORMAT 1

namespace holdfast {

/// A module is not as it was when its header was made: HF510 gone, HF511 changed.
///
/// As a python_error it is an ImportError.
class bound_error : public lookup_error {
public:
    using lookup_error::lookup_error;
};

namespace detail {

/// The check of every bound name; see expectation.
void check_signature(PyObject *found, const callee &call);

/// What the header says of a name.
constexpr expectation expect(const char *hash, const char *signature) noexcept {
    return {&check_signature, signature, hash};
}

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/calls/bound.ipp>
#endif
