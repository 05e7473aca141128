package cli

import (
	"errors"
	"fmt"

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

// wrongFlag says of a flag that a command does not have where it belongs.
func wrongFlag(cmd *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return err
	}
	name := unknown.GetSpecifiedName()
	f := cmd.Root().Flags().Lookup(name)
	if f == nil && len(name) == 1 {
		f = cmd.Root().Flags().ShorthandLookup(name)
	}
	if f == nil || !cmd.HasParent() {
		return err
	}
	return usage(fmt.Sprintf("%s has no flag --%s", cmd.CommandPath(), f.Name), "that one is for runs: "+cmd.Root().Name()+" --"+f.Name+"; "+cmd.CommandPath()+" --help lists what it has")
}
