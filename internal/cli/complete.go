package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/importer"
	"ddns-batch/internal/provider/namecheap/sandbox"
)

// completer gives what may stand in place of a word that is begun; args are the words before it.
type completer func(args []string, begun string) []string

// completeArguments makes commands and flags tell a shell what else it can complete than their names. Only a call that asks for
// that pays for it.
func (a *app) completeArguments(root *cobra.Command) {
	if len(a.Args) == 0 || !strings.HasPrefix(a.Args[0], cobra.ShellCompRequestCmd) {
		return
	}
	flags := map[string]cobra.CompletionFunc{
		"only":          noFiles(a.recordNames),
		"sandbox-fault": a.sandboxFaults,
		"output":        noFiles(words(outputText, outputJSON)),
		"log-format":    noFiles(words(outputText, outputJSON)),
		"log-level":     noFiles(words(logLevels()...)),
		"from":          noFiles(words(formatNames()...)),
	}
	for _, name := range []string{"domain", "host", "hosts", "ip", "sandbox-ip", "listen"} {
		flags[name] = noFiles(words())
	}
	for _, cmd := range append(root.Commands(), root) {
		for name, complete := range flags {
			if cmd.Flag(name) != nil {
				_ = cmd.RegisterFlagCompletionFunc(name, complete) // Fails where a parent has it already.
			}
		}
		if f := cmd.Flag("to"); f != nil {
			_ = cmd.MarkFlagDirname("to")
		}
		switch cmd.Name() {
		case "status", "history", "explain":
			cmd.ValidArgsFunction = noFiles(a.recordNames)
		case "import": // its arguments are files
		default:
			cmd.ValidArgsFunction = noFiles(words())
		}
	}
	_ = root.MarkPersistentFlagFilename("config", "yaml", "yml")
}

// noFiles is for words that are no names of files.
func noFiles(complete completer) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		return complete(args, begun), cobra.ShellCompDirectiveNoFileComp
	}
}

// words are always the same.
func words(all ...string) completer {
	return func(_ []string, begun string) []string { return beginningWith(begun, all) }
}

func beginningWith(begun string, all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(word string) bool { return !strings.HasPrefix(word, begun) })
}

// completionTime is how long a configuration is read for a shell that waits for it: somebody has pressed a key.
const completionTime = time.Second

// recordNames are the names of the records in hosts.yaml that are not among the arguments yet, each in the spelling in which it
// was begun. Wildcards are left out: a pattern that looks like one of them means more records than it.
func (a *app) recordNames(args []string, begun string) []string {
	path, err := config.Find(a.config, a.getenv)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), completionTime)
	defer cancel()
	c, err := config.Load(ctx, path)
	if err != nil {
		return nil
	}
	var names []string
	for _, r := range c.Records {
		name, readable := r.Name.String(), idn.Readable(r.Name.String())
		switch {
		case strings.HasPrefix(name, "*"), slices.Contains(args, name), slices.Contains(args, readable):
		case strings.HasPrefix(readable, begun):
			names = append(names, readable)
		case strings.HasPrefix(name, begun):
			names = append(names, name)
		}
	}
	return names
}

// sandboxFaults completes NAME=FAULT.
func (a *app) sandboxFaults(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	name, _, named := strings.Cut(begun, "=")
	var all []string
	if !named {
		for _, name := range a.recordNames(nil, begun) {
			all = append(all, name+"=")
		}
		return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	for fault := range strings.SplitSeq(sandbox.FaultNames(), ", ") {
		all = append(all, name+"="+fault)
	}
	return beginningWith(begun, all), cobra.ShellCompDirectiveNoFileComp
}

func logLevels() []string {
	var names []string
	for _, level := range logrus.AllLevels {
		if level != logrus.PanicLevel {
			names = append(names, level.String())
		}
	}
	return names
}

// formatNames are those that import --from takes.
func formatNames() []string {
	var names []string
	for _, f := range importer.Formats() {
		names = append(names, string(f))
	}
	return names
}
