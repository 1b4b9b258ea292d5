package main

import (
	"cmp"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tabtemplate/tabtemplate/templates"
)

// shells are those that there are completions for, with what writes their scripts.
var shells = map[string]func(root *cobra.Command, w io.Writer) error{
	"bash":       func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
	"zsh":        (*cobra.Command).GenZshCompletion,
	"fish":       func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
	"powershell": (*cobra.Command).GenPowerShellCompletionWithDesc,
}

func (a *app) completionCommand() *cobra.Command {
	known := slices.Sorted(maps.Keys(shells))
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the script that completes commands in a shell",
		Long: `completion prints the script with which bash, fish, powershell or zsh complete commands, flags
and their values: also the sites and templates of the manifest in the current folder, or of
the one that --file names on the same line.

  bash        in ~/.bashrc, with the package bash-completion: source <(tabtemplate completion bash)
  zsh         in ~/.zshrc, after compinit: source <(tabtemplate completion zsh)
  fish        tabtemplate completion fish > ~/.config/fish/completions/tabtemplate.fish
  powershell  in $PROFILE: tabtemplate completion powershell | Out-String | Invoke-Expression`,
		Example: `  source <(tabtemplate completion bash)
  tabtemplate completion zsh > "${fpath[1]}/_tabtemplate"
  tabtemplate completion fish > ~/.config/fish/completions/tabtemplate.fish`,
		ValidArgs: known,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) != 1:
				return usagef("completion takes one argument, the shell: one of %s", strings.Join(known, ", "))
			case shells[args[0]] == nil:
				return usagef("there are no completions for %q, but for %s%s", args[0], strings.Join(known, ", "), didYouMean(args[0], known))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return shells[args[0]](cmd.Root(), a.stdout) },
	}
}

// completed are the completions of values, by the words that stand for them in help. Of other words nothing is known.
var completed = map[string]cobra.CompletionFunc{
	"KEY":      completeSites,
	"TEMPLATE": completeTemplates,
	"FOLDER":   completeFolders,
	"FILE":     completeFiles,
	"TABLE":    completeFiles,
	"MANIFEST": completeManifests,
}

// addCompletions has shells complete what the flags and the arguments of a command and all below it take, where the command does
// not say itself what that is.
func addCompletions(cmd *cobra.Command) {
	add := func(f *pflag.Flag) {
		if _, known := cmd.GetFlagCompletionFunc(f.Name); known || f.Value.Type() == "bool" {
			return
		}
		value, _ := pflag.UnquoteUsage(f)
		complete := completed[value]
		if fixed, ok := f.Value.(choice); ok {
			complete = cobra.FixedCompletions(fixed.words, cobra.ShellCompDirectiveNoFileComp)
		} else if complete == nil {
			complete = cobra.NoFileCompletions
		}
		_ = cmd.RegisterFlagCompletionFunc(f.Name, complete) // the flag is there, and has none
	}
	cmd.LocalNonPersistentFlags().VisitAll(add)
	cmd.PersistentFlags().VisitAll(add)
	if cmd.ValidArgsFunction == nil && cmd.ValidArgs == nil {
		cmd.ValidArgsFunction = completionOfArguments(cmd.Use)
	}
	for _, sub := range cmd.Commands() {
		addCompletions(sub)
	}
}

var (
	argumentWord = regexp.MustCompile(`\b[A-Z]{2,}\b`)
	flagInUse    = regexp.MustCompile(`--?[a-z-]+ [A-Z]+`)
)

// completionOfArguments goes by the words of the Use line. A FILE that is an argument is a workbook or a data source.
func completionOfArguments(use string) cobra.CompletionFunc {
	for _, word := range argumentWord.FindAllString(flagInUse.ReplaceAllString(use, ""), -1) {
		if word == "FILE" {
			return completeDocuments
		}
		if complete := completed[word]; complete != nil {
			return complete
		}
	}
	return cobra.NoFileCompletions
}

func completeFiles(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

func completeFolders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func completeManifests(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

func completeDocuments(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"twb", "twbx", "tds", "tdsx"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeCommands completes what help is asked for.
func completeCommands(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	about, rest, err := cmd.Root().Find(args)
	var found []cobra.Completion
	if err == nil && len(rest) == 0 {
		for _, sub := range about.Commands() {
			if sub.IsAvailableCommand() && strings.HasPrefix(sub.Name(), begun) {
				found = append(found, cobra.CompletionWithDesc(sub.Name(), sub.Short))
			}
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// completeSites completes the keys of sites.
func completeSites(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var found []cobra.Completion
	for _, s := range completionManifest(cmd).Sites() {
		if strings.HasPrefix(s.Key, begun) {
			found = append(found, cobra.CompletionWithDesc(s.Key, cmp.Or(s.ContentURL, "the Default site")))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// completeSite completes the key of a site, if it is the manifest that says where to sign in to.
func (f *sessionFlags) completeSite(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	elsewhere := f.server+f.profile != "" || !cmd.Flags().Changed("file") && f.env(serverVariable)+f.env(profileVariable) != ""
	if elsewhere {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeSites(cmd, args, begun)
}

func completeTemplates(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var found []cobra.Completion
	for _, t := range completionManifest(cmd).Templates() {
		if strings.HasPrefix(t.Name, begun) {
			found = append(found, cobra.CompletionWithDesc(t.Name, t.Path))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// completeCompared completes what diff compares: files, or rendered:SITE/TEMPLATE a part at a time. What is published is not known
// without a server.
func completeCompared(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	named, rendered := strings.CutPrefix(begun, renderedPrefix)
	switch {
	case len(args) > 1 || strings.HasPrefix(begun, publishedPrefix):
		return nil, cobra.ShellCompDirectiveNoFileComp
	case !rendered:
		return completeDocuments(cmd, args, begun)
	}
	complete, before, directive := completeSites, renderedPrefix, cobra.ShellCompDirectiveNoSpace
	after := "/"
	if site, template, chosen := strings.Cut(named, "/"); chosen {
		complete, before, named, after, directive = completeTemplates, renderedPrefix+site+"/", template, "", 0
	}
	found, always := complete(cmd, nil, named)
	for i, one := range found {
		key, about, _ := strings.Cut(one, "\t")
		found[i] = cobra.CompletionWithDesc(before+key+after, about)
	}
	return found, always | directive
}

// completionManifest is the manifest of a command line, or an empty one where it cannot be read: a person who presses a key is
// told nothing. No program is run for it, and no secret is read.
func completionManifest(cmd *cobra.Command) *templates.Manifest {
	m, err := templates.Load(cmd.Flag("file").Value.String(), templates.WithEnv(os.LookupEnv))
	if err != nil {
		return &templates.Manifest{}
	}
	return m
}
