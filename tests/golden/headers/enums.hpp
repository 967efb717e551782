// enums.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Enumerations, flags and literals.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/enumeration.hpp>
#include <holdfast/calls/function.hpp>

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

#ifndef HOLDFAST_BOUND_corpus_enums_Mode
#define HOLDFAST_BOUND_corpus_enums_Mode 0x63b9e89b4090cf95
namespace corpus::enums {
/// Literal['fast', 'slow']
enum class Mode {fast, slow};
}  // namespace corpus::enums

template <>
struct holdfast::literal<::corpus::enums::Mode> {
    static constexpr holdfast::literal_value texts[] = {"fast", "slow"};
    static constexpr ::corpus::enums::Mode values[] = {
        ::corpus::enums::Mode::fast,
        ::corpus::enums::Mode::slow};
};
#elif HOLDFAST_BOUND_corpus_enums_Mode != 0x63b9e89b4090cf95
#error "corpus.enums.Mode has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_enums_literal_0_1_2
#define HOLDFAST_BOUND_corpus_enums_literal_0_1_2 0xeae0f06c46ca0f14
namespace corpus::enums {
/// Literal[0, 1, 2]
enum class literal_0_1_2 {value_0, value_1, value_2};
}  // namespace corpus::enums

template <>
struct holdfast::literal<::corpus::enums::literal_0_1_2> {
    static constexpr holdfast::literal_value texts[] = {0, 1, 2};
    static constexpr ::corpus::enums::literal_0_1_2 values[] = {
        ::corpus::enums::literal_0_1_2::value_0,
        ::corpus::enums::literal_0_1_2::value_1,
        ::corpus::enums::literal_0_1_2::value_2};
};
#elif HOLDFAST_BOUND_corpus_enums_literal_0_1_2 != 0xeae0f06c46ca0f14
#error "corpus.enums.literal_0_1_2 has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_enums_literal_yes_no_None
#define HOLDFAST_BOUND_corpus_enums_literal_yes_no_None 0xdd4ba97b3cc40aca
namespace corpus::enums {
/// Literal['yes', 'no', None]
enum class literal_yes_no_None {yes, no, none};
}  // namespace corpus::enums

template <>
struct holdfast::literal<::corpus::enums::literal_yes_no_None> {
    static constexpr holdfast::literal_value texts[] = {"yes", "no", nullptr};
    static constexpr ::corpus::enums::literal_yes_no_None values[] = {
        ::corpus::enums::literal_yes_no_None::yes,
        ::corpus::enums::literal_yes_no_None::no,
        ::corpus::enums::literal_yes_no_None::none};
};
#elif HOLDFAST_BOUND_corpus_enums_literal_yes_no_None != 0xdd4ba97b3cc40aca
#error "corpus.enums.literal_yes_no_None has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_enums_Color
#define HOLDFAST_BOUND_corpus_enums_Color 0x60ce3f3342b4a2ff

namespace corpus::enums::expected_ {
inline constexpr auto Color = holdfast::detail::expect("60ce3f3342b4a2ff", "class Color");
}  // namespace corpus::enums::expected_

namespace corpus::enums {
/// Values of any type: C++ sees the names.
enum class Color {
    RED,
    GREEN,
    CRIMSON,
};
}  // namespace corpus::enums

template <>
struct holdfast::enumeration<::corpus::enums::Color> {
    static constexpr const char *module = "corpus.enums";
    static constexpr const char *name = "Color";
    static constexpr const char *members[] = {"RED", "GREEN", "CRIMSON"};
    static constexpr ::corpus::enums::Color values[] = {
        ::corpus::enums::Color::RED,
        ::corpus::enums::Color::GREEN,
        ::corpus::enums::Color::CRIMSON};
    static constexpr bool is_flag = false;
    static constexpr const holdfast::detail::expectation *expected = &::corpus::enums::expected_::Color;
};
#elif HOLDFAST_BOUND_corpus_enums_Color != 0x60ce3f3342b4a2ff
#error "corpus.enums.Color has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_enums_Level
#define HOLDFAST_BOUND_corpus_enums_Level 0x308a040521783dac

namespace corpus::enums::expected_ {
inline constexpr auto Level = holdfast::detail::expect("308a040521783dac", "class Level");
}  // namespace corpus::enums::expected_

