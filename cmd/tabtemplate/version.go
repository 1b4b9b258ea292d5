package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// What a release is stamped with by -ldflags -X. Else they are empty, and what Go knows of the build is said.
var (
	version string // without a v
	commit  string
	date    string // of the commit, as RFC 3339 has it
)

// build is which build of the command this is, as version --json tells it.
type build struct {
	Version  string `json:"version"`            // such as 1.2.3
	Commit   string `json:"commit,omitempty"`   // of the repository
	Date     string `json:"date,omitempty"`     // of the commit
	Modified bool   `json:"modified,omitempty"` // files were not as in the commit
	Go       string `json:"go"`
	Platform string `json:"platform"` // such as linux/amd64
}

// thisBuild is which build this is.
func thisBuild() build {
	info, _ := debug.ReadBuildInfo()
	return buildOf(info)
}

// buildOf is what a build was stamped with, or else what Go knows of it.
func buildOf(info *debug.BuildInfo) build {
	b := build{Version: version, Commit: commit, Date: date, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info != nil && version == "" {
		b.Version = strings.TrimPrefix(info.Main.Version, "v")
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = cmp.Or(b.Commit, s.Value)
			case "vcs.time":
				b.Date = cmp.Or(b.Date, s.Value)
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	b.Version = cmp.Or(b.Version, "unknown")
	return b
}

// String is the version in one line.
func (b build) String() string {
	text := "tabtemplate " + b.Version
	if b.Commit != "" {
		text += ", commit " + b.Commit[:min(len(b.Commit), 12)]
	}
	if b.Date != "" {
		text += " of " + b.Date
	}
	if b.Modified {
		text += ", modified"
	}
	return fmt.Sprintf("%s, %s, %s", text, b.Go, b.Platform)
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long: `version prints which build of tabtemplate this is: its version, the commit it was made of, the
version of Go that made it, and what it is for.`,
		Example: `  tabtemplate version
  tabtemplate version --json | jq -r .version`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			b := thisBuild()
			if a.json {
				return a.printJSON(b)
			}
			fmt.Fprintln(a.stdout, b)
			return nil
		},
	}
}
