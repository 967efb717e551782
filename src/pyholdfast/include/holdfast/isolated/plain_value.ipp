// holdfast/isolated/plain_value.ipp: the bodies of plain_value.hpp.
//
// Longer than other files: one class that reads what a worker has sent. All checks of its bytes are
// in one place, for whoever examines what such a worker can do.
#pragma once

#include <holdfast/isolated/plain_value.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY std::string plain_value::type_name() const {
    switch (what) {
    case kind::none:
        return "NoneType";
    case kind::boolean:
        return "bool";
    case kind::integer:
    case kind::large_integer:
        return "int";
    case kind::real:
        return "float";
    case kind::text:
        return "str";
    case kind::bytes:
        return "bytes";
    case kind::list:
        return "list";
    case kind::tuple:
        return "tuple";
    case kind::dict:
        return "dict";
    case kind::set:
        return "set";
    case kind::tagged:
        break;
    }
    // Records, enums and values of other types have their type's name in the first item.
    if (!items.empty() && items[0].what == kind::text && (text == "other" || text == "array"))
        return std::string(items[0].text);
    if (!items.empty() && items[0].what == kind::tuple && !items[0].items.empty())
        return std::string(items[0].items[0].text);
    return std::string(text);
}

/// The machine that runs pickle's opcodes: a stack of values, with marks in it. The values above each
/// mark have a vector of their own, which becomes that of the container they belong to.
class plain_reader {
public:
    plain_reader(std::string_view data, const std::vector<answer_buffer> &buffers,
                 std::size_t most_values)
        : left_(data), buffers_(buffers), values_left_(most_values) {}

    plain_value read() {
        while (step(static_cast<unsigned char>(take(1)[0]))) {}
        if (above_.size() != 1 || top().size() != 1)
            throw malformed_answer("it ends with values left over");
        if (!left_.empty())
            throw malformed_answer("bytes follow its end");
        return std::move(top().back());
    }

private:
    using kind = plain_value::kind;
    static constexpr std::size_t most_depth = 500;
    static constexpr std::string_view tags = "holdfast_worker";

    std::string_view take(std::uint64_t size) {
        if (size > left_.size())
            throw malformed_answer("it ends in the middle of a value");
        const std::string_view taken = left_.substr(0, static_cast<std::size_t>(size));
        left_.remove_prefix(static_cast<std::size_t>(size));
        return taken;
    }

    /// An unsigned number of that many bytes, least byte first.
    std::uint64_t number(std::size_t bytes) {
        std::uint64_t result = 0;
        const std::string_view taken = take(bytes);
        for (std::size_t i = bytes; i-- > 0;)
            result = result << 8U | static_cast<unsigned char>(taken[i]);
        return result;
    }

    void count_one() {
        if (values_left_-- == 0)
            throw malformed_answer("it has too many values");
    }

    plain_value &push(kind what) {
        count_one();
        top().emplace_back().what = what;
        return top().back();
    }
    void push_text(kind what, std::uint64_t size) { push(what).text = take(size); }
    void push_integer(std::int64_t value) { push(kind::integer).integer = value; }

    void push_long(std::uint64_t size) {
        std::string_view digits = take(size);
        const auto is_spare = [&] {  // the last byte only repeats the sign
            const unsigned char last = static_cast<unsigned char>(digits.back());
            const bool negative =
                (static_cast<unsigned char>(digits[digits.size() - 2]) & 0x80U) != 0;
            return last == (negative ? 0xFF : 0x00);
        };
        while (digits.size() > 1 && is_spare())
            digits.remove_suffix(1);
        if (digits.size() > sizeof(std::int64_t)) {
            push(kind::large_integer).text = digits;
            return;
        }
        const bool negative =
            !digits.empty() && (static_cast<unsigned char>(digits.back()) & 0x80U) != 0;
        std::uint64_t bits = negative ? ~std::uint64_t{0} : 0;
        for (std::size_t i = digits.size(); i-- > 0;)
            bits = bits << 8U | static_cast<unsigned char>(digits[i]);
        push_integer(static_cast<std::int64_t>(bits));
    }

