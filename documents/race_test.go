//go:build race

package documents_test

// raced tells that the race detector is on, which makes everything slow: tests of one
// goroutine do less then.
const raced = true
