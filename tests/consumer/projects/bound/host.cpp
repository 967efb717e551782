#include "shop/pricing.hpp"

#include <holdfast/interpreter.hpp>

#include <cstdio>

int main(int, char **argv) {
    holdfast::interpreter_config config;
    config.module_search_paths = {argv[1]};
    holdfast::interpreter python(config);
    std::printf("%g\n", shop::pricing::price({{1.5, 2}, {3}}));
}
