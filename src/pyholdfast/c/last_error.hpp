// c/last_error.hpp: a thread's last error. The library and each backend have their own.
//
// Must not include <Python.h>.
#pragma once

#include <new>
#include <string>
#include <utility>

#include <pthread.h>

#include <holdfast/platform/library.hpp>

namespace holdfast::c {

struct error_texts {
    int code = 0;
    std::string message, type, traceback;
};

/// Keeps the library with this code loaded until the process exits, as a plug-in that contains it may
/// be unloaded before its threads end, whose texts are freed by code in it.
inline void keep_this_library() noexcept {
    static const bool is_kept = [] {
        static const char here = 0;
        detail::pin_library(&here);
        return true;
    }();
    static_cast<void>(is_kept);
}

/// The texts are stored with a pthread key, not in a C++ thread_local: a user's thread-exit hooks
/// may call our functions after all thread_local objects have been destroyed.
class last_error {
public:
    /// This thread's, made if necessary; null: no memory.
    static error_texts *of_this_thread() noexcept {
        if (mine_ == nullptr && key().is_made) {
            mine_ = new (std::nothrow) error_texts;
            keep_this_library();
            if (mine_ != nullptr)
                pthread_setspecific(key().number, mine_);
        }
        return mine_;
    }

    static int set(int code, std::string message, std::string type = {},
                   std::string traceback = {}) noexcept {
        if (error_texts *const texts = of_this_thread()) {
            texts->code = code;
            texts->message = std::move(message);
            texts->type = std::move(type);
            texts->traceback = std::move(traceback);
        }
        return code;
    }

    /// Sets one of our errors: the problem and the remedy, in two lines.
    static int set(int code, const std::string &problem, const char *remedy) {
        return set(code, "HF" + std::to_string(code) + ' ' + problem + "\n  do: " + remedy,
                   std::string());
    }

private:
    struct thread_key {
        pthread_key_t number{};
        bool is_made = pthread_key_create(&number, &forget) == 0;
    };
    static const thread_key &key() {
        static const thread_key made;
        return made;
    }
    static void forget(void *texts) {
        mine_ = nullptr;
        delete static_cast<error_texts *>(texts);
    }
    static inline thread_local error_texts *mine_ = nullptr;
};

}  // namespace holdfast::c
