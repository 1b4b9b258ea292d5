//go:build !windows

package main

import (
	"errors"
	"os"
	"syscall"
)

// canShowColours says that terminals show colours; which do not, TERM says.
func canShowColours(*os.File) bool { return true }

// nobodyReads says that an error of writing comes from a pipe whose reader has left.
func nobodyReads(err error) bool { return errors.Is(err, syscall.EPIPE) }
