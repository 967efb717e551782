// Paths of a configuration are taken apart as std::filesystem does, and come from any kind of text.
#include <holdfast/lifecycle.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/platform/files.hpp>

#include "check.hpp"
#include "scratch_folder.hpp"

namespace {

namespace fs = std::filesystem;
namespace detail = holdfast::detail;

void demand_pieces() {
    for (const char *const text :
         {"/usr/bin/python3", "venv//bin//python", "/x", "x", "", "a/", "//x", "../b/c"}) {
        const fs::path path(text);
        CHECK(detail::file_name(text) == path.filename().string());
        CHECK(detail::parent_folder(text) == path.parent_path().string() || path.string() == "//x");
        CHECK(detail::in_folder(text, "name") == (path / "name").string());
        CHECK(detail::absolute_path(text) ==
              (path.empty() ? fs::current_path().string() + '/' : fs::absolute(path).string()));
    }
    CHECK(detail::parent_folder("//x") == "/");
}

void demand_answers(const fs::path &folder) {
    const std::string file = (folder / "file").string();
    std::ofstream(file) << "first\nsecond\n";
    fs::create_symlink("file", folder / "link");
    const std::string link = (folder / "link").string();
    const std::string missing = (folder / "missing").string();

    CHECK(detail::file_exists(link) && !detail::file_exists(missing));
    CHECK(detail::is_folder(folder.string()) && !detail::is_folder(file));
    CHECK(detail::is_regular_file(link) && !detail::is_regular_file(folder.string()));
    CHECK(detail::is_same_file(file, link) && !detail::is_same_file(file, "/proc/self/exe"));
    CHECK(detail::resolved_path(link) == fs::canonical(file).string());
    CHECK(detail::resolved_path(missing).empty());
    CHECK(detail::file_text(file, 100) == "first\nsecond\n");
    CHECK(detail::file_text(file, 2) == "fi");
    CHECK(detail::file_text(missing, 2).empty() && detail::file_text(folder.string(), 2).empty());
    std::vector<std::string> names = detail::names_in(folder.string());
    std::sort(names.begin(), names.end());
    CHECK((names == std::vector<std::string>{".", "..", "file", "link"}));
    CHECK(detail::names_in(missing).empty());
}

}  // namespace

int main() {
    demand_pieces();
    const scratch_folder scratch;
    demand_answers(scratch.path());

    holdfast::interpreter_config config;
    config.home = fs::path("/a");
    CHECK(config.home.string() == "/a");
    config.home = std::string_view("/bc").substr(0, 2);
    CHECK(config.home.string() == "/b");
    config.home = {};
    CHECK(config.home.empty());
    config.module_search_paths = {"/one", std::string("/two"), fs::path("/three")};
    CHECK(config.module_search_paths.size() == 3);
}
