package rest_test

import (
	"fmt"
	"slices"
	"testing"
)

// A scenario is a story of calls against the emulator: what comes back, and what is then on the server.
type scenario struct {
	rows []int // numbers of the operations it shows at work, as in wireRow
	name string
	run  func(t *testing.T)
}

// scenarios are those of all the areas.
func scenarios() []scenario {
	return slices.Concat(
		signInScenarios,
		contentScenarios,
		datasourceScenarios,
		accessScenarios,
		identityScenarios,
		workScenarios,
		publishScenarios,
		transportScenarios,
	)
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios() {
		t.Run(fmt.Sprint(s.rows, " ", s.name), func(t *testing.T) {
			t.Parallel()
			s.run(t)
		})
	}
}
