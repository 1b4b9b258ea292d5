package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/cmd/tabtemplate/internal/profile"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2 // the command line or the manifest is wrong
	exitSites  = 3 // sites failed, and the report says which
	exitToDo   = 4 // plan --exit-code has found something to do

	exitDifferent = 1   // diff has found a difference
	exitTrouble   = 2   // diff cannot tell
	exitPipe      = 141 // who reads the output has left, as head does: what shells say of programs that a broken pipe ends
)

// app is what every verb needs of the world outside.
type app struct {
	stdout      *output
	stderr      io.Writer
	manifest    string // path
	secrets     string // the folder of --secrets
	json, quiet bool
	verbose     bool
	colour      string          // auto, always or never
	verb        string          // with the name of the command, once it is known
	hinted      map[string]bool // what was advised already
}

// run is the whole command; it returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{colour: colourAuto, hinted: map[string]bool{}}
	a.stdout = &output{w: &oneAtATime{w: stdout, colour: &a.colour}}
	a.stderr = &oneAtATime{w: stderr, colour: &a.colour}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	a.verb = cmd.CommandPath()
	switch lost := a.stdout.err; {
	case nobodyReads(lost) && (err == nil || errors.Is(err, lost)):
		return exitPipe
	case lost != nil && !nobodyReads(lost) && !errors.Is(err, lost):
		err = errors.Join(err, lost)
	case err == nil:
		return exitOK
	case errors.Is(err, errSites): // the report has said it
		return exitSites
	case errors.Is(err, errToDo): // the plan has said it
		return exitToDo
	case errors.Is(err, errDifferent): // diff has told which
		return exitDifferent
	}
	if ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))) {
		fmt.Fprintln(a.stderr, "interrupted")
		return exitFailed
	}
	a.explain(err)
	if _, ok := errors.AsType[templates.Problems](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[emulator.SeedProblems](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*troubleError](err); ok {
		return exitTrouble
	}
	return exitFailed
}

// errSites says that sites failed, which the report told already.
var errSites = errors.New("sites failed")

// interruptedError says how far a verb came before it was interrupted.
type interruptedError struct {
	done string // "2 published"
	left int    // sites that were not reached
}

func (e *interruptedError) Error() string {
	return fmt.Sprintf("interrupted: %s, %s not reached", e.done, count(e.left, "site"))
}

// usageError is a command line that makes no sense, or a manifest that cannot be read.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }

func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tabtemplate",
		Short: "Publish one Tableau workbook or data source to many sites",
		Long: `tabtemplate takes Tableau workbooks and data sources as templates and publishes them
to many sites, each with its own connections, filters, parameters and published data
sources. A manifest, tabtemplate.yaml, says what is different on each site:

` + exampleManifest,
		Example: `  tabtemplate inspect sales.twbx      what the manifest can change in a file
  tabtemplate render --all --dry-run  what it would change
  tabtemplate publish --site acme
  tabtemplate publish --all`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	root.Version = thisBuild().String()
	root.SetVersionTemplate("{{.Version}}\n")
	flags := root.PersistentFlags()
	flags.StringVarP(&a.manifest, "file", "f", "tabtemplate.yaml", "the path of the `MANIFEST`")
	flags.BoolVar(&a.json, "json", false, "print the result as JSON")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print no progress")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "tell of every request to a server, without what it holds")
	choiceFlag(flags, &a.colour, "color", "colour what is printed: `WHEN` is auto, always or never; auto is on terminals, unless NO_COLOR is set",
		colourAuto, colourAlways, colourNever)
	flags.StringVar(&a.secrets, "secrets", "", "the `FOLDER` whose files are what secret(NAME) reads (default $"+secretsVariable+", else the system's keyring)")
	group(root, "Templates:",
		a.initCommand(),
		a.inspectCommand(),
		a.stringsCommand(),
		a.checkCommand(),
		a.diffCommand(),
		a.renderCommand(),
		a.planCommand(),
		a.publishCommand(),
		a.verifyCommand(),
		a.reportCommand(),
		a.schemaCommand(),
		a.secretCommand(),
	)
	group(root, "A site of a server:",
		a.loginCommand(),
		a.logoutCommand(),
		a.profilesCommand(),
		a.sitesCommand(),
		a.projectsCommand(),
		a.workbooksCommand(),
		a.datasourcesCommand(),
		a.usersCommand(),
		a.groupsCommand(),
		a.jobsCommand(),
		a.downloadCommand(),
		a.uploadCommand(),
		a.exportCommand(),
		a.refreshCommand(),
		a.deleteCommand(),
		a.copyCommand(),
		a.createProjectCommand(),
		a.createUsersCommand(),
		a.addUsersCommand(),
		a.removeUsersCommand(),
		a.permissionsCommand(),
	)
	group(root, "Besides:",
		a.serveCommand(),
		a.completionCommand(),
		a.manCommand(),
		a.versionCommand(),
	)
	root.SetHelpCommand(helpCommand())
	root.SetHelpCommandGroupID("Besides:")
	addCompletions(root)
	return root
}

