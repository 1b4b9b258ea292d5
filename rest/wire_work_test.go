package rest

import (
	"fmt"
	"slices"
)

var workRows = slices.Concat(jobRows, taskRows, scheduleRows, subscriptionRows, noticeRows, metadataRows)

// want is nil when a call came back without an error and with what it should.
func want[T any](got T, err error, is func(T) bool) error {
	if err == nil && !is(got) {
		err = fmt.Errorf("came back: %+v", got)
	}
	return err
}

// wantAll is want for lists.
func wantAll[T any](list func(func(T, error) bool), is func([]T) bool) error {
	items, err := Collect(list)
	return want(items, err, is)
}
