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

// sendOnce sends a request that must not be carried out twice. One that may have been carried out all the same is an
// ErrOutcomeUnknown.
func sendOnce(ctx context.Context, s *Session, q *request) (*element, error) {
	q.once = true
	answer, err := s.call(ctx, q)
	if e, ok := errors.AsType[*Error](err); ok && e.ambiguous {
		err = fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
	}
	return answer, err
}

// readOnce is sendOnce for a request whose answer holds one element of that name.
func readOnce[T any](ctx context.Context, s *Session, q *request, name string) (T, error) {
	answer, err := sendOnce(ctx, s, q)
	return decodeChild[T](answer, name, err)
}

// startJob sends a request that starts a job and must not start two.
func startJob(ctx context.Context, s *Session, q *request, body ...*element) (Job, error) {
	if err := q.carry(body...); err != nil {
		return Job{}, err
	}
	return readOnce[Job](ctx, s, q, "job")
}

// startWork sends a request that is answered by a job, or by none when the server has done the work already.
func startWork(ctx context.Context, s *Session, q *request) (Job, error) {
	answer, err := sendOnce(ctx, s, q)
	if err != nil || answer.child("job") == nil {
		return Job{}, err
	}
	return decodeElement[Job](answer.child("job")), nil
}
