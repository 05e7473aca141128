package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/report"
)

// options are the flags, as they were given.
type options struct {
	config, state, envFile string
	domain, host           string
	dryRun, detailed       bool
	force, retry, all      bool
	only                   []string
	ip, ipFile             string
	output                 string
	quiet                  int
	concurrency            int
	timeout                time.Duration
	log                    logOptions
	sandbox                bool
	sandboxIP              string
	sandboxFaults          []string
	verify                 bool
	wait                   time.Duration
}

// app is one call of the program.
type app struct {
	world
	options
	// configPath is the YAML file that was found; empty so far, or where there is none.
	configPath string
	// changed tells a flag that was given from one that has its default.
	changed func(flag string) bool
}

// execute runs the command line and returns the exit status.
func execute(w world) int {
	a := &app{world: w}
	root := a.command()
	root.SetArgs(w.args)
	root.SetOut(w.stdout)
	root.SetErr(w.stderr)
	err := root.Execute()
	var end ended
	switch {
	case err == nil:
		return statusOK
	case errors.As(err, &end):
		return int(end)
	}
	f := asFatal(err)
	a.printFatal(f)
	return f.status
}

// printFatal writes the error to stderr, unless it is none that a quiet run speaks of.
func (a *app) printFatal(f *fatal) {
	if a.speaks(f) {
		a.print(f.report)
	}
}

func (a *app) print(e report.Error) {
	prefix := ""
	if a.quiet > 0 {
		prefix = a.machine() + ": "
	}
	// There is nobody left to tell that stderr is gone.
	_ = report.WriteError(a.stderr, prefix, e)
}

// warn writes a warning to stderr.
func (a *app) warn(message string) {
	_ = report.WriteWarning(a.stderr, "", report.Error{Message: message})
}

const longHelp = `ddns-batch keeps the A records of whole zones at Namecheap pointing at this connection's address.

A YAML file lists the records, each with the name of the environment variable that holds its domain's dynamic DNS
password. The address is found once a run, by sources that must agree; what differs from the last confirmed address is
sent, many records at a time; what was confirmed is remembered.`

