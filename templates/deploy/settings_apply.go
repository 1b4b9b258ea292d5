package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// apply makes the settings of what is published as they are wanted, and says what it has changed. Only what differs is sent.
// Each step is tried whatever becomes of the others, so that doing all of it again does only what is left. Permissions and the
// owner come last, because they may be put out of reach what they are about: nobody else than the publisher is sure to be
// allowed the rest. A refresh is waited for at the very end.
//
// It always refreshes where that is wanted: whoever has published nothing takes Refresh out of what is wanted.
func (s *settings) apply(ctx context.Context, o object, want templates.Publish) (done []string, err error) {
	var p problems
	var job rest.Job
	for _, step := range []struct {
		doing string
		do    func() (string, error)
	}{
		{"describing it", func() (string, error) { return s.describe(ctx, o, want.Description) }},
		{"showing its views as tabs", func() (string, error) { return s.tab(ctx, o, want.ShowTabs) }},
		{"tagging it", func() (string, error) { return s.tag(ctx, o, want) }},
		{"scheduling its refreshes", func() (string, error) { return s.schedule(ctx, o, want.Schedules) }},
		{"refreshing its extracts", func() (said string, err error) {
			said, job, err = s.refresh(ctx, o, want.Refresh)
			return said, err
		}},
		{"setting its permissions", func() (string, error) { return s.permit(ctx, o, want.Permissions) }},
		{"giving it to its owner", func() (string, error) { return s.own(ctx, o, want.Owner) }},
		{"waiting for its extracts", func() (string, error) { return s.await(ctx, job) }},
	} {
		said, err := step.do()
		if said != "" {
			done = append(done, said)
		}
		p.add(err, step.doing)
		if ctx.Err() != nil {
			break
		}
	}
	return done, p.err()
}

func (s *settings) describe(ctx context.Context, o object, want string) (string, error) {
	if want == "" || sameText(o.description, want) {
		return "", nil
	}
	if err := s.calls(o.workbook).update(ctx, o.luid, contentChange{description: &want}); err != nil {
		return "", err
	}
	return "description", nil
}

func (s *settings) tab(ctx context.Context, o object, want bool) (string, error) {
	if !o.workbook || o.showTabs == want {
		return "", nil
	}
	if err := s.calls(true).update(ctx, o.luid, contentChange{showTabs: &want}); err != nil {
		return "", err
	}
	return map[bool]string{true: "views as tabs", false: "no tabs"}[want], nil
}

func (s *settings) tag(ctx context.Context, o object, want templates.Publish) (string, error) {
	lacks := missingTags(o, want)
	if len(lacks) == 0 {
		return "", nil
	}
	if _, err := s.calls(o.workbook).addTags(ctx, o.luid, lacks...); err != nil {
		return "", err
	}
	return "tags " + strings.Join(lacks, ", "), nil
}

func (s *settings) own(ctx context.Context, o object, want string) (string, error) {
	if want == "" {
		return "", nil
	}
	user, err := s.users.get(ctx, want)
	if err != nil {
		return "", personal(err)
	}
	if user.LUID == o.ownerLUID {
		return "", nil
	}
	if err := s.calls(o.workbook).update(ctx, o.luid, contentChange{ownerLUID: &user.LUID}); err != nil {
		return "", err
	}
	return "owner " + want, nil
}

// Codes of refreshes that servers refuse.
const (
	codeNoExtract       = "409090"
	codeRefreshUnderWay = "409093"
)

// refresh starts a refresh, and returns its job if it is to be waited for. One that is under way already will do.
func (s *settings) refresh(ctx context.Context, o object, mode templates.Refresh) (string, rest.Job, error) {
	if mode == templates.RefreshNone {
		return "", rest.Job{}, nil
	}
	start := s.calls(o.workbook).refresh
	job, err := start(ctx, o.luid, rest.RefreshOptions{})
	if errors.Is(err, rest.ErrOutcomeUnknown) { // there is no job, so that none is started twice
		job, err = start(ctx, o.luid, rest.RefreshOptions{})
	}
	refused, _ := errors.AsType[*rest.Error](err)
	switch {
	case err == nil && mode == templates.RefreshWait:
		return "", job, nil
	case err == nil:
		return "refresh started", rest.Job{}, nil
	case refused != nil && refused.Code == codeRefreshUnderWay && mode == templates.RefreshStart:
		return "refresh under way", rest.Job{}, nil
	case refused != nil && refused.Code == codeRefreshUnderWay:
		return "", rest.Job{}, advise(err, "somebody else has started a refresh, which cannot be waited for: publish again once it is over")
	case refused != nil && refused.Code == codeNoExtract:
		return "", rest.Job{}, advise(err, "leave out refresh_extracts, or give it an extract with the edit `extract`")
	}
	return "", rest.Job{}, err
}

// await waits for a refresh, of which the zero job is none.
func (s *settings) await(ctx context.Context, job rest.Job) (string, error) {
	if job.LUID == "" {
		return "", nil
	}
	job, err := s.session.Jobs.Wait(ctx, job.LUID)
	if err == nil {
		err = job.Err()
	}
	if err != nil {
		return "", fmt.Errorf("the refresh: %w", err)
	}
	return "extracts refreshed", nil
}
