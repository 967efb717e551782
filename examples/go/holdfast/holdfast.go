// Package holdfast wraps the parts of holdfast.h that the example needs.
//
// A goroutine may move to another thread between two calls of C. So everything here is pinned to
// its thread: an attached scope belongs to one thread, and so does the text of the last error.
package holdfast

// #cgo pkg-config: holdfast-c
// #include "bridge.h"
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"runtime"
	"runtime/cgo"
	"unsafe"
)

// Error is a call that failed: Code is nnn of HFnnn, 400 for a Python exception of type Type.
type Error struct {
	Code    int
	Type    string
	Message string
}

func (e *Error) Error() string { return e.Message }

// Late says whether the call came after the end of Python had begun. Nothing was run.
func (e *Error) Late() bool { return e.Code >= C.HF_FINALIZING && e.Code <= C.HF_STALE }

// failed is this thread's last error. The caller is pinned.
func failed(status C.hf_status) error {
	if status == C.HF_OK {
		return nil
	}
	return &Error{int(status), C.GoString(C.hf_last_type()), C.GoString(C.hf_last_message())}
}

// pinned keeps the goroutine on its thread until the returned function is called.
func pinned() func() {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

// Python is the interpreter. Only the thread that starts it may end it, so the goroutine that calls
// Start must be pinned: call runtime.LockOSThread in an init function of package main.
type Python struct{ its *C.hf_interpreter }

// Start finds a Python and starts it.
func Start() (Python, error) {
	var python Python
	return python, failed(C.hf_start(nil, &python.its))
}

// Finalize refuses new calls, waits for those that run, and ends Python.
func (p Python) Finalize(limitMs int64) error {
	return failed(C.hf_finalize(p.its, C.int64_t(limitMs), nil))
}

// Attached runs f attached, on one thread. Python waits for it at its end.
func Attached(f func() error) error {
	return scoped(func(scope *C.hf_scope) C.hf_status {
		return C.hf_attach(scope, C.hf_main_view())
	}, f)
}

// Detached runs f detached: use it in a function that Python calls, around what may block.
func Detached(f func() error) error {
	return scoped(func(scope *C.hf_scope) C.hf_status { return C.hf_detach(scope) }, f)
}

func scoped(begin func(*C.hf_scope) C.hf_status, f func() error) error {
	defer pinned()()
	// A goroutine's stack moves, and an hf_scope must not
	scope := (*C.hf_scope)(C.calloc(1, C.sizeof_hf_scope))
	defer C.free(unsafe.Pointer(scope))
	if err := failed(begin(scope)); err != nil {
		return err
	}
	defer C.hf_end(scope) // also if f panics
	return f()
}

// Exec runs statements in __main__.
func Exec(code string) error {
	defer pinned()()
	text := C.CString(code)
	defer C.free(unsafe.Pointer(text))
	return failed(C.hf_exec(text))
}

// Function is a Python function. Any goroutine may call it.
type Function struct{ its *C.hf_function }

// Find imports the module and looks the function up. Free it after the last call.
func Find(module, name string) (Function, error) {
	defer pinned()()
	m, n := C.CString(module), C.CString(name)
	defer C.free(unsafe.Pointer(m))
	defer C.free(unsafe.Pointer(n))
	var f Function
	return f, failed(C.hf_find(m, n, &f.its))
}

// Free may be called on any thread, also after Python's end.
func (f Function) Free() { C.hf_function_free(f.its) }

// Call attaches by itself, and returns nil, bool, int64, float64, string, []byte or []any.
func (f Function) Call(args ...any) (any, error) {
	defer pinned()()
	var memory memory
	defer memory.free()
	first, err := memory.values(args)
	if err != nil {
		return nil, err
	}
	var result C.hf_value
	if err := failed(C.hf_call(f.its, first, C.size_t(len(args)), &result)); err != nil {
		return nil, err
	}
	defer C.hf_value_clear(&result)
	return fromC(&result)
}

// Callback is a Go function that Python calls, attached. An error becomes a RuntimeError.
type Callback func(args []any) (any, error)

// Define makes it a function of a Python module. Python may call it until the process exits.
func Define(module, name string, callback Callback) error {
	defer pinned()()
	m, n := C.CString(module), C.CString(name)
	defer C.free(unsafe.Pointer(m))
	defer C.free(unsafe.Pointer(n))
	return failed(C.bridge_define(m, n, C.uintptr_t(cgo.NewHandle(callback))))
}

//export callGo
func callGo(handle C.uintptr_t, args *C.hf_value, count C.size_t, result *C.hf_value) (status C.hf_status) {
	raise := func(problem any) C.hf_status {
		kind, text := C.CString("RuntimeError"), C.CString(fmt.Sprint(problem))
		defer C.free(unsafe.Pointer(kind))
		defer C.free(unsafe.Pointer(text))
		return C.hf_raise(kind, text)
	}
	defer func() { // a panic must not reach Python's frames
		if problem := recover(); problem != nil {
			status = raise(fmt.Sprint("the Go function panicked: ", problem))
		}
	}()
	values := make([]any, 0, count)
	for _, one := range unsafe.Slice(args, count) {
		value, err := fromC(&one)
		if err != nil {
			return raise(err)
		}
		values = append(values, value)
	}
	returned, err := cgo.Handle(handle).Value().(Callback)(values)
	if err != nil {
		return raise(err)
	}
	var memory memory
	defer memory.free()
	first, err := memory.values([]any{returned})
	if err != nil {
		return raise(err)
	}
	return C.hf_value_copy(first, result) // cleared for us after the call
}