const examples = `  ddns-batch --sandbox --config examples/hosts.yaml   try it out: a built-in stand-in, nothing real is touched
  ddns-batch validate                                 check the YAML file and the passwords
  ddns-batch --dry-run                                what would be sent, and why
  ddns-batch --quiet                                  what cron calls: says only what is new
  ddns-batch --retry --only git.example.com           send one record again after mending it
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
		// Also for the hint of noArguments, which cobra does not prepare.
		SuggestionsMinimumDistance: 2,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.changed = cmd.Flags().Changed
			return a.checkOutput()
		},
		RunE: func(*cobra.Command, []string) error { return a.batch() },
	}
	// Other commands say in their own words how they end.
	root.SetUsageTemplate(root.UsageTemplate() + "{{if not .HasParent}}\n" + exitstatus.Help() + "{{end}}")
	root.Version = versionText()
	root.SetVersionTemplate("{{.Version}}")
	a.sharedFlags(root)
	a.batchFlags(root)
	root.AddCommand(a.validateCommand(), a.doctorCommand(), a.statusCommand(), a.historyCommand(), a.explainCommand(), a.reportCommand(), a.sandboxCommand(), a.versionCommand())
	return root
}

// noArguments refuses a word that is no command, with the near ones.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "ddns-batch --help lists the commands"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(fmt.Sprintf("unknown command %q", args[0]), hint)
}

// sharedFlags are those that make sense for several commands.
func (a *app) sharedFlags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVarP(&a.config, "config", "c", "", "the YAML `FILE` (default: $DDNS_BATCH_CONFIG, $XDG_CONFIG_HOME/ddns-batch/hosts.yaml, /etc/ddns-batch/hosts.yaml)")
	f.StringVar(&a.state, "state", "", "the state `FILE`, overrides state: in the YAML")
	f.StringVar(&a.envFile, "env-file", "", "a `FILE` of NAME=value lines, overrides env_file: in the YAML")
	f.StringArrayVar(&a.only, "only", nil, "only the records whose full name matches `PATTERN` (* and ? are wildcards; a domain means all its records); may be repeated")
	f.StringVarP(&a.output, "output", "o", "text", "what is written to stdout: `text|json`")
	f.StringVarP(&a.domain, "domain", "d", "", "one record without a YAML file: its `DOMAIN`; the password is in DDNS_API_PASSWORD")
	f.StringVar(&a.host, "host", "@", "with --domain: the `HOST`")
	f.StringVar(&a.log.level, "log-level", "", "trace, debug, info, warning, error or fatal: the `LEVEL` from which on is logged (default: warning, in a file info)")
	f.StringVar(&a.log.format, "log-format", "text", "how the log is written: `text|json`")
	f.StringVar(&a.log.file, "log-file", "", "log to `FILE` instead of stderr")
	f.BoolVar(&a.log.utc, "log-utc", false, "times in the log in UTC")
}

func (a *app) batchFlags(root *cobra.Command) {
	f := root.Flags()
	f.BoolVarP(&a.dryRun, "dry-run", "n", false, "show what would be sent and why; nothing is sent or written")
	f.BoolVar(&a.detailed, "detailed-exitcode", false, "with --dry-run: status 5 if something would be sent")
	f.BoolVar(&a.force, "force", false, "send every record, also those held, paused or blocked")
	f.BoolVar(&a.retry, "retry", false, "also send records that are held, but not those that are current")
	f.StringVar(&a.ip, "ip", "", "use this `ADDRESS` instead of asking the sources")
	f.CountVarP(&a.quiet, "quiet", "q", "for cron: say only what is new; -qq: only trouble and its end")
	f.BoolVar(&a.all, "all", false, "list records that are kept, too")
	f.IntVar(&a.concurrency, "concurrency", config.Defaults().Concurrency, "`N` updates at the same time, overrides the YAML")
	f.DurationVar(&a.timeout, "timeout", config.Defaults().Timeout, "`TIME` for the whole run, as in 90s or 2m, overrides the YAML")
	f.StringVar(&a.ipFile, "ip-file", "", "also write \"IP @ MM/DD/YYYY - HH:MM:SS\" to `FILE` after a run")
	f.BoolVar(&a.sandbox, "sandbox", false, "run against a built-in stand-in; no real DNS is touched, no password is needed")
	a.sandboxFlags(f)
	f.BoolVar(&a.verify, "verify", false, "ask the domains' own name servers what is published, and set right what drifted")
	f.DurationVar(&a.wait, "wait", 0, "after the updates, wait up to `TIME` until the name servers serve the new address; implies --verify")
}

// checkOutput is about flags that every command has.
func (a *app) checkOutput() error {
	if a.output != "text" && a.output != "json" {
		err := usage(fmt.Sprintf("unknown --output %q", a.output), "use text or json")
		a.output = "text"
		return err
	}
	return a.log.check()
}

// checkFlags refuses combinations that would not do what they say.
func (a *app) checkFlags() error {
	switch {
	case a.detailed && !a.dryRun:
		return usage("--detailed-exitcode goes with --dry-run", "add --dry-run, or leave it out")
	case a.domain != "" && a.config != "":
		return usage("--domain is for one record without a YAML file, --config names one", "give one of the two")
	case a.domain == "" && a.changed("host"):
		return usage("--host goes with --domain", "add --domain, or use --only with a YAML file")
	case a.domain == "" && a.changed("domain"):
		return usage("--domain is empty", "give the registered domain, as in --domain example.com")
	case !a.sandbox && a.sandboxIP != "":
		return usage("--sandbox-ip goes with --sandbox", "add --sandbox, or use --ip")
	case !a.sandbox && len(a.sandboxFaults) > 0:
		return usage("--sandbox-fault goes with --sandbox", "add --sandbox")
	case a.changed("concurrency") && (a.concurrency < 1 || a.concurrency > config.MaxConcurrency):
		return usage(fmt.Sprintf("--concurrency %d is out of range", a.concurrency), fmt.Sprintf("use 1 to %d", config.MaxConcurrency))
	case a.sandbox && (a.verify || a.wait > 0):
		return usage("--verify and --wait ask real name servers, and the sandbox has none", "leave out --sandbox, or --verify and --wait")
	case a.wait < 0:
		return usage(fmt.Sprintf("--wait %s is out of range", a.wait), "use a duration above 0, as in 2m")
	case a.changed("ip") && a.ip == "":
		return usage("--ip is empty", "give an address, as in --ip 93.184.216.34, or leave it out")
	case a.changed("timeout") && a.timeout <= 0:
		return usage(fmt.Sprintf("--timeout %s is out of range", a.timeout), "use a duration above 0, as in 2m")
	}
	return nil
}
