package rest_test

import (
	"bytes"
	"errors"
	"net/http"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
)

var transportScenarios = []scenario{
	{name: "operations without a method", run: testDo},
}

func testDo(t *testing.T) {
	s, ctx := against(t, nil), t.Context()
	answer, err := s.Do(ctx, rest.Request{
		Method: http.MethodPost, Path: "projects", Body: []byte(`{"project":{"name":"By hand"}}`), Accept: "application/json",
	})
	if err != nil || answer.Status != http.StatusCreated || !bytes.HasPrefix(answer.Body, []byte(`{"project":`)) {
		t.Errorf("%d %s, %v", answer.Status, answer.Body, err)
	}
	if _, err := s.Projects.ByPath(ctx, "By hand"); err != nil {
		t.Error(err)
	}
	var databases bytes.Buffer
	if _, err := s.Do(ctx, rest.Request{Path: "databases", Into: &databases}); err != nil || !bytes.Contains(databases.Bytes(), []byte("<databases")) {
		t.Errorf("%s, %v", &databases, err)
	}
	_, err = s.Do(ctx, rest.Request{Path: "workbooks/none"})
	if refused, ok := errors.AsType[*rest.Error](err); !ok || refused.Code != "404006" || refused.Outcome() != rest.NotDone {
		t.Errorf("%v", err)
	}
}
