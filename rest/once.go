package rest

import (
	"context"
	"errors"
	"fmt"
)

// makeOnce makes something by a request that must not be carried out twice. When its outcome is unclear it looks for what the
// request was to make, for as long as lists lag behind. What is not there then is asked for a second and last time.
func makeOnce[T any](ctx context.Context, send func() (T, error), find func() (T, bool, error)) (T, error) {
	for try := 1; ; try++ {
		made, err := send()
		if e, ok := errors.AsType[*Error](err); !ok || !e.ambiguous {
			return made, err
		}
		there, lookErr := patiently(ctx, func() (there bool, err error) {
			made, there, err = find()
			return there, err
		})
		switch {
		case there:
			return made, nil
		case lookErr != nil || try == 2:
			return made, fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
		}
	}
}
