package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// A screen is what a terminal of some width shows. It is as high as it has to be.
type screen struct {
	t        *testing.T
	terminal *os.File // the end that a person sits at
	columns  int
	pending  []byte // of a sequence or character that has not come in full
	lines    [][]rune
	row, col int
	colours  string // that text has had, as "32m0m" for something green
}

// newTerminal opens a pseudo-terminal: the screen, and the file that programs write to.
func newTerminal(t *testing.T, columns int) (*screen, *os.File) {
	t.Helper()
	open := func(path string) *os.File {
		f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
		if err != nil {
			t.Skipf("there are no pseudo-terminals here: %v", err)
		}
		return f
	}
	terminal := open("/dev/ptmx")
	t.Cleanup(func() { _ = terminal.Close() })
	conn, err := terminal.SyscallConn() // Fd would have reads wait without a deadline
	if err != nil {
		t.Fatal(err)
	}
	var number int
	var errs [3]error
	err = conn.Control(func(fd uintptr) {
		number, errs[0] = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		errs[1] = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
		errs[2] = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(columns)})
	})
	if err := errors.Join(append(errs[:], err)...); err != nil {
		t.Fatal(err)
	}
	return &screen{t: t, terminal: terminal, columns: columns, lines: [][]rune{nil}}, open(fmt.Sprintf("/dev/pts/%d", number))
}

// until reads until the screen shows something that matches.
func (s *screen) until(pattern string) {
	s.t.Helper()
	if err := s.terminal.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		s.t.Fatal(err)
	}
	for !regexp.MustCompile(pattern).MatchString(s.String()) {
		if !s.read() {
			s.t.Fatalf("the screen never shows %q, but\n%s", pattern, s)
		}
	}
}

// read reads some more, until all programs have closed the terminal.
func (s *screen) read() bool {
	buf := make([]byte, 4096)
	n, err := s.terminal.Read(buf)
	s.show(buf[:n])
	return err == nil
}

// sequences are those that move the cursor up, and erase what is behind it. There are to be no others: of colours there are
// only those that colour text.
var (
	sequences    = regexp.MustCompile(`^\x1b\[(\d+)A|^\x1b\[J`)
	colouredText = regexp.MustCompile(`^\x1b\[\d{1,2}m`)
)

func (s *screen) show(more []byte) {
	s.t.Helper()
	text := append(s.pending, more...)
	for len(text) > 0 {
		if text[0] == '\x1b' {
			if colour := colouredText.Find(text); colour != nil {
				s.colours += strings.TrimPrefix(string(colour), "\x1b[")
				text = text[len(colour):]
				continue
			}
			m := sequences.FindSubmatch(text)
			if m == nil && len(text) < 8 {
				break
			}
			if m == nil {
				s.t.Fatalf("the sequence %q", text[:8])
			}
			s.control(string(m[1]))
			text = text[len(m[0]):]
			continue
		}
		if !utf8.FullRune(text) {
			break
		}
		r, size := utf8.DecodeRune(text)
		s.put(r)
		text = text[size:]
	}
	s.pending = append([]byte(nil), text...)
}

func (s *screen) control(up string) {
	if up == "" {
		s.lines = s.lines[:s.row+1]
		s.lines[s.row] = s.lines[s.row][:min(s.col, len(s.lines[s.row]))]
		return
	}
	n := 0
	_, _ = fmt.Sscan(up, &n)
	s.row = max(0, s.row-n)
}

func (s *screen) put(r rune) {
	switch {
	case r == '\r':
		s.col = 0
		return
	case r == '\n':
		s.down()
		return
	case r < ' ':
		s.t.Fatalf("the control character %q", r)
	case s.col == s.columns:
		s.col = 0
		s.down()
	}
	for len(s.lines[s.row]) <= s.col {
		s.lines[s.row] = append(s.lines[s.row], ' ')
	}
	s.lines[s.row][s.col] = r
	s.col++
}

func (s *screen) down() {
	if s.row++; s.row == len(s.lines) {
		s.lines = append(s.lines, nil)
	}
}

func (s *screen) String() string {
	var lines []string
	for _, line := range s.lines {
		lines = append(lines, strings.TrimRight(string(line), " "))
	}
	return strings.Join(lines, "\n")
}

