package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// choice is the value of a flag that is one of a few words.
type choice struct {
	value *string
	words []string
}

// choiceFlag adds a flag whose value is one of the words. It is what value is to begin with, where nobody gives it.
func choiceFlag(flags *pflag.FlagSet, value *string, name, usage string, words ...string) {
	flags.Var(choice{value, words}, name, usage)
}

func (c choice) String() string {
	if c.value == nil { // pflag asks a zero value, too
		return ""
	}
	return *c.value
}

func (c choice) Type() string { return "word" }

func (c choice) Set(word string) error {
	if !slices.Contains(c.words, word) {
		return fmt.Errorf("it is one of %s%s", strings.Join(c.words, ", "), didYouMean(word, c.words))
	}
	*c.value = word
	return nil
}

// didYouMean goes after a message about a name that is not known.
func didYouMean(name string, known []string) string {
	near := nearTo(name, known)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// nearTo are the names that may be meant, by the rule that cobra has for commands: those that begin like the name, and those
// that are one keystroke away, or two in longer names.
func nearTo(name string, known []string) []string {
	names := &cobra.Command{SuggestionsMinimumDistance: min(2, max(1, len(name)/3))}
	for _, one := range known { // a blank would end the name of a command
		names.AddCommand(&cobra.Command{Use: strings.ReplaceAll(one, " ", "\u00a0"), Run: func(*cobra.Command, []string) {}})
	}
	near := names.SuggestionsFor(strings.ReplaceAll(name, " ", "\u00a0"))
	for i := range near {
		near[i] = strings.ReplaceAll(near[i], "\u00a0", " ")
	}
	return near
}

// flagError says in our words what is wrong with the flags of a command line.
func flagError(cmd *cobra.Command, err error) error {
	if before := cmd.Flags().Args(); cmd.HasSubCommands() && len(before) > 0 {
		return noArgs(cmd, before) // the flag is one of the command that was meant
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && unknown.GetSpecifiedShortnames() == "" {
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
		return usagef("there is no flag --%s%s", unknown.GetSpecifiedName(), didYouMean("--"+unknown.GetSpecifiedName(), known))
	}
	if bare, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		value, usage := pflag.UnquoteUsage(bare.GetFlag())
		return usagef("--%s needs a value, %s: %s", bare.GetFlag().Name, value, usage)
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		flag, cause := wrong.GetFlag(), wrong.Unwrap()
		if wanted := valueTypes[flag.Value.Type()]; wanted != "" {
			cause = errors.New("it must be " + wanted)
		}
		return usagef("--%s %s: %w", flag.Name, wrong.GetValue(), cause)
	}
	return &usageError{err}
}

// valueTypes are what the values of flags are, by the names that pflag has for their types.
var valueTypes = map[string]string{
	"bool":     "true or false",
	"int":      "a whole number",
	"int64":    "a whole number",
	"float64":  "a number",
	"duration": "a time such as 90s, 10m or 2h",
}
