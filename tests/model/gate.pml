/* The gate of holdfast/gate/gate.hpp, for the model checker spin.
 *
 * Steps carry the labels of the argument in gate.hpp (E1..E3, L1..L4, C1..C3, W1); a test fails if
 * one side names a label that the other does not.
 *
 * Threads: WORKERS enter and leave, each with an entry of its own; one closer closes, waits detached,
 * may give up and open again, and at last finalizes. One GIL. With GUARDS, worker 0 also takes an
 * interpreter_guard while it is inside, comes back by it through the closed gate, and hands it to a
 * helper, which attaches by it and drops it.
 *
 * Memory: what a thread stores goes through a buffer of its own and reaches memory at any later
 * time, in order; loads read memory. Unlocking the mutex waits for one's own buffer (release);
 * locking waits for nothing (acquire). Without SYMMETRIC, E2 and L2 are nothing, and C2 empties
 * every thread's buffer, one thread after the other: membarrier(2). With it, E2 and L2 wait for the
 * thread's own buffer: sequentially consistent accesses.
 *
 * Shown without errors: safety (assertions, and no process stops before its end) for ENTRIES > 0;
 * with ENTRIES 0 the workers come back for ever, and `drain_ends` is shown under weak fairness.
 *
 * -DMUTANT_... leaves out one thing that the argument needs; spin must find each of them wrong.
 */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef ENTRIES
#define ENTRIES 2 /* calls of each worker; 0: for ever */
#endif
#ifndef REOPENS
#define REOPENS 1 /* how often the closer may give up at its limit and admit again */
#endif

#define HELPER WORKERS
#define ENTRY_COUNT (WORKERS + 1)
#define CLOSER ENTRY_COUNT
#define NOBODY 255

/* A guard that was handed over, and may be dropped by another thread, admits its maker no more. */
#ifdef MUTANT_NO_DISOWN
#define PASSES_BY_ANY_GUARD true
#else
#define PASSES_BY_ANY_GUARD false
#endif

#define OPEN 0
#define CLOSED 1

bit state = OPEN;
bit inside[ENTRY_COUNT];
bool linked[ENTRY_COUNT]; /* guarded by mutex */
bit guard;                /* the guard's entry: written under mutex, so it needs no buffer */
bool taken;               /* there is a guard, or was */
bool handed_over;         /* the helper has been given it: it is no longer worker 0's */
byte mutex = NOBODY;
byte gil = NOBODY;
bool asleep;              /* the closer, on the condition variable */

chan stores[ENTRY_COUNT] = [2] of { bit }; /* on their way to inside[] */
chan state_stores = [1] of { bit };        /* on their way to state */

/* What the properties talk about. */
bool admitted[ENTRY_COUNT]; /* E3 said yes, and L1 is not yet reached */
bool closing;               /* from close() until it is drained or admits again */
bool drained;               /* the wait said: nobody is inside */
bool dead;                  /* Py_FinalizeEx has begun */

#if ENTRIES == 0
ltl drain_ends { [](closing -> <> (drained || !closing)) }
#endif

active [ENTRY_COUNT] proctype memory() {
end:
    do
    :: stores[_pid] ? inside[_pid]
    od
}

active proctype memory_of_state() {
end:
    do
    :: state_stores ? state
    od
}

inline lock(me) { atomic { mutex == NOBODY -> mutex = me } }

inline unlock(me) { atomic { empty(stores[me]) -> mutex = NOBODY } }

inline notify() { asleep = false }

/* Whether the last notification is sent with the mutex taken in between. */
inline wake(me) {
#ifndef MUTANT_NOTIFY_WITHOUT_LOCK
    lock(me);
    unlock(me);
#endif
    notify()
}

inline full_barrier(me) { empty(stores[me]) }

inline use_python(me) {
    atomic { gil == NOBODY -> gil = me };
    assert(!dead && gil == me);
    gil = NOBODY
}

proctype worker(byte me) {
#if ENTRIES > 0
    byte left = ENTRIES;
#endif

#ifndef MUTANT_LINK_LATE
    lock(me);
    linked[me] = true;
    unlock(me);
#endif

again:
#if ENTRIES > 0
    if
    :: left == 0 -> goto done
    :: else -> left--
    fi;
#endif
#ifdef GUARDS
    if
    :: me == 0 && taken -> handed_over = true
    :: true
    fi;
#endif
#ifndef MUTANT_NO_LOOK_BEFORE
    if
    :: state != OPEN -> goto refused
    :: else
    fi;
#endif
E1: stores[me] ! 1;
E2:
#if defined(SYMMETRIC) && !defined(MUTANT_ENTER_RELAXED)
    full_barrier(me);
#else
    skip;
#endif
E3: atomic {
#ifndef MUTANT_NO_SECOND_LOOK
        if
        :: state != OPEN -> goto L1
        :: else
        fi;
#endif
        admitted[me] = true
    };
#ifdef MUTANT_LINK_LATE
    lock(me);
    linked[me] = true;
    unlock(me);
#endif

admitted_part:
#ifdef MUTANT_LEAVE_BEFORE_LAST_TOUCH
    stores[me] ! 0;
#endif
    use_python(me);
#ifdef GUARDS
    if
    :: me == 0 && !taken -> /* enter_linked(), whatever the gate says */
        lock(me);
        guard = 1;
        unlock(me);
        taken = true
    :: true
    fi;
#endif
    if /* it was detached for a while, and comes back: nobody asks the gate */
    :: true -> use_python(me)
    :: true
    fi;

L1: atomic { nfull(stores[me]) -> admitted[me] = false; stores[me] ! 0 };
L2:
#if defined(SYMMETRIC) && !defined(MUTANT_LEAVE_RELAXED)
    full_barrier(me);
#else
    skip;
#endif
L3: if
    :: state == OPEN -> goto again
    :: else
    fi;
L4:
#ifndef MUTANT_NO_WAKE
    wake(me);
#endif
    goto again;

refused:
#ifdef GUARDS
    if
    :: me == 0 && taken && (!handed_over || PASSES_BY_ANY_GUARD) -> /* has_guard_of() */
        lock(me);
        if
        :: guard == 0 -> unlock(me); goto again
        :: else
        fi;
        unlock(me);
        stores[me] ! 1; /* enter_always() */
        full_barrier(me);
        admitted[me] = true;
        goto admitted_part
    :: else
    fi;
#endif
    goto again;

#if ENTRIES > 0
done:
#ifdef GUARDS
    if
    :: me == 0 && taken -> handed_over = true
    :: else
    fi;
#endif
    lock(me);
    linked[me] = false;
    unlock(me)
#endif
}

