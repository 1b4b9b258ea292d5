package main

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// canShowColours has a console take colours, which old ones do when they are told to.
func canShowColours(console *os.File) bool {
	var mode uint32
	handle := windows.Handle(console.Fd())
	return windows.GetConsoleMode(handle, &mode) == nil &&
		(mode&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0 || windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil)
}

// nobodyReads says that an error of writing comes from a pipe whose reader has left.
func nobodyReads(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA)
}
