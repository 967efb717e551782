// holdfast/attach.hpp: attaching and detaching native threads, and locks that wait detached.
#pragma once

#include <holdfast/annotations.hpp>
#include <holdfast/attach/context.hpp>
#include <holdfast/attach/lock.hpp>
#include <holdfast/attach/shared_mutex.hpp>
#include <holdfast/attach/thread_state.hpp>
#include <holdfast/attach/traverse.hpp>
#include <holdfast/attach/view.hpp>
