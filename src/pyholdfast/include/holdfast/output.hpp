// holdfast/output.hpp: forwards what Python prints and logs to the host.
#pragma once

#include <holdfast/output/output.hpp>
