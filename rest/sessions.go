package rest

import (
	"context"
	"fmt"
	"net/http"
)

// A SessionInfo is what the server knows of a session.
type SessionInfo struct {
	ID             string   `api:"@id"` // what EndSession takes; empty when the server does not tell it
	SiteLUID       string   `api:"site/@id"`
	SiteName       string   `api:"site/@name"`
	SiteContentURL string   `api:"site/@contentUrl"`
	UserLUID       string   `api:"user/@id"`
	UserName       string   `api:"user/@name"`
	SiteRole       SiteRole `api:"user/@siteRole"` // of the user
}

// Current asks the server whose session this is and where ("Get Current Server Session", API 3.1).
func (s *Session) Current(ctx context.Context) (SessionInfo, error) {
	q := &request{
		op: "Get Current Server Session", since: Version{3, 1}, method: http.MethodGet, scope: versionScope, path: "sessions/current",
	}
	info, err := read[SessionInfo](ctx, s, q, "session")
	if err != nil {
		return SessionInfo{}, fmt.Errorf("asking for the current session: %w", err)
	}
	return info, nil
}

// EndSession ends a session of anybody's by its ID, which is for server administrators; this session is ended by SignOut
// ("Delete Server Session", API 3.9, not on Tableau Cloud).
func (s *Session) EndSession(ctx context.Context, id string) error {
	err := checkLUID("session", id)
	if err == nil {
		err = s.remove(ctx, &request{
			op: "Delete Server Session", since: Version{3, 9}, method: http.MethodDelete, scope: versionScope,
			path: "sessions/" + segments(id),
		})
	}
	if err != nil {
		return fmt.Errorf("ending session %q: %w", id, err)
	}
	return nil
}

// RevokeAdministratorTokens deletes the personal access tokens of all server administrators and ends the sessions signed in
// with them, perhaps this one ("Revoke Administrator Personal Access Tokens", API 3.10, not on Tableau Cloud).
func (s *Session) RevokeAdministratorTokens(ctx context.Context) error {
	_, err := s.call(ctx, &request{
		op: "Revoke Administrator Personal Access Tokens", since: Version{3, 10}, method: http.MethodDelete, scope: versionScope,
		path: "auth/serverAdminAccessTokens",
	})
	if err != nil {
		return fmt.Errorf("revoking the personal access tokens of server administrators: %w", err)
	}
	return nil
}
