package emulator

import "testing"

// The operations 124 to 127 as TSC sends them.
func TestInteropTSCMetrics(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.tscSends("GET", "metrics?pageNumber=1&pageSize=100", "").wantStatus(200).
		wantIn(xmlHead + `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/>` + xmlTail)
	w.get("metrics?pageNumber=2").wantError(400006, "2")
	w.tscSends("GET", "metrics/none", "").wantError(404029, "none")
	w.tscSends("PUT", "metrics/none", `<tsRequest><metric id="none" name="x" suspended="true"><project id="PROJECT" /></metric></tsRequest>`).
		wantError(404029, "none")
	w.tscSends("DELETE", "metrics/none", "").wantError(404029, "none")
}