// A bar shows how far a run is, lets what is written meanwhile stand above it, fits any width and leaves nothing behind.
func TestBar(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		columns int
		bar     string
	}{
		{80, `(?m)^4/10 sites, 1 failed \[=+> +\] 2\.0 KiB sent, \d+s left$`},
		{40, `(?m)^4/10 sites, 1 failed 2\.0 KiB sent, .*…$`},
		{20, `(?m)^4/10 sites, 1 failed$`},
		{10, `(?m)^4/10 site…$`},
	} {
		t.Run(fmt.Sprint(test.columns), func(t *testing.T) {
			t.Parallel()
			screen, file := newTerminal(t, test.columns)
			a := &app{stdout: &output{w: &oneAtATime{w: file}}, stderr: &oneAtATime{w: file}}
			w := newWatch(a, "failed")
			w.draw(10)
			if w.bar == nil {
				t.Fatal("a terminal has no bar")
			}
			fmt.Fprintln(a.stdout, "acme")
			for i := range 4 {
				w.site(i == 2)
			}
			w.bytes.Add(2048)
			fmt.Fprintln(a.stderr, "warning: 1")
			screen.until(test.bar)
			fmt.Fprintln(a.stdout, "globex")
			for range 6 {
				w.site(false)
			}
			w.over()
			fmt.Fprintln(a.stderr, "bye")
			_ = file.Close()
			for screen.read() {
			}
			if got := screen.String(); got != "acme\nwarning: 1\nglobex\nbye\n" {
				t.Errorf("the screen shows\n%s", got)
			}
		})
	}
}

// An interrupted run takes its bar away, too.
func TestBarInterrupted(t *testing.T) {
	t.Parallel()
	screen, file := newTerminal(t, 80)
	a := &app{stdout: &output{w: &strings.Builder{}}, stderr: &oneAtATime{w: file}}
	w := newWatch(a, "failed")
	w.draw(10)
	w.site(false)
	screen.until("1/10 sites")
	w.over()
	fmt.Fprintln(a.stderr, "interrupted: 1 published, 9 sites not reached")
	_ = file.Close()
	for screen.read() {
	}
	if got := screen.String(); got != "interrupted: 1 published, 9 sites not reached\n" {
		t.Errorf("the screen shows\n%s", got)
	}
}

// In a terminal of its own the whole command shows what it shows elsewhere, in one piece, and quietly as well.
func TestCommandInTerminal(t *testing.T) {
	t.Parallel()
	path := manySites(t, 30, strings.NewReplacer())
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range [][]string{nil, {"--json"}, {"-q"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			t.Parallel()
			screen, file := newTerminal(t, 250)
			args := append([]string{"tabtemplate", "render", "--all", "-f", path, "--out", filepath.Join(t.TempDir(), "out")}, flags...)
			cmd := exec.Command(self)
			cmd.Args = args // TestMain goes by the name
			cmd.Env = append(os.Environ(), "TERM=xterm-256color", "CI=")
			cmd.Stdout, cmd.Stderr = file, file
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			_ = file.Close()
			for screen.read() {
			}
			if err := cmd.Wait(); err != nil {
				t.Fatalf("%v\n%s", err, screen)
			}
			var stdout, stderr strings.Builder
			run(t.Context(), args[1:], strings.NewReader(""), &stdout, &stderr)
			want := newLines(t, stdout.String(), 250)
			if got := screen.String(); got != want {
				t.Errorf("the screen shows\n%.2000s\nwant\n%.2000s", got, want)
			}
		})
	}
}

// A terminal has colours, but for one that cannot, and for who does not want any.
func TestColoursInTerminal(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for env, want := range map[string]string{"TERM=xterm-256color": "31m0m36m0m", "TERM=dumb": "", "NO_COLOR=1": ""} {
		screen, file := newTerminal(t, 80)
		cmd := exec.Command(self)
		cmd.Args = []string{"tabtemplate", "publish"} // of which sites?
		cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=", "CLICOLOR=", "CLICOLOR_FORCE=", "FORCE_COLOR=", env)
		cmd.Stderr = file
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
		for screen.read() {
		}
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitUsage {
			t.Fatalf("%v\n%s", err, screen)
		}
		if screen.colours != want || !strings.HasPrefix(screen.String(), "error: which sites?") {
			t.Errorf("%s: colours %q, want %q\n%s", env, screen.colours, want, screen)
		}
	}
}

