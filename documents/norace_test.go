//go:build !race

package documents_test

// raced tells that the race detector is on.
const raced = false
