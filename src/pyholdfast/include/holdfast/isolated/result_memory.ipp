// holdfast/isolated/result_memory.ipp: the bodies of result_memory.hpp.
#pragma once

#include <holdfast/isolated/result_memory.hpp>

#include <atomic>
#include <utility>

#include <holdfast/pools/worker_group.hpp>

namespace holdfast::detail {

/// A worker of ours does not use larger files again either.
inline constexpr std::size_t most_kept = std::size_t{64} << 20U;

/// Ends one use of a worker's file.
class end_of_use {
public:
    end_of_use(std::shared_ptr<const shared_memory> rings,
               std::shared_ptr<const mapped_file> mapped,
               const result_memory::place &where) noexcept
        : rings_(std::move(rings)),
          mapped_(std::move(mapped)),
          file_(where.file),
          use_(where.use) {}

    void operator()(const char *) const noexcept {
        // In a forked child, the parent may still have the view.
        if (file_ <= result_files && forks_so_far() == made_in_)
            static_cast<ring_words *>(rings_->data())
                ->result_read[file_ - 1]
                .value.store(use_, std::memory_order_release);
    }

private:
    std::shared_ptr<const shared_memory> rings_;
    std::shared_ptr<const mapped_file> mapped_;
    std::uint32_t file_;
    std::uint32_t use_;
    unsigned made_in_ = forks_so_far();
};

HOLDFAST_DETAIL_BODY std::shared_ptr<char> result_memory::borrow(const file_handle &file,
                                                                 const place &where,
                                                                 std::size_t size) {
    std::shared_ptr<const mapped_file> mapped;
    if (where.file <= result_files)
        mapped = mapped_[where.file - 1];
    if (mapped == nullptr || !mapped->has(file, size)) {
        mapped = mapped_file::of(file, size);
        if (mapped == nullptr) {  // there are too many mappings, or no addresses: a copy
            std::unique_ptr<char[]> copy(new char[size]);
            const bool is_whole = read_file(file.get(), 0, copy.get(), size);
            end_of_use(rings_, nullptr, where)(nullptr);
            if (!is_whole)
                return nullptr;
            char *const data = copy.get();
            return std::shared_ptr<char>(std::shared_ptr<char[]>(std::move(copy)), data);
        }
        if (where.file <= result_files && size <= most_kept)
            mapped_[where.file - 1] = mapped;
    }
    char *const data = mapped->data();
    return {data, end_of_use(rings_, std::move(mapped), where)};
}

HOLDFAST_DETAIL_BODY bool result_memory::read(const file_handle &file, const place &where,
                                              std::size_t most_bytes, std::string &pickle,
                                              std::vector<answer_buffer> &buffers) {
    constexpr std::uint64_t alignment = 64;
    std::uint64_t counted = where.pickle_size;
    std::uint64_t whole = where.pickle_size;
    bool fits = where.file != 0 && counted <= most_bytes;
    for (const std::uint64_t size : where.sizes) {
        fits = fits && size <= most_bytes - counted;
        counted += fits ? size : 0;
        whole = (whole + alignment - 1) / alignment * alignment + (fits ? size : 0);
    }
    if (!fits || !keeps_size(file, whole))
        return false;
    pickle.resize(static_cast<std::size_t>(where.pickle_size));
    if (!read_file(file.get(), 0, pickle.data(), pickle.size()))
        return false;
    if (where.sizes.empty()) {
        end_of_use(rings_, nullptr, where)(nullptr);
        return true;
    }
    const std::shared_ptr<char> all = borrow(file, where, static_cast<std::size_t>(whole));
    if (all == nullptr)
        return false;
    std::uint64_t offset = where.pickle_size;
    for (const std::uint64_t size : where.sizes) {
        offset = (offset + alignment - 1) / alignment * alignment;
        buffers.push_back(
            {std::shared_ptr<char>(all, all.get() + offset), static_cast<std::size_t>(size)});
        offset += size;
    }
    return true;
}

}  // namespace holdfast::detail
