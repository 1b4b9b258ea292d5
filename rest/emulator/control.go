package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// WithControl lets requests steer the emulator, for tests in other processes: a header X-Emulator-Fault with a [Fault]
// in JSON is the fault of its request, and these paths answer JSON.
//
//	GET    /emulator/faults      the faults there are, with how many requests each has seen
//	POST   /emulator/faults      adds the fault in the body
//	DELETE /emulator/faults      takes all away
//	GET    /emulator/clock       the server's time
//	POST   /emulator/clock       {"advance":"1h30m"} lets time pass
//	GET    /emulator/jobfaults   the faults of jobs, with how many jobs each has seen
//	POST   /emulator/jobfaults   adds the [JobFault] in the body
//	DELETE /emulator/jobfaults   takes all of these away
//	POST   /emulator/jobs        takes every job a step on, as [Server.StepJobs] does
//	GET    /emulator/requests    the requests of [Server.Requests]
//	DELETE /emulator/requests    forgets them
//
// Whoever reaches the server can do this; nobody needs to sign in. The paths are answered under the names of the server
// alone (see [WithHost]), and a body must be declared as application/json, which a web page of another origin cannot do.
// The default is that nothing of this is there.
func WithControl() Option {
	return func(o *options) error {
		o.control = true
		return nil
	}
}

// faultHeader is the header with the fault of a request.
const faultHeader = "X-Emulator-Fault"

const controlPath = "/emulator/"

// maxControl is how many bytes a body of these paths may have.
const maxControl = 64 << 10

// controls are what is under [controlPath], and what is done on each method.
var controls = map[string]map[string]func(s *Server, body []byte) (any, error){
	"faults":    {"GET": (*Server).listFaults, "POST": (*Server).postFault, "DELETE": (*Server).deleteFaults},
	"clock":     {"GET": (*Server).tellTime, "POST": (*Server).advanceClock},
	"jobs":      {"POST": (*Server).postStep},
	"jobfaults": {"GET": (*Server).listJobFaults, "POST": (*Server).postJobFault, "DELETE": (*Server).deleteJobFaults},
	"requests":  {"GET": (*Server).listRequests, "DELETE": (*Server).deleteRequests},
}

// serveControl answers a request to one of the paths in JSON: what there is, or what was wrong.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	answer, status, err := s.controlled(r)
	drain(w, r)
	if err != nil {
		answer = map[string]string{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(answer) // an error is the client's, who is gone
}

func (s *Server) controlled(r *http.Request) (answer any, status int, err error) {
	methods := controls[strings.TrimPrefix(r.URL.Path, controlPath)]
	do := methods[r.Method]
	switch {
	case methods == nil:
		return nil, http.StatusNotFound, fmt.Errorf("there is nothing at %q", r.URL.Path)
	case do == nil:
		return nil, http.StatusMethodNotAllowed, fmt.Errorf("the method %s is not for %q", r.Method, r.URL.Path)
	case r.Method == http.MethodPost && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		return nil, http.StatusUnsupportedMediaType, errors.New("the body is not declared as application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxControl))
	if err != nil {
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("reading the body: %w", err)
	}
	if answer, err = do(s, body); err != nil {
		return nil, http.StatusBadRequest, err
	}
	return answer, http.StatusOK, nil
}

// strictJSON reads one JSON value, of which nothing may be unknown.
func strictJSON(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is something after the value")
	}
	return nil
}

// readFault reads a fault in JSON.
func readFault(data []byte) (*Fault, error) {
	f := new(Fault)
	err := strictJSON(data, f)
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return nil, refuse(codeMalformed, "The fault cannot be read: %v.", err)
	}
	return f, nil
}

func (s *Server) listFaults([]byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	type seen struct {
		Fault
		Seen int `json:"seen"`
	}
	faults := []seen{}
	for _, f := range s.faults {
		faults = append(faults, seen{f.Fault, f.seen})
	}
	return map[string]any{"faults": faults}, nil
}

func (s *Server) postFault(body []byte) (any, error) {
	f, err := readFault(body)
	if err != nil {
		return nil, err
	}
	if err := s.AddFault(*f); err != nil {
		return nil, err
	}
	return s.listFaults(nil)
}

func (s *Server) deleteFaults([]byte) (any, error) {
	s.ClearFaults()
	return s.listFaults(nil)
}

func (s *Server) tellTime([]byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]string{"now": s.clock().UTC().Format(time.RFC3339Nano)}, nil
}

func (s *Server) advanceClock(body []byte) (any, error) {
	var asked struct {
		Advance string `json:"advance"`
	}
	if err := strictJSON(body, &asked); err != nil {
		return nil, err
	}
	by, err := time.ParseDuration(asked.Advance)
	if err != nil {
		return nil, err
	}
	if by < 0 {
		return nil, fmt.Errorf("time does not go back by %v", -by)
	}
	s.mu.Lock()
	s.ahead += by
	s.mu.Unlock()
	return s.tellTime(nil)
}
