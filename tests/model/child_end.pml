/* Who ends a sub-interpreter, and who deletes the object that stands for it. For the checker spin.
 *
 * The protocol of lifecycle/subinterpreter_lifetime.hpp and of the chain in gate/children.hpp. The owner lets go
 * of the object: it ends the interpreter, unless somebody else has, or the main interpreter is closing, which
 * then does it. The main interpreter's end takes every object of its chain in hand in turn, may run
 * into its limit, and comes again.
 *
 * The gate of the sub-interpreter is a count of users who leave in the end; gate.pml is why it may be.
 *
 * Shown: the interpreter is ended once, by somebody who is alone at it, and before the main one; the object
 * is deleted once, and nobody touches it afterwards; owner and main interpreter come to their ends.
 *
 * -DMUTANT_... leaves out one thing that the protocol needs; spin must find each of them wrong.
 */

#ifndef USERS
#define USERS 1
#endif
#ifndef ROUNDS
#define ROUNDS 3 /* how often the main interpreter's end comes; the last time without a limit */
#endif

#define LET_GO 1
#define DONE 2

bool main_open = true;
bool owner_in_main; /* it is attached to the main interpreter, inside that one's gate */
bool alive = true;  /* the interpreter; taking it down is two steps */
bool going;
byte users = USERS;
byte ended;

bool linked = true; /* in the main interpreter's chain */
bool in_hand;       /* given out by next_to_end(), until ended_one() */
bool busy;
byte progress;
bool deleted;
byte finished;

#define touch assert(!deleted)
#define is_done (progress & DONE || !alive)

inline take_busy() {
    touch;
#ifdef MUTANT_NOT_ALONE
    busy = true
#else
    atomic { !busy -> busy = true }
#endif
}

inline give_up_busy() { touch; busy = false }

inline take_down() {
    assert(alive && !going);
    going = true;
    ended++;
    alive = false;
    going = false
}

inline remove(waits) {
#ifdef MUTANT_REMOVES_AT_ONCE
    linked = false;
#else
    if
    :: waits -> atomic { !in_hand -> linked = false }
    :: else -> linked = false
    fi;
#endif
    touch;
    deleted = true
}

active [USERS] proctype user() { users-- }

active proctype owner() {
    byte before;
#ifdef MUTANT_UNLINKS_FIRST
    linked = false;
#endif
again:
    touch;
    if
    :: is_done -> goto gone
    :: !is_done && !main_open -> goto gone
    :: else
    fi;
    take_busy();
#ifndef MUTANT_NO_SECOND_LOOK
    if
    :: is_done -> give_up_busy(); goto gone
    :: else
    fi;
#endif
    assert(alive); /* it closes the gate: else that of whoever has the record by now */
    if
    :: users > 0 -> give_up_busy(); goto again /* the limit of one wait has passed */
    :: users == 0 ->
        atomic {
            if
            :: main_open -> owner_in_main = true
            :: else
            fi
        };
        if
        :: owner_in_main -> take_down(); owner_in_main = false
        :: else /* refused: the main interpreter ends it */
        fi;
        give_up_busy()
    fi;
gone:
    touch;
    d_step {
        if
        :: !alive -> progress = progress | DONE
        :: else
        fi
    };
    d_step { before = progress; progress = progress | LET_GO };
#ifndef MUTANT_NOBODY_DELETES
    if
    :: before & DONE -> remove(true)
    :: else
    fi;
#endif
    finished++
}

active proctype end_of_main() {
    byte before, rounds;
    bool mine;
    main_open = false;
    !owner_in_main; /* its own gate is empty */
    do
    :: rounds < ROUNDS ->
        rounds++;
        mine = false;
        atomic {
            if
            :: linked -> touch; in_hand = true
            :: else -> break
            fi
        };
        take_busy();
        if
        :: is_done ->
            d_step { before = progress; progress = progress | DONE };
            mine = true
        :: !is_done && users == 0 ->
            take_down();
            d_step { before = progress; progress = progress | DONE };
            mine = true
        :: !is_done && users > 0 && rounds < ROUNDS /* its limit has passed */
        fi;
        give_up_busy();
        if
#ifdef MUTANT_BOTH_DELETE
        :: mine && before & LET_GO -> remove(false)
#else
        :: mine && before == LET_GO -> remove(false)
#endif
        :: else
        fi;
        in_hand = false
    :: else -> break
    od;
    assert(!alive);
    finished++
}

active proctype at_last() {
    finished == 2;
    assert(ended == 1 && deleted && !linked)
}