namespace corpus::enums {
/// With numbers.
enum class Level : std::int64_t {
    LOW = 1,
    MIDDLE = 5,
    HIGH = 6,
};
}  // namespace corpus::enums

template <>
struct holdfast::enumeration<::corpus::enums::Level> {
    static constexpr const char *module = "corpus.enums";
    static constexpr const char *name = "Level";
    static constexpr const char *members[] = {"LOW", "MIDDLE", "HIGH"};
    static constexpr ::corpus::enums::Level values[] = {
        ::corpus::enums::Level::LOW,
        ::corpus::enums::Level::MIDDLE,
        ::corpus::enums::Level::HIGH};
    static constexpr bool is_flag = false;
    static constexpr const holdfast::detail::expectation *expected = &::corpus::enums::expected_::Level;
};
#elif HOLDFAST_BOUND_corpus_enums_Level != 0x308a040521783dac
#error "corpus.enums.Level has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_enums_Access
#define HOLDFAST_BOUND_corpus_enums_Access 0xfd4bbd36846f5730

namespace corpus::enums::expected_ {
inline constexpr auto Access = holdfast::detail::expect("fd4bbd36846f5730", "class Access");
}  // namespace corpus::enums::expected_

namespace corpus::enums {
/// Can be combined.
enum class Access : std::int64_t {
    READ = 1,
    WRITE = 2,
    ALL = 3,
};
constexpr Access operator|(Access a, Access b) noexcept {
    return static_cast<Access>(static_cast<std::int64_t>(a) | static_cast<std::int64_t>(b));
}
constexpr Access operator&(Access a, Access b) noexcept {
    return static_cast<Access>(static_cast<std::int64_t>(a) & static_cast<std::int64_t>(b));
}
constexpr Access operator^(Access a, Access b) noexcept {
    return static_cast<Access>(static_cast<std::int64_t>(a) ^ static_cast<std::int64_t>(b));
}
}  // namespace corpus::enums

template <>
struct holdfast::enumeration<::corpus::enums::Access> {
    static constexpr const char *module = "corpus.enums";
    static constexpr const char *name = "Access";
    static constexpr const char *members[] = {"READ", "WRITE", "ALL"};
    static constexpr ::corpus::enums::Access values[] = {
        ::corpus::enums::Access::READ,
        ::corpus::enums::Access::WRITE,
        ::corpus::enums::Access::ALL};
    static constexpr bool is_flag = true;
    static constexpr const holdfast::detail::expectation *expected = &::corpus::enums::expected_::Access;
};
#elif HOLDFAST_BOUND_corpus_enums_Access != 0xfd4bbd36846f5730
#error "corpus.enums.Access has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_enums_Bits
#define HOLDFAST_BOUND_corpus_enums_Bits 0xbe00b69db3249d2f

namespace corpus::enums::expected_ {
inline constexpr auto Bits = holdfast::detail::expect("be00b69db3249d2f", "class Bits");
}  // namespace corpus::enums::expected_

namespace corpus::enums {
/// Combined, and integers.
enum class Bits : std::int64_t {
    A = 1,
    B = 2,
    C = 16,
};
constexpr Bits operator|(Bits a, Bits b) noexcept {
    return static_cast<Bits>(static_cast<std::int64_t>(a) | static_cast<std::int64_t>(b));
}
constexpr Bits operator&(Bits a, Bits b) noexcept {
    return static_cast<Bits>(static_cast<std::int64_t>(a) & static_cast<std::int64_t>(b));
}
constexpr Bits operator^(Bits a, Bits b) noexcept {
    return static_cast<Bits>(static_cast<std::int64_t>(a) ^ static_cast<std::int64_t>(b));
}
}  // namespace corpus::enums

template <>
struct holdfast::enumeration<::corpus::enums::Bits> {
    static constexpr const char *module = "corpus.enums";
    static constexpr const char *name = "Bits";
    static constexpr const char *members[] = {"A", "B", "C"};
    static constexpr ::corpus::enums::Bits values[] = {
        ::corpus::enums::Bits::A,
        ::corpus::enums::Bits::B,
        ::corpus::enums::Bits::C};
    static constexpr bool is_flag = true;
    static constexpr const holdfast::detail::expectation *expected = &::corpus::enums::expected_::Bits;
};
#elif HOLDFAST_BOUND_corpus_enums_Bits != 0xbe00b69db3249d2f
#error "corpus.enums.Bits has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_enums_Shape
#define HOLDFAST_BOUND_corpus_enums_Shape 0xc0e34a053d5a9769

