package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	addr        string
	hosts       []string
	allowRemote bool

	state, seed    string
	demo, open     bool
	user, password string

	version  string
	strict   bool
	jobTime  time.Duration
	webhooks bool
}

func (a *app) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the emulator, a Tableau Server on this machine",
		Long: `serve runs the emulator until it is interrupted: a Tableau Server for clients of the
REST API, with a page for people at /. What is on it is kept in memory, or with --state in
a folder, from which the next serve goes on, also after a crash.

Somebody has to be able to sign in: the user of --user, who is a server administrator,
those of a --seed or of --demo, those that are in the --state, or with --open everybody.
Other users of this machine can see a command line: the password may be in the environment
variable ` + passwordVariable + ` instead.

Tests can make it fail, let its time pass and see what it was asked: with a fault in JSON
as the header X-Emulator-Fault of a request, and at /emulator/faults, /emulator/clock and
/emulator/requests. Like the page these need no sign-in. Therefore they are for this machine
alone, unless --host tells of a name that other machines have for it; and other machines
reach nothing at all without --allow-remote, because the connection is not encrypted.

The seed file, faults and everything else: docs/emulator.md.`,
		Example: `  tabtemplate serve --open
  tabtemplate serve --demo --state ~/tableau
  ` + passwordVariable + `=secret tabtemplate serve --addr 127.0.0.1:8765 --user ana --seed world.yaml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.user != "" && !cmd.Flags().Changed("password") {
				f.password = os.Getenv(passwordVariable)
			}
			options, err := f.options()
			if err != nil {
				return err
			}
			return a.serve(cmd.Context(), &f, options)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8765", "the `HOST:PORT` to listen on; port 0 takes a free one")
	flags.BoolVar(&f.allowRemote, "allow-remote", false, "let other machines reach it, where --addr is for that")
	flags.StringArrayVar(&f.hosts, "host", nil, "a `NAME` under which other machines reach it, to give them the page and /emulator/ too;\nmay be repeated")
	flags.StringVar(&f.state, "state", "", "the `FOLDER` to keep everything in (default in memory)")
	flags.StringVar(&f.seed, "seed", "", "the `FILE` that says what is there to begin with")
	flags.BoolVar(&f.demo, "demo", false, "begin with a small world: users admin, ana and eve, groups, projects, a second site")
	flags.BoolVar(&f.open, "open", false, "let any credentials in, and make sites when they are first signed in to")
	flags.StringVar(&f.user, "user", "", "the `NAME` of a server administrator")
	flags.StringVar(&f.password, "password", "", "the `PASSWORD` of --user (default what "+passwordVariable+" is in the environment)")
	flags.StringVar(&f.version, "version", "", "the newest `VERSION` of the REST API to speak (default 3.29)")
	flags.BoolVar(&f.strict, "strict", false, "refuse requests that are not as the schema and the reference have them")
	flags.DurationVar(&f.jobTime, "job-time", 0, "the `TIME` that a job takes, such as 10s; without it jobs are done when they are asked for")
	flags.BoolVar(&f.webhooks, "send-webhooks", false, "send messages to webhooks, which are only recorded otherwise")
	return cmd
}

// options are what the flags ask of the emulator.
func (f *serveFlags) options() ([]emulator.Option, error) {
	if !f.open && !f.demo && f.user == "" && f.password == "" && f.seed == "" && f.state == "" {
		return nil, usagef("who may sign in? --open for everybody, --user and --password, --demo, --seed or --state")
	}
	if (f.user == "") != (f.password == "") {
		return nil, usagef("--user and --password, or %s, go together", passwordVariable)
	}
	options := []emulator.Option{emulator.WithJobTime(f.jobTime)}
	add := func(wanted bool, option func() emulator.Option) {
		if wanted {
			options = append(options, option())
		}
	}
	add(f.open, emulator.WithOpen)
	add(f.demo, emulator.WithDemo)
	add(f.strict, emulator.WithStrict)
	add(f.state != "", func() emulator.Option { return emulator.WithState(f.state) })
	add(f.version != "", func() emulator.Option { return emulator.WithVersion(f.version) })
	add(f.user != "", func() emulator.Option { return emulator.WithUser(f.user, f.password, "ServerAdministrator") })
	add(f.webhooks, func() emulator.Option { return emulator.WithWebhookClient(&http.Client{Timeout: 10 * time.Second}) })
	for _, host := range f.hosts {
		options = append(options, emulator.WithHost(host))
	}
	if f.seed == "" {
		return options, nil
	}
	seed, err := emulator.LoadSeed(f.seed, os.LookupEnv)
	return append(options, emulator.WithSeed(seed)), err
}

// listen listens on the address, unless other machines reach it and that was not asked for.
func (f *serveFlags) listen(ctx context.Context) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(f.addr); err != nil {
		return nil, usagef("--addr: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.addr)
	if err != nil {
		return nil, fmt.Errorf("serving on %s: %w", f.addr, err)
	}
	if !f.allowRemote && !isLoopback(listener) {
		listener.Close()
		return nil, usagef("other machines reach %s, and passwords go there unencrypted: --allow-remote says that this is meant", f.addr)
	}
	return listener, nil
}

// isLoopback tells whether only this machine reaches a listener.
func isLoopback(listener net.Listener) bool {
	at, ok := listener.Addr().(*net.TCPAddr)
	return ok && at.IP.IsLoopback()
}

// serve answers requests until ctx ends.
func (a *app) serve(ctx context.Context, f *serveFlags, options []emulator.Option) (err error) {
	listener, err := f.listen(ctx)
	if err != nil {
		return err
	}
	defer listener.Close()                              // which the web server may have done
	hasPage := isLoopback(listener) || len(f.hosts) > 0 // what needs no sign-in is for this machine alone, or by request
	if hasPage {
		options = append(options, emulator.WithControl(), emulator.WithRequestLog(1000))
	} else {
		options = append(options, emulator.WithoutPage())
	}
	server, err := emulator.New(options...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if f.allowRemote && (f.open || f.demo) {
		fmt.Fprintln(a.stderr, paintWord(a.stderr, "warning:"), "--allow-remote with --open or --demo: whoever reaches this machine is a server administrator")
	}
	web := webServer(server, a.stderr)
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(limitConnections(listener, maxConnections)) }()
	fmt.Fprint(a.stdout, f.greeting(listener.Addr(), hasPage))
	select {
	case err := <-ended:
		return fmt.Errorf("serving on %s: %w", f.addr, err)
	case <-ctx.Done():
	}
	return stop(ctx, web)
}

// stop lets the requests that are there be answered, for a few seconds.
func stop(ctx context.Context, web *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := web.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("stopping while requests are not answered: %w", err), web.Close())
	}
	return nil
}

// greeting tells where the emulator is, how to sign in, and where what is on it is kept.
func (f *serveFlags) greeting(addr net.Addr, hasPage bool) string {
	text := fmt.Sprintf("serving on http://%s\n", addr)
	if hasPage {
		text += fmt.Sprintf("  page:    http://%s/\n", addr)
	}
	for _, way := range []struct {
		given bool
		how   string
	}{
		{f.open, "as anybody, with any password or token"},
		{f.user != "", fmt.Sprintf("as %s, with the password given", f.user)},
		{f.demo, "as admin with admin-password, ana with ana-password or eve with eve-password"},
		{f.seed != "", "as a user of " + f.seed},
		{f.state != "", "as a user who is there already"},
	} {
		if way.given {
			text += "  sign in: " + way.how + "\n"
		}
	}
	if f.state == "" {
		return text + "  state:   in memory, gone when this ends\n"
	}
	return text + "  state:   in " + f.state + "\n"
}
