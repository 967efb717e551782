// Calls that wait, as their text says: a statement for a database, a flag of OpenCL.
#include <Python.h>

#include <string>

class database {
public:
    int query(const char *text, ...);
    int execute(const char *text);
    int exec(const std::string &text);
    std::string &sql();
    void log_query(const char *text);
};
extern "C" char *sql_mprintf(const char *text, ...);
extern database the_database;
extern "C" int clEnqueueReadBuffer(void *queue, void *memory, unsigned blocking, void *to);
#define CL_TRUE 1
#define CL_FALSE 0

PyObject *asks(PyObject *, PyObject *) {
    the_database.query("SELECT name FROM people WHERE id = %d", 1);  // expect HF613
    the_database.execute("INSERT INTO people VALUES (1)");  // expect HF613
    the_database.execute("--verbose");
    the_database.query("name");
    the_database.log_query("SELECT 1");
    sql_mprintf("SELECT %d", 1);
    Py_BEGIN_ALLOW_THREADS
    the_database.execute("COMMIT");
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

// In small letters, what follows decides; a std::string may be made of the text.
PyObject *asks_softly(PyObject *, PyObject *) {
    PyErr_Clear();
    the_database.execute("select name from people");           // expect HF613
    the_database.execute("create temporary table people (a)"); // expect HF613
    the_database.exec("UPDATE people SET name = 1");           // expect HF613
    the_database.exec(std::string("delete from people") + ";"); // expect HF613
    the_database.exec("begin");                                // expect HF613
    the_database.execute("select the first one");
    the_database.execute("update");
    the_database.exec("begin the work");
    the_database.exec("create a file");
    the_database.sql() += "select name from people";
    Py_BEGIN_ALLOW_THREADS
    the_database.exec("select name from people");
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

PyObject *copies(PyObject *, PyObject *flag) {
    char to[8];
    PyErr_Clear();
    clEnqueueReadBuffer(nullptr, nullptr, CL_TRUE, to);          // expect HF613
    clEnqueueReadBuffer(nullptr, nullptr, flag == Py_True, to);  // expect HF613
    clEnqueueReadBuffer(nullptr, nullptr, CL_FALSE, to);
    Py_RETURN_NONE;
}

// A macro may have the brackets of a condition.
#define FOREVER (1)
PyObject *loops(PyObject *, PyObject *flag) {
    Py_BEGIN_ALLOW_THREADS
    while FOREVER {
        PyErr_Clear();  // expect HF601
        if (flag)
            break;
    }
    do
        flag = nullptr;
    while FOREVER;
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}
