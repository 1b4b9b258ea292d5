package rest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
)

// BenchmarkPublish1GiB compares publishing a file of 1 GiB over loopback with what curl needs for sending it in one PUT,
// the least there is to do. It takes 1 GiB of disk and is run with REST_LARGE=1:
//
//	REST_LARGE=1 go test ./rest -run '^$' -bench Publish1GiB -benchtime 5x
//
// Server and client are processes of their own, so that the memory is the client's alone, with that of the Go runtime and
// the test binary. Each round measures both, in turn. The figures are medians, of the ratio as of the rates.
func BenchmarkPublish1GiB(b *testing.B) {
	curl, err := exec.LookPath("curl")
	if os.Getenv("REST_LARGE") == "" || testing.Short() || err != nil {
		b.Skip("needs REST_LARGE=1 and curl")
	}
	const size = 1 << 30
	file := writeLargeFile(b, size)
	address := startSink(b)
	var ours, theirs, ratios []float64 // MiB/s, and their quotient
	var peak int64
	for b.Loop() {
		sent, err := exec.CommandContext(b.Context(), curl, "--silent", "--show-error", "--fail", "--output", os.DevNull, "--upload-file", file,
			"--write-out", "%{time_total}", "http://"+address+"/curl").Output()
		if err != nil {
			b.Fatalf("curl: %v", err)
		}
		seconds, err := strconv.ParseFloat(string(sent), 64)
		if err != nil {
			b.Fatal(err)
		}
		m := publishElsewhere(b, address, file)
		peak = max(peak, m.PeakKiB)
		ours, theirs = append(ours, size>>20/m.Seconds), append(theirs, size>>20/seconds)
		ratios = append(ratios, seconds/m.Seconds)
	}
	b.ReportMetric(float64(peak)/1024, "peak-RSS-MiB")
	b.ReportMetric(median(ours), "MiB/s")
	b.ReportMetric(median(theirs), "curl-MiB/s")
	b.ReportMetric(median(ratios), "x-curl")
	if peak > 64<<10 {
		b.Errorf("the client needed %d KiB, more than 64 MiB", peak)
	}
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

// writeLargeFile makes a file that begins as a packaged workbook does.
func writeLargeFile(b *testing.B, size int64) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "large.twbx")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	head := "PK\x03\x04"
	noise := io.LimitReader(rand.NewChaCha8([32]byte{}), size-int64(len(head)))
	if _, err := io.Copy(f, io.MultiReader(strings.NewReader(head), noise)); err != nil {
		b.Fatal(err)
	}
	return path
}

// roleVariable has the test binary play one of the processes of the benchmark.
const roleVariable = "REST_LARGE_ROLE"

func TestMain(m *testing.M) {
	play := map[string]func() error{"sink": sink, "publisher": publisher}[os.Getenv(roleVariable)]
	if play == nil {
		os.Exit(m.Run())
	}
	if err := play(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// role is the command that plays a process of the benchmark.
func role(b *testing.B, name string, args ...string) *exec.Cmd {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), self, args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+name)
	cmd.Stderr = os.Stderr
	return cmd
}

// startSink starts the server and returns its address. It ends when its standard input does.
func startSink(b *testing.B) string {
	b.Helper()
	cmd := role(b, "sink")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// sink is a server that takes every publish and keeps nothing.
func sink() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = listener.Close()
	}()
	if err := http.Serve(listener, http.HandlerFunc(swallow)); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// swallow answers the calls of a publish in as few words as clients understand.
func swallow(w http.ResponseWriter, r *http.Request) {
	buffer := make([]byte, 256<<10)
	for {
		if _, err := r.Body.Read(buffer); err == io.EOF {
			break
		} else if err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	answer := `<fileUpload uploadSessionId="1:a-1:0" fileSize="0"/>`
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/signin"):
		answer = `<credentials token="t"><site id="s" contentUrl=""/><user id="u"/></credentials>`
	case r.Method == http.MethodGet:
		answer = `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><workbooks/>`
	case strings.HasSuffix(path, "/workbooks"):
		answer = `<workbook id="w" name="Large"><project id="p"/></workbook>`
	}
	_, _ = io.WriteString(w, `<tsResponse xmlns="http://tableau.com/api">`+answer+`</tsResponse>`)
}

// A measurement is what a publish took.
type measurement struct {
	Seconds float64
	PeakKiB int64 // resident memory of the process
}

// publishElsewhere publishes the file from another process.
func publishElsewhere(b *testing.B, address, file string) measurement {
	b.Helper()
	output, err := role(b, "publisher", address, file).Output()
	if err != nil {
		b.Fatalf("publishing: %v", err)
	}
	var m measurement
	if err := json.Unmarshal(output, &m); err != nil {
		b.Fatal(err)
	}
	return m
}

// publisher publishes a file to a server, both given as arguments, and prints a measurement.
func publisher() error {
	ctx := context.Background()
	f, err := os.Open(os.Args[2])
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	c, err := rest.NewClient("http://"+os.Args[1], rest.WithVersion("3.29"))
	if err != nil {
		return err
	}
	s, err := c.SignIn(ctx, rest.UserPassword{Name: "ana", Password: "secret"}, "")
	if err != nil {
		return err
	}
	start := time.Now()
	if _, err := s.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: "Large", ProjectLUID: "p", Source: io.NewSectionReader(f, 0, info.Size()),
	}); err != nil {
		return err
	}
	m := measurement{Seconds: time.Since(start).Seconds()}
	if m.PeakKiB, err = peakKiB(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}

// peakKiB is the most memory the process ever had resident, as Linux tells.
func peakKiB() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0, errors.New("/proc/self/status has no VmHWM")
	}
	return strconv.ParseInt(string(fields[0]), 10, 64)
}
