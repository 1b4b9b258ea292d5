package emulator

import (
	"encoding/json"
	"testing"
	"time"
)

func TestJobFaultJSON(t *testing.T) {
	t.Parallel()
	f := JobFault{Type: "RefreshExtract", Nth: 2, Waits: time.Second, Takes: 90 * time.Minute, Hangs: true, Fails: "x", Cancelled: true, Gone: 404018}
	data, err := json.Marshal(f)
	const want = `{"type":"RefreshExtract","nth":2,"hangs":true,"fails":"x","cancelled":true,"gone":404018,"waits":"1s","takes":"1h30m0s"}`
	if err != nil || string(data) != want {
		t.Errorf("%s, %v\nwant %s", data, err, want)
	}
	var read JobFault
	if err := json.Unmarshal(data, &read); err != nil || read != f {
		t.Errorf("read as %+v, %v", read, err)
	}
	for _, wrong := range []string{`{"takes":"soon"}`, `{"takes":5}`, `{"bakes":"5s"}`} {
		if err := json.Unmarshal([]byte(wrong), &read); err == nil {
			t.Errorf("%s can be read", wrong)
		}
	}
}

func TestJobControl(t *testing.T) {
	t.Parallel()
	const declared = " HTTP/1.1\nContent-Type: application/json\n\n"
	w := start(t, WithControl(), WithJobsByHand())
	w.regional()
	ask := func(request, want string) {
		t.Helper()
		if got := w.control(request); got != want {
			t.Errorf("%s\n got %s\nwant %s", request, got, want)
		}
	}
	ask("POST /emulator/jobfaults"+declared+`{"type":"RefreshExtract","nth":1,"takes":"5m","fails":"No."}`,
		`200 {"jobFaults":[{"fault":{"type":"RefreshExtract","nth":1,"fails":"No.","takes":"5m0s"},"seen":0}]}`)
	ask("POST /emulator/jobfaults"+declared+`{"nth":-1}`, `400 {"error":"job fault {Type: Nth:-1 Waits:0s Takes:0s Hangs:false Fails: Cancelled:false Gone:0}: a number is negative"}`)
	w.refresh("workbooks/REGIONAL", "JOB")
	ask("GET /emulator/jobfaults HTTP/1.1\n\n", `200 {"jobFaults":[{"fault":{"type":"RefreshExtract","nth":1,"fails":"No.","takes":"5m0s"},"seen":1}]}`)
	ask("DELETE /emulator/jobfaults HTTP/1.1\n\n", `200 {"jobFaults":[]}`)
	ask("POST /emulator/jobs"+declared, `200 {"steps":1}`)
	w.get("jobs").wantIn(`status="InProgress"`)
	ask("POST /emulator/jobs"+declared, `200 {"steps":1}`)
	w.get("jobs/JOB").wantIn(`finishCode="1"`, `<notes>No.</notes>`)
	ask("POST /emulator/jobs"+declared, `200 {"steps":0}`)
}
