// holdfast/attach.hpp: attaching and detaching native threads, and locks that wait detached.
#pragma once

#include <holdfast/annotations.hpp>
#include <holdfast/attach/context.hpp>
#include <holdfast/attach/gc_traverse.hpp>
#include <holdfast/attach/guards.hpp>
#include <holdfast/attach/make_guard.hpp>
#include <holdfast/attach/shared_mutex.hpp>
#include <holdfast/attach/view.hpp>
#include <holdfast/attach/waits.hpp>
#include <holdfast/error.hpp>