    void push_real() {
        std::uint64_t bits = 0;
        for (const char byte : take(sizeof bits))
            bits = bits << 8U | static_cast<unsigned char>(byte);
        double value = 0;
        std::memcpy(&value, &bits, sizeof value);
        push(kind::real).real = value;
    }

    using values = std::vector<plain_value>;

    /// The values above the last mark.
    values &top() noexcept { return above_.back(); }

    /// The first index of the last `count` values, which are above every mark.
    std::size_t last(std::size_t count) {
        if (top().size() < count)
            throw malformed_answer("an opcode finds too few values");
        return top().size() - count;
    }

    values take_last(std::size_t count) {
        const auto first = top().begin() + static_cast<std::ptrdiff_t>(last(count));
        values taken(std::make_move_iterator(first), std::make_move_iterator(top().end()));
        top().erase(first, top().end());
        return taken;
    }

    void mark() {
        // As many are open as containers are nested.
        if (above_.size() > most_depth + 1)
            throw malformed_answer("it is nested too deeply");
        above_.emplace_back();
        constexpr std::size_t most_at_once = 1000;  // that pickle adds to a list
        constexpr std::size_t bytes_of_real = 9;
        std::size_t reals = 0;  // no more room than they need: their container keeps it
        while (reals < most_at_once && reals * bytes_of_real < left_.size() &&
               left_[reals * bytes_of_real] == 'G')
            ++reals;
        top().reserve(reals);
    }

    values take_to_mark() {
        if (above_.size() == 1)
            throw malformed_answer("a mark is missing");
        values taken = std::move(top());
        above_.pop_back();
        return taken;
    }

    static void move_into(plain_value &to, values &&from) {
        std::size_t depth = 0;
        for (const plain_value &one : from)
            depth = std::max<std::size_t>(depth, one.depth + 1U);
        if (depth > most_depth)
            throw malformed_answer("it is nested too deeply");
        to.depth = std::max(to.depth, static_cast<std::uint16_t>(depth));
        if (to.items.empty())
            to.items = std::move(from);
        else
            to.items.insert(to.items.end(), std::make_move_iterator(from.begin()),
                            std::make_move_iterator(from.end()));
    }

    void make(kind what, values &&from) {
        count_one();
        plain_value made;
        made.what = what;
        move_into(made, std::move(from));
        top().push_back(std::move(made));
    }

    /// Adds them to the container that is now the last value.
    void add_to(kind what, values &&from) {
        if (top().empty() || top().back().what != what ||
            (what == kind::dict && from.size() % 2 != 0))
            throw malformed_answer("values have no container that fits");
        move_into(top().back(), std::move(from));
    }

    /// A class that is only one of our tags. Every other name is refused.
    void push_tag() {
        const std::size_t first = last(2);
        const plain_value &module = top()[first];
        const plain_value &name = top()[first + 1];
        if (module.what != kind::text || module.text != tags || name.what != kind::text)
            throw malformed_answer("it names something to import");
        const std::string_view tag = name.text;
        top().resize(first);
        push(kind::tagged).text = tag;
    }

    /// A tag and its items.
    void apply_tag() {
        const std::size_t first = last(2);
        plain_value &tag = top()[first];
        plain_value &given = top()[first + 1];
        if (tag.what != kind::tagged || !tag.items.empty() || given.what != kind::tuple)
            throw malformed_answer("it calls something");
        if (tag.text == "same") {  // of a class that counts as a plain type
            if (given.items.size() != 1)
                throw malformed_answer("a tag has not what belongs to it");
            plain_value only = std::move(given.items[0]);
            top().resize(first);
            top().push_back(std::move(only));
            return;
        }
        tag.items = std::move(given.items);
        tag.depth = given.depth;
        top().pop_back();
    }

