//go:build !windows

package main

import "os"

// canShowColours says that terminals show colours; which do not, TERM says.
func canShowColours(*os.File) bool { return true }
