package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/zalando/go-keyring"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tabtemplate": inStory})
}

// inStory is the command with a keyring of its own, which is empty; with KEYRING=none in the environment there is none.
func inStory() {
	keyring.MockInit()
	if os.Getenv("KEYRING") == "none" {
		keyring.MockInitWithError(errors.New("no such service"))
	}
	main()
}

// The stories of the command. A script finds the demo in demo/, and has these commands besides those of testscript:
//
//	fails CODE COMMAND…     the command ends with that exit code
//	change FILE OLD NEW     replace text in a file, everywhere; \n in NEW begins a line
//	cut FILE BYTES          leave the beginning of a file
//	pack FILE ENTRY…        make a package
//	unpack FILE TO          write all entries of a package, or a bare document, into one text file
//	serve ARG…              run `tabtemplate serve ARG…` until stop or the end of the script; $URL is where, and
//	                        greeting.txt what it says
//	stop                    stop what serve runs
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUp,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"fails": fails, "change": change, "cut": cut, "pack": pack, "unpack": unpack, "serve": serve, "stop": stopServing,
		},
	})
}

func setUp(env *testscript.Env) error {
	env.Values[servingKey] = &serving{}
	env.Setenv("GORACE", "atexit_sleep_ms=0") // else every command takes a second longer under the race detector
	return os.CopyFS(filepath.Join(env.WorkDir, "demo"), os.DirFS(filepath.Join("..", "..", "testdata", "demo")))
}

// usage ends a script that calls a command wrongly.
func usage(ts *testscript.TestScript, ok bool, how string) {
	if !ok {
		ts.Fatalf("usage: %s", how)
	}
}

func fails(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) >= 2, "fails CODE COMMAND…")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	ended, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case err != nil && !ok:
		ts.Check(err)
	case err == nil:
		ts.Fatalf("it does not fail")
	case ended.ExitCode() != want:
		ts.Fatalf("exit code %d, want %d", ended.ExitCode(), want)
	}
}

func change(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 3, "change FILE OLD NEW")
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%q is not in %s", args[1], args[0])
	}
	text = strings.ReplaceAll(text, args[1], strings.ReplaceAll(args[2], `\n`, "\n"))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

func cut(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "cut FILE BYTES")
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

func pack(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) >= 2, "pack FILE ENTRY…")
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	z := zip.NewWriter(f)
	for _, name := range args[1:] {
		w, err := z.Create(filepath.ToSlash(name))
		ts.Check(err)
		_, err = io.WriteString(w, ts.ReadFile(name))
		ts.Check(err)
	}
	ts.Check(z.Close())
}

func unpack(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "unpack FILE TO")
	text, err := unpacked([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// unpacked is all text in a file: the document itself, or the names and contents of a package's entries.
func unpacked(file []byte) (string, error) {
	if !bytes.HasPrefix(file, []byte("PK")) {
		return string(file), nil
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, entry := range z.File {
		text.WriteString(entry.Name + "\n")
		r, err := entry.Open()
		if err != nil {
			return "", err
		}
		if _, err := io.Copy(&text, r); err != nil {
			return "", err
		}
		_ = r.Close() // the copy has verified it
	}
	return text.String(), nil
}

// serving is what a script serves. The script has it under the key.
type serving struct{ stop func() }

const servingKey = "serving"

func serve(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg, "serve ARG…")
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	var stderr strings.Builder
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), strings.NewReader(""), w, &stderr)
		_ = w.Close()
	}()
	now := ts.Value(servingKey).(*serving)
	now.stop = sync.OnceFunc(func() {
		cancel()
		if code := <-ended; code != exitOK || stderr.Len() > 0 {
			ts.Fatalf("serve ended with exit code %d: %s", code, stderr.String())
		}
	})
	ts.Defer(now.stop)
	greeting := bufio.NewReader(r)
	line, err := greeting.ReadString('\n')
	ts.Check(err)
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "serving on ")
	if !ok {
		ts.Fatalf("serve says %q", line)
	}
	ts.Setenv("URL", url)
	rest, err := greeting.Peek(greeting.Buffered()) // it is written at once
	ts.Check(err)
	said := strings.NewReplacer(url, "URL", ts.Getenv("WORK"), "WORK").Replace(line + string(rest))
	ts.Check(os.WriteFile(ts.MkAbs("greeting.txt"), []byte(said), 0o600))
}

func stopServing(ts *testscript.TestScript, neg bool, args []string) {
	now := ts.Value(servingKey).(*serving)
	usage(ts, !neg && len(args) == 0 && now.stop != nil, "stop")
	now.stop()
}
