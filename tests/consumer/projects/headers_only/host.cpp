#include <holdfast/version.hpp>

int main() { return HOLDFAST_VERSION_HEX == 0; }
