// c/value_memory.hpp: copies values, and frees the values that were made for the caller.
//
// Must not include <Python.h>. The library and the backends use the same C library, so one may free
// what the other has allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include <holdfast/holdfast.h>

namespace holdfast::c {

/// How deep lists and dictionaries may nest. It also stops at a list that contains itself.
inline constexpr int deepest_value = 200;

/// \throws std::bad_alloc
inline void *allocate(std::size_t size) {
    void *const memory = std::malloc(size != 0 ? size : 1);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

inline void set_none(hf_value *value) noexcept {
    if (value != nullptr) {
        std::memset(value, 0, sizeof *value);
        value->kind = HF_NONE;
    }
}

/// A copy, followed by a NUL.
inline void set_text(hf_value &value, hf_kind kind, const char *data, std::size_t size) {
    auto *const copy = static_cast<char *>(allocate(size + 1));
    if (size != 0)
        std::memcpy(copy, data, size);
    copy[size] = '\0';
    value.as.text.data = copy;
    value.as.text.size = size;
    value.kind = kind;
}

/// Stands before the items of a list that was made here.
struct alignas(16) list_head {
    bool is_flat;  // no item owns memory: nothing but the list is to be freed
};

inline list_head &head_of(const hf_value &list) noexcept {
    return reinterpret_cast<list_head *>(list.as.list.items)[-1];
}

/// Makes room for `items` values. The value becomes an empty list, to which they are added one by
/// one. It counts as flat until the caller says otherwise.
inline void begin_list(hf_value &value, std::size_t items) {
    if (items > (static_cast<std::size_t>(-1) - sizeof(list_head)) / sizeof(hf_value))
        throw std::bad_alloc();
    auto *const head =
        static_cast<list_head *>(allocate(sizeof(list_head) + items * sizeof(hf_value)));
    head->is_flat = true;
    value.as.list.items = reinterpret_cast<hf_value *>(head + 1);
    value.as.list.count = 0;
    value.kind = HF_LIST;
}

/// Whether a value points to memory of its own.
inline bool owns_memory(const hf_value &value) noexcept { return value.kind >= HF_TEXT; }

/// Whether `size` bytes can be at `data`: no size is negative, and only 0 bytes are at NULL.
inline bool is_memory(const void *data, std::size_t size) noexcept {
    return size <= static_cast<std::size_t>(PTRDIFF_MAX) && (data != nullptr || size == 0);
}

/// False: it has a size or a count, but no memory that is as large.
inline bool is_whole(const hf_value &value) noexcept {
    switch (value.kind) {
    case HF_TEXT:
    case HF_BYTES:
        return is_memory(value.as.text.data, value.as.text.size);
    case HF_LIST:
    case HF_DICT:
        return value.as.list.count <=
                   static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(hf_value) / 2 &&
               is_memory(value.as.list.items, value.as.list.count);
    case HF_OBJECT:
        return value.as.object != nullptr;
    default:
        return true;
    }
}

inline std::size_t items_of(const hf_value &value) noexcept {
    return value.as.list.count * (value.kind == HF_DICT ? 2 : 1);
}

/// \param free_object  called for each object.
template <class FreeObject>
void clear_value(hf_value &value, const FreeObject &free_object) noexcept {
    switch (value.kind) {
    case HF_TEXT:
    case HF_BYTES:
        std::free(const_cast<char *>(value.as.text.data));
        break;
    case HF_LIST:
    case HF_DICT:
        if (!head_of(value).is_flat)
            for (std::size_t i = 0; i < items_of(value); ++i)
                clear_value(value.as.list.items[i], free_object);
        std::free(&head_of(value));
        break;
    case HF_OBJECT:
        free_object(value.as.object);
        break;
    default:
        break;
    }
    set_none(&value);
}

enum class copy_fault : unsigned char { none, kind, depth, data };

/// \param to  becomes HF_NONE if the copy fails.
/// \throws std::bad_alloc
template <class KeepObject, class FreeObject>
copy_fault copy_value(const hf_value &given, hf_value &to, const KeepObject &keep_object,
                      const FreeObject &free_object, int depth = 0) {
    const hf_value from = given;  // `to` may be the same variable
    set_none(&to);
    if (!is_whole(from))
        return copy_fault::data;
    switch (from.kind) {
    case HF_NONE:
        return copy_fault::none;
    case HF_BOOL:
    case HF_INT:
    case HF_FLOAT:
        to = from;
        return copy_fault::none;
    case HF_TEXT:
    case HF_BYTES:
        set_text(to, from.kind, from.as.text.data, from.as.text.size);
        return copy_fault::none;
    case HF_OBJECT:
        to.as.object = keep_object(from.as.object);
        to.kind = HF_OBJECT;
        return copy_fault::none;
    case HF_LIST:
    case HF_DICT:
        break;
    default:
        return copy_fault::kind;
    }
    if (depth >= deepest_value)
        return copy_fault::depth;
    copy_fault fault = copy_fault::none;
    const std::size_t count = items_of(from);
    try {
        begin_list(to, count);
        while (fault == copy_fault::none && to.as.list.count < count) {
            fault =
                copy_value(from.as.list.items[to.as.list.count], to.as.list.items[to.as.list.count],
                           keep_object, free_object, depth + 1);
            head_of(to).is_flat &= !owns_memory(to.as.list.items[to.as.list.count]);
            ++to.as.list.count;
        }
    } catch (...) {
        clear_value(to, free_object);
        throw;
    }
    if (fault != copy_fault::none) {
        clear_value(to, free_object);
    } else if (from.kind == HF_DICT) {
        to.kind = HF_DICT;
        to.as.list.count = from.as.list.count;
    }
    return fault;
}

}  // namespace holdfast::c
