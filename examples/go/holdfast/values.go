package holdfast

// #include "bridge.h"
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"unsafe"
)

// memory is what the arguments of one call consist of. It is C's: an hf_value points to other memory,
// and what Go passes to C must not point to memory of Go's.
type memory struct{ parts []unsafe.Pointer }

func (m *memory) free() {
	for _, part := range m.parts {
		C.free(part)
	}
}

func (m *memory) values(from []any) (*C.hf_value, error) {
	first := (*C.hf_value)(C.calloc(C.size_t(len(from)+1), C.sizeof_hf_value))
	m.parts = append(m.parts, unsafe.Pointer(first))
	all := unsafe.Slice(first, len(from))
	for i := range all {
		if err := m.value(from[i], &all[i]); err != nil {
			return nil, err
		}
	}
	return first, nil
}

// cgo sees a union as bytes. Its members have the same address.
func union[T any](value *C.hf_value) *T { return (*T)(unsafe.Pointer(&value.as)) }

// run is as.text, and as.list: a pointer, and a size or count.
type run struct {
	data unsafe.Pointer
	size C.size_t
}

func (m *memory) value(from any, to *C.hf_value) error {
	switch value := from.(type) {
	case nil:
		to.kind = C.HF_NONE
	case bool:
		to.kind = C.HF_BOOL
		if value {
			*union[C.int](to) = 1
		}
	case int:
		to.kind = C.HF_INT
		*union[int64](to) = int64(value)
	case int64:
		to.kind = C.HF_INT
		*union[int64](to) = value
	case float64:
		to.kind = C.HF_FLOAT
		*union[float64](to) = value
	case string:
		to.kind = C.HF_TEXT
		*union[run](to) = m.copy([]byte(value))
	case []byte:
		to.kind = C.HF_BYTES
		*union[run](to) = m.copy(value)
	case []any:
		items, err := m.values(value)
		if err != nil {
			return err
		}
		to.kind = C.HF_LIST
		*union[run](to) = run{unsafe.Pointer(items), C.size_t(len(value))}
	default:
		return fmt.Errorf("a %T cannot be passed to Python", from)
	}
	return nil
}

func (m *memory) copy(bytes []byte) run {
	data := C.CBytes(bytes)
	m.parts = append(m.parts, data)
	return run{data, C.size_t(len(bytes))}
}

func fromC(value *C.hf_value) (any, error) {
	text := union[run](value)
	switch value.kind {
	case C.HF_NONE:
		return nil, nil
	case C.HF_BOOL:
		return *union[C.int](value) != 0, nil
	case C.HF_INT:
		return *union[int64](value), nil
	case C.HF_FLOAT:
		return *union[float64](value), nil
	case C.HF_TEXT:
		return string(unsafe.Slice((*byte)(text.data), text.size)), nil
	case C.HF_BYTES:
		return C.GoBytes(text.data, C.int(text.size)), nil
	case C.HF_LIST:
		items := make([]any, 0, text.size)
		for _, one := range unsafe.Slice((*C.hf_value)(text.data), text.size) {
			item, err := fromC(&one)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		return items, nil
	}
	return nil, fmt.Errorf("a value of the kind %d is not supported by this example", value.kind)
}