#ifdef GUARDS
/* Takes over a guard, attaches by it, drops it: enter_always(), leave(), leave_linked(). */
proctype helper() {
    lock(HELPER);
    linked[HELPER] = true;
    unlock(HELPER);
end:
    handed_over;
#ifdef MUTANT_DROP_GUARD_FIRST
    lock(HELPER);
    guard = 0;
    unlock(HELPER);
    notify();
#endif
    stores[HELPER] ! 1;
    full_barrier(HELPER);
    admitted[HELPER] = true;
    use_python(HELPER);
    atomic { admitted[HELPER] = false; stores[HELPER] ! 0 };
#ifdef SYMMETRIC
    full_barrier(HELPER);
#endif
    if
    :: state != OPEN -> wake(HELPER)
    :: else
    fi;
#ifndef MUTANT_DROP_GUARD_FIRST
    lock(HELPER);
    guard = 0;
    unlock(HELPER);
#ifndef MUTANT_GUARD_NO_NOTIFY
    notify()
#endif
#endif
}
#endif

inline unlock_closer() { atomic { empty(state_stores) -> mutex = NOBODY } }

inline barrier_of_closer() {
    empty(state_stores);
#if !defined(SYMMETRIC) && !defined(MUTANT_NO_BARRIER)
    i = 0;
    do
    :: i < ENTRY_COUNT ->
        atomic {
            do
            :: nempty(stores[i]) -> stores[i] ? inside[i]
            :: else -> break
            od;
            i++
        }
    :: else -> break
    od
#endif
}

/* Reads every entry, one after the other. */
inline look_at_all() {
    i = 0;
    found = (guard == 1);
    do
    :: i < ENTRY_COUNT ->
        found = found || (linked[i] && inside[i] == 1);
        i++
    :: else -> break
    od
}

#ifdef MUTANT_NO_CLOSING
/* Newcomers go on being admitted until a moment is seen at which nobody is inside. The look is one
 * step and misses nothing, so starvation is all that is wrong with it. */
inline wait_for_a_quiet_moment() {
    gil = NOBODY;
    mutex = NOBODY;
    do
    :: atomic {
        found = false;
        for (i : 0 .. ENTRY_COUNT - 1) {
            found = found || admitted[i] || inside[i] == 1 || nempty(stores[i])
        }
        i = 0;
        if
        :: found
        :: else -> state = CLOSED; break
        fi
    }
    od;
    lock(CLOSER)
}
#endif

proctype closer() {
    byte i;
    byte reopens = REOPENS;
    bool found;
    bool gave_up;

close:
    gave_up = false;
    atomic { gil == NOBODY -> gil = CLOSER };
    lock(CLOSER);
    closing = true;
#ifdef MUTANT_NO_CLOSING
    wait_for_a_quiet_moment();
#endif
C1: state_stores ! CLOSED;
C2: barrier_of_closer();
    unlock_closer();
#ifndef MUTANT_WAIT_ATTACHED
    gil = NOBODY; /* detached: those inside may need the GIL to leave */
#endif

wait:
#ifndef MUTANT_LOOK_WITHOUT_LOCK
    lock(CLOSER);
#endif
C3: look_at_all();
W1: if
    :: found && !gave_up ->
        atomic { asleep = true; mutex = NOBODY };
        if
        :: !asleep
        :: reopens > 0 -> gave_up = true; asleep = false
        fi;
        goto wait
    :: else
    fi;
#ifndef MUTANT_LOOK_WITHOUT_LOCK
    unlock_closer();
#endif
    if
    :: found -> /* at its limit: the interpreter goes on running */
        reopens--;
        closing = false;
        lock(CLOSER);
        state_stores ! OPEN;
        unlock_closer();
        goto close
    :: else
    fi;

    atomic {
        drained = true;
        for (i : 0 .. ENTRY_COUNT - 1) {
            assert(!admitted[i])
        }
        i = 0
    };
    atomic { gil == NOBODY || gil == CLOSER -> gil = CLOSER };
    dead = true; /* every later step of anybody is checked against it */
    gil = NOBODY
}

init {
    atomic {
        byte i;
        for (i : 0 .. WORKERS - 1) {
            run worker(i)
        }
#ifdef GUARDS
        run helper();
#endif
        run closer()
    }
}
