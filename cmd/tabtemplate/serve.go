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

// passwordVariable is where serve finds a password that is not on the command line.
const passwordVariable = "TABTEMPLATE_PASSWORD"

func (a *app) serveCommand() *cobra.Command {
	var addr, user, password string
	var open bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the emulator, a Tableau Server in memory",
		Long: `serve runs the emulator until it is interrupted. What is published to it is kept in
memory. Without --open, one server administrator can sign in, by user and password. Other
users of this machine can see a command line: the password may be in the environment
variable ` + passwordVariable + ` instead.

Where only this machine reaches it, a page at / shows what is on it, and tests can make it
fail, let its time pass and see what it was asked: with a fault in JSON as the header
X-Emulator-Fault of a request, and at /emulator/faults, /emulator/clock and
/emulator/requests.`,
		Example: `  tabtemplate serve --open
  ` + passwordVariable + `=secret tabtemplate serve --addr 127.0.0.1:8765 --user ana`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var options []emulator.Option
			if user != "" && !cmd.Flags().Changed("password") {
				password = os.Getenv(passwordVariable)
			}
			switch {
			case open:
				options = append(options, emulator.WithOpen())
			case user == "" && password == "":
				return usagef("who may sign in? --open for everybody, or --user and --password")
			}
			if (user == "") != (password == "") {
				return usagef("--user and --password, or %s, go together", passwordVariable)
			}
			if user != "" {
				options = append(options, emulator.WithUser(user, password, "ServerAdministrator"))
			}
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				return usagef("--addr: %w", err)
			}
			if isLoopback(host) {
				options = append(options, emulator.WithControl(), emulator.WithRequestLog(1000))
			} else { // what needs no sign-in is for this machine alone
				options = append(options, emulator.WithoutPage())
			}
			return a.serve(cmd.Context(), addr, options)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8765", "the `HOST:PORT` to listen on; port 0 takes a free one")
	cmd.Flags().BoolVar(&open, "open", false, "let any credentials in, and make sites when they are first signed in to")
	cmd.Flags().StringVar(&user, "user", "", "the `NAME` of a server administrator")
	cmd.Flags().StringVar(&password, "password", "", "the `PASSWORD` of --user (default what "+passwordVariable+" is in the environment)")
	return cmd
}

// isLoopback tells whether a host to listen on is reached from this machine alone.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// serve answers requests until ctx ends.
func (a *app) serve(ctx context.Context, addr string, options []emulator.Option) error {
	server, err := emulator.New(options...)
	if err != nil {
		return err
	}
	defer server.Close()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("serving on %s: %w", addr, err)
	}
	web := &http.Server{
		Handler:           server,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       5 * time.Minute,
		MaxHeaderBytes:    256 << 10, // a filter can be a long list
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	fmt.Fprintf(a.stdout, "serving on http://%s\n", listener.Addr())
	select {
	case err := <-ended:
		return fmt.Errorf("serving on %s: %w", addr, err)
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := web.Shutdown(ctx); err != nil {
		return errors.Join(err, web.Close())
	}
	return nil
}
