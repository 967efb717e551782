// text.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Text and bytes.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/convert/uuid_decimal_bytes.hpp>

#include <string>
#include <string_view>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::text::expected_ {
inline constexpr auto join = holdfast::detail::expect(
    "90cd17744e692fda",
    "def join(first: str, second: str) -> str");
inline constexpr auto encode = holdfast::detail::expect("fdd6f28239f3f232", "def encode(text: str) -> bytes");
inline constexpr auto decode = holdfast::detail::expect("909dfb88ace2f31b", "def decode(data: bytes) -> str");
inline constexpr auto grow = holdfast::detail::expect(
    "e519466f3a562c52",
    "def grow(data: bytearray) -> bytearray");
inline constexpr auto quoted = holdfast::detail::expect("f59233165e1b5f4e", "def quoted() -> str");
inline constexpr auto not_text = holdfast::detail::expect("8d93bd1f512b1b19", "def not_text() -> str");
}  // namespace corpus::text::expected_

namespace corpus::text {

/// One after the other.
///
///     def join(first: str, second: str) -> str
inline const holdfast::function<std::string(std::string_view, std::string_view)>
    join{"corpus.text", "join", &::corpus::text::expected_::join};

/// In UTF-8.
///
///     def encode(text: str) -> bytes
inline const holdfast::function<holdfast::bytes(std::string_view)>
    encode{"corpus.text", "encode", &::corpus::text::expected_::encode};

/// From UTF-8.
///
///     def decode(data: bytes) -> str
inline const holdfast::function<std::string(holdfast::bytes_view)>
    decode{"corpus.text", "decode", &::corpus::text::expected_::decode};

/// With one more byte.
///
///     def grow(data: bytearray) -> bytearray
inline const holdfast::function<holdfast::byte_array(holdfast::byte_array)>
    grow{"corpus.text", "grow", &::corpus::text::expected_::grow};

/// Ends in a backslash \ and has a tab:    here, and "quotes" \.
///
///     def quoted() -> str
inline const holdfast::function<std::string()>
    quoted{"corpus.text", "quoted", &::corpus::text::expected_::quoted};

/// Says str, and returns an int.
///
///     def not_text() -> str
inline const holdfast::function<std::string()>
    not_text{"corpus.text", "not_text", &::corpus::text::expected_::not_text};

}  // namespace corpus::text
// clang-format on
