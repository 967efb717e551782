/* Tables whose structures a macro declares; the last one ends the file. */
#define DECLARE_TABLE(name) struct name { void (*idle)(void); };
DECLARE_TABLE(made_before)
struct after_made {
    void (*idle)(void);
};
DECLARE_TABLE(made_last)