// group adds commands that help shows together, in this order.
func group(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, cmd := range commands {
		cmd.GroupID = title
	}
	root.AddCommand(commands...)
}

// exampleManifest is what a first manifest may look like.
const exampleManifest = `  version: 1
  server:
    url: https://tableau.example.com # or emulator: a Tableau Server inside this process
    sign_in:
      token: {name: ci, secret: '${env("TABLEAU_TOKEN")}'}
  sites:
    acme: {vars: {database: acme_prod, tenant: "Acme, Inc."}}
    globex: {vars: {database: globex_prod, tenant: Globex}}
  templates:
    sales:
      file: sales.twbx
      publish: {as: Sales, project: Dashboards, create_project: true}
      edits:
        - connection: {class: postgres}
          set: {dbname: '${database}'}
        - filter: Tenant
          include: ['${tenant}']
`

// helpCommand is cobra's, but for what there is no help on.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		Long:  "help shows what --help shows: what a command does, its flags, and examples.",
		Example: `  tabtemplate help publish
  tabtemplate help secret set`,
		ValidArgsFunction: completeCommands,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return &usageError{err}
			}
			if err := noArgs(about, rest); err != nil {
				return err
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasSubCommands() {
		var known []string
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				known = append(known, sub.Name())
			}
		}
		return usagef("there is no command %q%s", args[0], didYouMean(args[0], known))
	}
	return usagef("%s takes no arguments, got %q", cmd.Name(), args[0])
}

// explain tells a person what went wrong and what to do.
func (a *app) explain(err error) {
	if problems, ok := errors.AsType[templates.Problems](err); ok {
		a.problems("error:", problems)
		return
	}
	if problems, ok := errors.AsType[emulator.SeedProblems](err); ok {
		a.seedProblems(problems)
		return
	}
	if problems, ok := errors.AsType[tableProblems](err); ok {
		for _, problem := range problems {
			fmt.Fprintf(a.stderr, "%s %s\n", paintWord(a.stderr, "error:"), problem)
		}
		a.hint(err)
		return
	}
	if stop, ok := errors.AsType[*interruptedError](err); ok {
		fmt.Fprintln(a.stderr, stop)
		return
	}
	fmt.Fprintf(a.stderr, "%s %s\n", paintWord(a.stderr, "error:"), oneLine(err))
	a.hint(err)
}

func (a *app) problems(label string, problems templates.Problems) {
	for _, p := range problems {
		fmt.Fprintf(a.stderr, "%s %s\n%s", paintWord(a.stderr, label), p.Error(), p.Excerpt())
		if p.Hint != "" {
			fmt.Fprintf(a.stderr, "%s %s\n", paintWord(a.stderr, "hint:"), p.Hint)
		}
	}
}

func (a *app) seedProblems(problems emulator.SeedProblems) {
	for _, p := range problems {
		fmt.Fprintf(a.stderr, "%s %s\n", paintWord(a.stderr, "error:"), p.Error())
		if p.Hint != "" {
			fmt.Fprintf(a.stderr, "%s %s\n", paintWord(a.stderr, "hint:"), p.Hint)
		}
	}
}

// oneLine joins what errors.Join put on lines of their own.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' }), "; ")
}

// hint prints advice for errors that leave open what to do about them: once, however many errors it is for.
func (a *app) hint(err error) {
	a.hintText(a.advice(err))
}

func (a *app) hintText(text string) {
	if text != "" && !a.hinted[text] {
		a.hinted[text] = true
		fmt.Fprintf(a.stderr, "%s %s\n", paintWord(a.stderr, "hint:"), text)
	}
}

func (a *app) advice(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok && errors.Is(err, fs.ErrNotExist) {
		if path.Path == a.manifest {
			return "run this in the folder of the manifest, or say where that is with --file; `tabtemplate init FILE…` writes a first one"
		}
		return fmt.Sprintf("%s: check the path and the current folder", path.Path)
	}
	if errors.Is(err, profile.ErrExposed) {
		return "chmod 600 that file; if others may have read it, change the secrets in it"
	}
	if errors.Is(err, rest.ErrJobGone) {
		return "`tabtemplate jobs` lists those that the server still knows"
	}
	if errors.Is(err, emulator.ErrNobody) {
		return "--user and --password add somebody, --demo several, --seed whom it says, and --open lets everybody in"
	}
	if errors.Is(err, errOnePlace) {
		return "--template renders one of them; give each an --out of its own"
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return a.verb + " --help shows how it is used"
	}
	if advised, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return advised.Hint()
	}
	return ""
}
