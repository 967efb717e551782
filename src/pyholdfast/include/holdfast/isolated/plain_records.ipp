// holdfast/isolated/plain_records.ipp: the bodies of plain_records.hpp.
#pragma once

#include <holdfast/isolated/plain_records.hpp>

#include <string_view>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY bool is_of_class(const plain_value &value, const char *name) noexcept {
    const std::string_view wanted = name;
    for (const plain_value &one : value.items[0].items) {
        const std::string_view known = one.text;  // "module.Outer.Inner"
        if (known == wanted ||
            (known.size() > wanted.size() && known[known.size() - wanted.size() - 1] == '.' &&
             known.substr(known.size() - wanted.size()) == wanted))
            return true;
    }
    return false;
}

HOLDFAST_DETAIL_BODY const plain_value *field_of(const plain_value &dict,
                                                 const char *name) noexcept {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2)
        if (dict.items[i].what == plain_value::kind::text && dict.items[i].text == name)
            return &dict.items[i + 1];
    return nullptr;
}

}  // namespace holdfast::detail
