/* Who deletes a kept thread state: its thread's exit hook or finalization. For the checker spin.
 *
 * The protocol of attach/attach_guard.hpp, cached_state.hpp and gate/registry.hpp: a thread keeps a state, keyed by the
 * record's generation. At its exit it enters the gate; admitted, and the generation still the same,
 * it deletes the state; refused, or of another generation, it does not touch it. The finalizing
 * thread closes, drains, deletes what is left, and retires the record, which is then recycled: a new
 * generation, the same gate, and new states at old addresses.
 *
 * A finalize() that interrupts asks threads, by a word of their states, before it attaches. It finds a state in what the
 * thread's entry in the gate says, under the gate's mutex; a thread that deletes its state has it forgotten there before.
 *
 * The gate is one step here, and so is entering it: gate.pml is why it may be.
 *
 * Shown: no two threads ever touch one state, nobody touches a deleted one or one of another
 * generation, a state that is asked lives until that is over, each generation's states are all deleted at its end, and every thread and the
 * finalizer come to their ends.
 *
 * A1 to A3 (an attach), T1 to T5 (the exit hook), Q1 (the question) and F1 to F5 (finalization and the next start) mark
 * the same steps here and in the code, in comments.
 *
 * -DMUTANT_... leaves out one thing that the protocol needs; spin must find each of them wrong.
 */

#ifndef THREADS
#define THREADS 2
#endif
#ifndef CALLS
#define CALLS 2 /* attaches of each thread before it exits */
#endif
#ifndef GENERATIONS
#define GENERATIONS 2 /* how often the interpreter is started */
#endif

#define CELLS THREADS /* addresses at which states may lie */
#define NOWHERE 255
#define FINALIZER THREADS
#define NOBODY 255

bool open = true;
byte inside;
byte generation = 1;
byte gil = NOBODY;
bool locked; /* the gate's mutex */
byte noted[THREADS]; /* where the state is that a thread keeps, and one more, as its entry says; 0: it says none */

byte lives_in[CELLS]; /* the generation of the state at this address; 0: none, or deleted */
byte touching[CELLS]; /* how many threads are at it */

inline attach(me) { atomic { gil == NOBODY -> gil = me } }

inline detach() { gil = NOBODY }

/* Two steps, so that a second thread at the same state is seen. */
inline touch(cell) {
    atomic {
        assert(touching[cell] == 0);
        assert(lives_in[cell] == generation);
        touching[cell]++
    };
    touching[cell]--
}

/* Two steps as well: it may be in use, but must not go. */
inline ask(cell) {
    assert(lives_in[cell] == generation);
    assert(lives_in[cell] == generation)
}

inline lock() { atomic { !locked -> locked = true } }

inline delete(cell) {
    touch(cell);
    lives_in[cell] = 0
}

/* PyThreadState_New: at any free address, so also where a deleted state lay. */
inline make_state() {
    atomic {
        kept = 0;
        do
        :: lives_in[kept] != 0 -> kept++
        :: lives_in[kept] == 0 && kept + 1 < CELLS && lives_in[kept + 1] == 0 -> kept++
        :: lives_in[kept] == 0 -> break
        od;
        lives_in[kept] = generation;
        kept_in = generation
    }
}

proctype thread(byte me) {
    byte calls = CALLS;
    byte view; /* the generation that this thread wants to attach to */
    byte kept = NOWHERE;
    byte kept_in;

    do
    :: calls > 0 ->
        calls--;
        view = generation;
        if
        :: atomic { open -> inside++ }; /* A1 */
            if
            :: view == generation -> /* A2 */
                if
                :: kept == NOWHERE || kept_in != generation ->
                    make_state();
                    noted[me] = kept + 1 /* A3 */
                :: else
                fi;
                attach(me);
                touch(kept);
                detach()
            :: else /* stale: the record is another interpreter's by now */
            fi;
            inside--
        :: !open /* refused */
        fi
    :: break
    od;

    /* The exit hook. */
    if
    :: kept == NOWHERE -> goto gone
    :: else
    fi;
#ifdef MUTANT_HOOK_WITHOUT_GATE
    if
    :: true ->
#else
    if
#ifdef MUTANT_DELETES_WHEN_REFUSED
    :: !open ->
        attach(me);
        delete(kept);
        detach()
#else
    :: !open /* refused: finalization deletes it */
#endif
    :: atomic { open -> inside++ }; /* T1 */
#endif
#ifdef MUTANT_LEAVES_FIRST
        inside--;
#endif
        if
#ifdef MUTANT_NO_GENERATION
        :: true ->
#else
        :: kept_in != generation /* freed long ago, whatever lies there now */
        :: kept_in == generation -> /* T2 */
#endif
            attach(me);
#ifndef MUTANT_DELETES_WHAT_IS_NOTED
            lock();
            noted[me] = 0; /* T3 */
            locked = false;
#endif
            delete(kept); /* T4 */
            detach()
        fi;
#if !defined(MUTANT_LEAVES_FIRST) && !defined(MUTANT_HOOK_WITHOUT_GATE)
        inside-- /* T5 */
#endif
    fi;
gone:
    skip
}

proctype finalizer() {
    byte cell;
    byte asked; /* how many threads have been */

    do
    :: true ->
        open = false; /* F1 */
        if
        :: asked < THREADS ->
#ifndef MUTANT_ASKS_WITHOUT_LOCK
            lock();
#endif
            if
            :: noted[asked] != 0 -> ask(noted[asked] - 1) /* Q1 */
            :: else
            fi;
            locked = false;
            asked++
        :: true
        fi;
#ifndef MUTANT_NO_DRAIN
        inside == 0; /* F2 */
#endif
        attach(FINALIZER);
        cell = 0;
        do
        :: cell < CELLS ->
#ifndef MUTANT_FINALIZER_FORGETS
            if
            :: lives_in[cell] == generation -> delete(cell) /* F3 */
            :: else
            fi;
#endif
            cell++
        :: else -> break
        od;
        atomic {
            for (cell : 0 .. CELLS - 1) {
                assert(lives_in[cell] != generation)
            }
            for (cell : 0 .. THREADS - 1) {
                noted[cell] = 0
            }
            cell = 0
        };
        detach();
        if
        :: generation == GENERATIONS -> break
        :: else
        fi;
#ifdef MUTANT_OPENS_FIRST
        open = true;
        generation++
#else
        generation++; /* F4 */
        open = true /* F5 */
#endif
    od
}

init {
    atomic {
        byte i;
        for (i : 0 .. THREADS - 1) {
            run thread(i)
        }
        run finalizer()
    }
}
