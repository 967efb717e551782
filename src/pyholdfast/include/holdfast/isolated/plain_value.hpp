// holdfast/isolated/plain_value.hpp: a Python value as a worker sent it, and its reader.
//
// The bytes come from a process that may run hostile code. The reader builds plain values; it does
// not call, import or look up anything. Of pickle's opcodes it knows only those that make values.
// Classes arrive as tagged values, whose names it only compares.
//
// Neither this nor the reader uses CPython.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// A large part of an answer, in memory that the worker could still write to.
struct answer_buffer {
    std::shared_ptr<char> data;
    std::size_t size = 0;
};

/// One value. Texts and bytes point into the answer that it was read from.
struct plain_value {
    enum class kind : unsigned char {
        none,
        boolean,
        integer,
        large_integer,  // `text` has it, as two's complement, least byte first
        real,
        text,
        bytes,
        list,
        tuple,
        dict,  // `items` has keys and values, in turn
        set,
        tagged,  // `text` is the tag, `items` what belongs to it
    };

    kind what = kind::none;
    std::uint16_t depth = 0;  // of nested containers
    union {
        bool truth;
        std::int64_t integer = 0;
        double real;
    };
    std::string_view text;
    std::vector<plain_value> items;
    const answer_buffer *buffer = nullptr;  // if the bytes are a whole buffer: it may be shared

    [[nodiscard]] bool is_tagged(std::string_view tag) const noexcept {
        return what == kind::tagged && text == tag;
    }
    /// The name of its type in Python, for messages.
    [[nodiscard]] std::string type_name() const;
};

/// The bytes are not what a worker of ours sends.
class malformed_answer : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Reads one pickled value of protocol 5.
///
/// References to earlier values are refused, because with them a result could grow without end.
/// \param buffers      the out-of-band buffers, in order.
/// \param most_values  more are refused: a value takes more memory than the bytes that describe it.
/// \throws malformed_answer
plain_value read_plain(std::string_view data, const std::vector<answer_buffer> &buffers,
                       std::size_t most_values);

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/plain_value.ipp>
#endif