    void push_buffer() {
        if (next_buffer_ == buffers_.size())
            throw malformed_answer("a buffer is missing");
        const answer_buffer &next = buffers_[next_buffer_++];
        plain_value &made = push(kind::bytes);
        made.text = {next.data.get(), next.size};
        made.buffer = &next;
    }

    /// False at the end.
    bool step(unsigned char opcode) {
        switch (opcode) {
        case 0x80:  // PROTO
            if (number(1) != 5)
                throw malformed_answer("it is of another protocol");
            return true;
        case 0x95:  // FRAME
            (void)number(8);
            return true;
        case 0x94:  // MEMOIZE: nothing is read back
            (void)last(1);
            return true;
        case '.':
            return false;
        default:
            if (!scalar(opcode) && !container(opcode))
                throw malformed_answer("opcode " + std::to_string(opcode) +
                                       " makes no plain value");
            return true;
        }
    }

    bool scalar(unsigned char opcode) {
        switch (opcode) {
        case 'N':
            push(kind::none);
            return true;
        case 0x88:
        case 0x89:
            push(kind::boolean).truth = opcode == 0x88;
            return true;
        case 'J':
            push_integer(static_cast<std::int32_t>(static_cast<std::uint32_t>(number(4))));
            return true;
        case 'K':
            push_integer(static_cast<std::int64_t>(number(1)));
            return true;
        case 'M':
            push_integer(static_cast<std::int64_t>(number(2)));
            return true;
        case 0x8A:
            push_long(number(1));
            return true;
        case 0x8B:
            push_long(number(4));
            return true;
        case 'G':
            push_real();
            return true;
        case 0x8C:
            push_text(kind::text, number(1));
            return true;
        case 'X':
            push_text(kind::text, number(4));
            return true;
        case 0x8D:
            push_text(kind::text, number(8));
            return true;
        case 'C':
            push_text(kind::bytes, number(1));
            return true;
        case 'B':
            push_text(kind::bytes, number(4));
            return true;
        case 0x8E:  // BINBYTES8
        case 0x96:  // BYTEARRAY8
            push_text(kind::bytes, number(8));
            return true;
        default:
            return false;
        }
    }

    bool container(unsigned char opcode) {
        switch (opcode) {
        case '(':
            mark();
            return true;
        case ']':
            push(kind::list);
            return true;
        case ')':
            push(kind::tuple);
            return true;
        case '}':
            push(kind::dict);
            return true;
        case 0x8F:
            push(kind::set);
            return true;
        case 'a':
            add_to(kind::list, take_last(1));
            return true;
        case 'e':
            add_to(kind::list, take_to_mark());
            return true;
        case 's':
            add_to(kind::dict, take_last(2));
            return true;
        case 'u':
            add_to(kind::dict, take_to_mark());
            return true;
        case 0x90:
            add_to(kind::set, take_to_mark());
            return true;
        case 0x91:  // FROZENSET
            make(kind::set, take_to_mark());
            return true;
        case 't':
            make(kind::tuple, take_to_mark());
            return true;
        case 0x85:
        case 0x86:
        case 0x87:
            make(kind::tuple, take_last(opcode - 0x84U));
            return true;
        case 0x93:
            push_tag();
            return true;
        case 'R':
            apply_tag();
            return true;
        case 0x97:
            push_buffer();
            return true;
        case 0x98:  // READONLY_BUFFER
            (void)last(1);
            return true;
        default:
            return false;
        }
    }

    std::string_view left_;
    const std::vector<answer_buffer> &buffers_;
    std::size_t next_buffer_ = 0;
    std::size_t values_left_;
    std::vector<values> above_{1};  // each mark, and at first none
};

HOLDFAST_DETAIL_BODY plain_value read_plain(std::string_view data,
                                            const std::vector<answer_buffer> &buffers,
                                            std::size_t most_values) {
    return plain_reader(data, buffers, most_values).read();
}

}  // namespace holdfast::detail