// A terminal has a tree as wide as itself, and a pipe all of it.
func TestTreeInTerminal(t *testing.T) {
	t.Parallel()
	screen, file := newTerminal(t, 50)
	args := []string{"inspect", "../../testdata/demo/sales.twbx"}
	if code := run(t.Context(), args, strings.NewReader(""), file, file); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	_ = file.Close()
	for screen.read() {
	}
	whole := string(runOK(t, args...))
	got, want := strings.Split(screen.String(), "\n"), strings.Split(whole, "\n")
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(got), len(want), screen)
	}
	cut := 0
	for i, line := range got {
		before, wasCut := strings.CutSuffix(line, "…")
		if utf8.RuneCountInString(line) > 50 || !strings.HasPrefix(want[i], before) || !wasCut && line != want[i] {
			t.Errorf("%q of %q", line, want[i])
		}
		if wasCut {
			cut++
		}
	}
	if cut < 5 {
		t.Errorf("%d lines are cut:\n%s", cut, screen)
	}
}

// newLines is what a terminal makes of text that is not moved: lines that are too long go on in the next.
func newLines(t *testing.T, text string, columns int) string {
	t.Helper()
	s := &screen{t: t, columns: columns, lines: [][]rune{nil}}
	s.show([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	return s.String()
}

// Delete asks where somebody sits, and nothing but a yes is one.
func TestDeleteAsks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		answer string // "" for an interrupt
		code   int
		shows  string
	}{
		{"y\n", exitOK, `(?m)^deleted +project +Finance +`},
		{"\n", exitOK, `(?m)^nothing is deleted$`},
		{"no\n", exitOK, `(?m)^nothing is deleted$`},
		{"", exitFailed, `(?m)^interrupted$`},
	} {
		t.Run(strings.TrimSpace(test.answer), func(t *testing.T) {
			t.Parallel()
			c := newContentServer(t, plainly)
			c.mustUpload(t, "First")
			screen, file := newTerminal(t, 200)
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			ended := make(chan int, 1)
			go func() {
				args := []string{"delete", "--project", "Finance", "--server", c.url, "--user", "admin", "--password-file", c.password}
				ended <- run(ctx, args, file, file, file)
			}()
			screen.until(`project "Finance"\n  with project "Finance/North"\n  with data source "Finance/First"\ndelete 1 project\? \[y/N\]`)
			if test.answer == "" {
				interrupt()
			} else if _, err := screen.terminal.WriteString(test.answer); err != nil {
				t.Fatal(err)
			}
			screen.until(test.shows)
			if code := <-ended; code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			code, _, _ := c.run(t.Context(), "download", "First", "-o", t.TempDir())
			if gone := code != exitOK; gone != (test.answer == "y\n") {
				t.Errorf("it is gone: %v", gone)
			}
		})
	}
}

// A meter shows how far a file is, and leaves nothing behind.
func TestMeter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		total int64
		shows string
	}{
		{4096, `(?m)^sales\.twbx \[=+> +\] 2\.0 KiB$`},
		{0, `(?m)^sales\.twbx \[ +\] 2\.0 KiB$`},
	} {
		t.Run(fmt.Sprint(test.total), func(t *testing.T) {
			t.Parallel()
			screen, file := newTerminal(t, 80)
			a := &app{stdout: &output{w: &oneAtATime{w: file}}, stderr: &oneAtATime{w: file}}
			m := a.newMeter("sales.twbx", test.total)
			w := m.counting(io.Discard)
			for range 2 {
				if _, err := w.Write(make([]byte, 1024)); err != nil {
					t.Fatal(err)
				}
			}
			screen.until(test.shows)
			m.over()
			m.over()
			fmt.Fprintln(a.stdout, "bye")
			_ = file.Close()
			for screen.read() {
			}
			if got := screen.String(); got != "bye\n" {
				t.Errorf("the screen shows\n%s", got)
			}
		})
	}
}