namespace corpus::enums::expected_ {
inline constexpr auto Shape = holdfast::detail::expect("c0e34a053d5a9769", "class Shape");
}  // namespace corpus::enums::expected_

namespace corpus::enums {
enum class Shape {
    ROUND,
    SQUARE,
};
}  // namespace corpus::enums

template <>
struct holdfast::enumeration<::corpus::enums::Shape> {
    static constexpr const char *module = "corpus.enums";
    static constexpr const char *name = "Shape";
    static constexpr const char *members[] = {"ROUND", "SQUARE"};
    static constexpr ::corpus::enums::Shape values[] = {
        ::corpus::enums::Shape::ROUND,
        ::corpus::enums::Shape::SQUARE};
    static constexpr bool is_flag = false;
    static constexpr const holdfast::detail::expectation *expected = &::corpus::enums::expected_::Shape;
};
#elif HOLDFAST_BOUND_corpus_enums_Shape != 0xc0e34a053d5a9769
#error "corpus.enums.Shape has changed between two headers: run holdfast bind again for both"
#endif

namespace corpus::enums::expected_ {
inline constexpr auto invert = holdfast::detail::expect(
    "a581f3691149dce8",
    "def invert(color: Color) -> Color");
inline constexpr auto raised = holdfast::detail::expect(
    "1fda3935fdcd0b8a",
    "def raised(level: Level) -> Level");
inline constexpr auto merged = holdfast::detail::expect(
    "6969e139a607aeb1",
    "def merged(a: Access, b: Access) -> Access");
inline constexpr auto bits = holdfast::detail::expect(
    "de63e1db957b5c26",
    "def bits(value: Bits) -> list[Bits]");
inline constexpr auto shape = holdfast::detail::expect("fe790ddd5e6fac91", "def shape(name: str) -> Shape");
inline constexpr auto run = holdfast::detail::expect(
    "92b0331ff34d8b13",
    "def run(mode: Mode, level: Literal[0, 1, 2] = 1) -> Mode");
inline constexpr auto answer = holdfast::detail::expect(
    "1c1a78727566a335",
    "def answer(asked: bool) -> Literal['yes', 'no', None]");
inline constexpr auto table = holdfast::detail::expect(
    "a0de246fe4456994",
    "def table() -> dict[Color, Level]");
}  // namespace corpus::enums::expected_

namespace corpus::enums {

/// The other one.
///
///     def invert(color: Color) -> Color
inline const holdfast::function<Color(Color)>
    invert{"corpus.enums", "invert", &::corpus::enums::expected_::invert};

/// One up.
///
///     def raised(level: Level) -> Level
inline const holdfast::function<Level(Level)>
    raised{"corpus.enums", "raised", &::corpus::enums::expected_::raised};

/// Both.
///
///     def merged(a: Access, b: Access) -> Access
inline const holdfast::function<Access(Access, Access)>
    merged{"corpus.enums", "merged", &::corpus::enums::expected_::merged};

/// One by one.
///
///     def bits(value: Bits) -> list[Bits]
inline const holdfast::function<std::vector<Bits>(Bits)>
    bits{"corpus.enums", "bits", &::corpus::enums::expected_::bits};

/// By its name.
///
///     def shape(name: str) -> Shape
inline const holdfast::function<Shape(std::string_view)>
    shape{"corpus.enums", "shape", &::corpus::enums::expected_::shape};

/// A literal with a name, and one without.
///
///     def run(mode: Mode, level: Literal[0, 1, 2] = 1) -> Mode
inline const holdfast::function<Mode(Mode, holdfast::defaulted<literal_0_1_2>)>
    run{"corpus.enums", "run", {"level"}, &::corpus::enums::expected_::run};

/// None among the values.
///
///     def answer(asked: bool) -> Literal['yes', 'no', None]
inline const holdfast::function<literal_yes_no_None(bool)>
    answer{"corpus.enums", "answer", &::corpus::enums::expected_::answer};

/// Enumerations as keys.
///
///     def table() -> dict[Color, Level]
inline const holdfast::function<std::map<Color, Level>()>
    table{"corpus.enums", "table", &::corpus::enums::expected_::table};

}  // namespace corpus::enums
// clang-format on
