package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The forms of an answer.
const (
	outputText = "text"
	outputJSON = "json"
)

// commonOptions are the flags that make sense for several commands.
type commonOptions struct {
	config, state, envFile string
	domain, host           string
	only                   []string
	output                 string
}

func (o *commonOptions) register(f *pflag.FlagSet) {
	f.StringVarP(&o.config, "config", "c", "", "the YAML `FILE` (default: $DDNS_BATCH_CONFIG, $XDG_CONFIG_HOME/ddns-batch/hosts.yaml, /etc/ddns-batch/hosts.yaml)")
	f.StringVar(&o.state, "state", "", "the state `FILE`; overrides state: in the YAML")
	f.StringVar(&o.envFile, "env-file", "", "a `FILE` of NAME=value lines; overrides env_file: in the YAML")
	f.StringArrayVar(&o.only, "only", nil, "only the records whose full name matches `PATTERN` (* and ? are wildcards; a domain means all its records); may be repeated")
	f.StringVarP(&o.output, "output", "o", outputText, "the format of the output: `text|json`")
	f.StringVarP(&o.domain, "domain", "d", "", "one record without a YAML file: its `DOMAIN`; the password is in DDNS_API_PASSWORD")
	f.StringVar(&o.host, "host", "@", "with --domain: the `HOST`")
}

// checkCommon is about flags that every command has.
func (a *app) checkCommon() error {
	if a.output != outputText && a.output != outputJSON {
		err := usage(fmt.Sprintf("unknown --output %q", a.output), "use text or json")
		a.output = outputText
		return err
	}
	switch {
	case a.domain != "" && a.config != "":
		return usage("--domain is for one record without a YAML file, but --config names one", "give one of the two")
	case a.domain == "" && a.changed("host"):
		return usage("--host goes with --domain", "add --domain, or use --only with a YAML file")
	case a.domain == "" && a.changed("domain"):
		return usage("--domain is empty", "give the registered domain, as in --domain example.com")
	}
	return nil
}

// wrongFlag says what is wrong with a flag, and how it is given.
func wrongFlag(cmd *cobra.Command, err error) error {
	if value, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return wrongValue(value)
	}
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		f := missing.GetFlag()
		kind, _ := pflag.UnquoteUsage(f)
		return usage("--"+f.Name+" needs a value", "write --"+f.Name+" "+kind+"; "+cmd.CommandPath()+" --help explains it")
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return unknownFlag(cmd, unknown)
	}
	return err
}

// wrongValue says what a flag's value has to look like.
func wrongValue(e *pflag.InvalidValueError) error {
	name, value := e.GetFlag().Name, e.GetValue()
	given := fmt.Sprintf("--%s %q", name, value)
	switch e.GetFlag().Value.Type() {
	case "duration":
		if _, err := strconv.ParseUint(value, 10, 32); err == nil {
			return usage(given+" has no unit", fmt.Sprintf("write --%s %ss for seconds, or --%s %sm for minutes", name, value, name, value))
		}
		return usage(given+" is not a duration", "give a number and a unit, as in 90s, 2m or 24h")
	case "int", "count":
		return usage(given+" is not a whole number", "")
	case "bool", "boolfunc":
		return usage(given+" is neither true nor false", "write --"+name+" alone, or leave it out")
	}
	return usage(given+": "+e.Unwrap().Error(), "")
}

// unknownFlag says of a flag that a command does not have what was perhaps meant, or where it belongs.
func unknownFlag(cmd *cobra.Command, unknown *pflag.NotExistError) error {
	name := unknown.GetSpecifiedName()
	help := cmd.CommandPath() + " --help lists its flags"
	if near := nearFlags(cmd, name); len(near) > 0 {
		return usage(unknown.Error(), "did you mean "+strings.Join(near, " or ")+"? "+help)
	}
	f := cmd.Root().Flags().Lookup(name)
	if f == nil && len(name) == 1 {
		f = cmd.Root().Flags().ShorthandLookup(name)
	}
	if f == nil || !cmd.HasParent() {
		return usage(unknown.Error(), help)
	}
	return usage(fmt.Sprintf("%s has no flag --%s", cmd.CommandPath(), f.Name), "it is a flag of runs: "+cmd.Root().Name()+" --"+f.Name+"; "+help)
}

// nearFlags are the flags of a command that are spelt nearly like name. Cobra compares the names of commands only, so they
// are made some.
func nearFlags(cmd *cobra.Command, name string) []string {
	if len(name) < 2 {
		return nil
	}
	names := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		names.AddCommand(&cobra.Command{Use: "--" + f.Name, Run: func(*cobra.Command, []string) {}})
	})
	return names.SuggestionsFor("--" + name)
}
