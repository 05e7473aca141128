package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ddns-batch/internal/exitstatus"
)

const longHelp = `ddns-batch keeps the A records of whole zones at Namecheap pointing at this connection's address.

A YAML file lists the records, each with the name of the environment variable that holds its domain's dynamic DNS
password. Each run finds the address once, from sources that must agree; sends the records whose last confirmed address
differs, many at a time; and remembers what was confirmed.`

const examples = `  ddns-batch --sandbox --config examples/hosts.yaml   try it out with a built-in stand-in; nothing real is touched
  ddns-batch validate                                 check the YAML file and the passwords
  ddns-batch --dry-run                                what would be sent, and why
  ddns-batch --quiet                                  for cron: print only what is new
  ddns-batch --retry --only git.example.com           send one record again after fixing it
  DDNS_API_PASSWORD=... ddns-batch --domain example.com --host www`

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:               "ddns-batch [flags]",
		Short:             "Keep whole zones at Namecheap pointing at this connection's address",
		Long:              longHelp,
		Example:           examples,
		Args:              noArguments,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.changed = cmd.Flags().Changed
			return a.checkCommon()
		},
	}
	a.commonOptions.register(root.PersistentFlags())
	root.SetFlagErrorFunc(wrongFlag)
	a.runCommand(root)
	// Other commands say in their own words how they end.
	root.SetUsageTemplate(root.UsageTemplate() + "{{if not .HasParent}}\n" + exitstatus.Help() + "{{end}}")
	root.Version = versionText()
	root.SetVersionTemplate("{{.Version}}")
	root.AddCommand(a.initCommand(), a.importCommand(), a.validateCommand(), a.doctorCommand(), a.statusCommand(), a.historyCommand(), a.explainCommand(), a.reportCommand(), a.notifyCommand(),
		a.watchCommand(), a.sandboxCommand(), a.versionCommand())
	a.completeArguments(root)
	return root
}

// noArguments refuses a word that is no command, with the near ones; or any word after a command that takes none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasSubCommands() {
		return usage(fmt.Sprintf("%s takes no arguments, such as %q", cmd.CommandPath(), args[0]),
			"name a YAML file with --config FILE, records with --only PATTERN; "+cmd.CommandPath()+" --help lists its flags")
	}
	hint := cmd.CommandPath() + " --help lists the commands"
	if !cmd.HasParent() {
		hint += "; name a YAML file with --config FILE"
	}
	// Cobra sets this only in a command without rules for its arguments.
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(fmt.Sprintf("unknown command %q", args[0]), hint)
}

// Commands are all commands with their flags, for documents about them. They cannot be run.
func Commands() *cobra.Command { return (&app{}).command() }
