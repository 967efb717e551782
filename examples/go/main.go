// Eight goroutines call Python, and Python calls Go.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"scores/holdfast"
)

const code = `
import host

def score(text, weight):
    return len(text) * weight / 8 + host.bonus(len(text))
`

// The thread that starts Python must also end it
func init() { runtime.LockOSThread() }

func bonus(args []any) (any, error) {
	length, isInt := args[0].(int64)
	if !isInt {
		return nil, errors.New("bonus() takes an int")
	}
	// Other goroutines run Python while this one waits
	if err := holdfast.Detached(func() error { time.Sleep(time.Millisecond); return nil }); err != nil {
		return nil, err
	}
	return 100 / length, nil // panics if it is 0
}

func run() error {
	python, err := holdfast.Start()
	if err != nil {
		return err
	}
	if err := holdfast.Define("host", "bonus", bonus); err != nil {
		return err
	}
	if err := holdfast.Exec(code); err != nil {
		return err
	}
	score, err := holdfast.Find("__main__", "score")
	if err != nil {
		return err
	}
	defer score.Free() // also after the end

	var results [8]any
	var all sync.WaitGroup
	for i := range results {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			result, err := score.Call("goph", i+1)
			if err != nil {
				result = err
			}
			results[i] = result
		}(i)
	}
	all.Wait()
	fmt.Println(results)

	// Several calls in one attach
	err = holdfast.Attached(func() error {
		for _, text := range []string{"a", "bcd"} {
			if _, err := score.Call(text, 1); err != nil {
				return err
			}
		}
		return nil
	})
	fmt.Println("attached:", err)

	_, err = score.Call("", 1)
	fmt.Println("an exception:", err)

	if err := python.Finalize(5000); err != nil {
		return err
	}
	_, err = score.Call("late", 1)
	var late *holdfast.Error
	fmt.Println("late:", errors.As(err, &late) && late.Late())
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
