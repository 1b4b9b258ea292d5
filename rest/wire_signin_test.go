package rest

import (
	"context"
	"errors"
)

var signInRows = []wireRow{
	{
		rows: []int{41}, name: "Sign Out",
		call: func(ctx context.Context, s *Session) error {
			err := s.SignOut(ctx)
			if err == nil && s.SignOut(ctx) != nil {
				err = errors.New("signing out twice fails")
			}
			return err
		},
		seen:  []string{"POST /api/3.29/auth/signout"},
		reply: []reply{{status: 204}},
	},
}
