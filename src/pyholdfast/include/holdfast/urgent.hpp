// holdfast/urgent.hpp: attaching before the threads that run Python, by choice. Experimental.
#pragma once

#include <holdfast/attach/urgent_attach_guard.hpp>
