package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"ddns-batch/internal/config"
	"ddns-batch/internal/run"
	"ddns-batch/internal/state"
)

// installation is what the YAML file leads to: its records with their passwords, and where the state is.
type installation struct {
	// path is the YAML file that was found, whether it could be understood or not; empty for --domain.
	path   string
	config *config.Config
	// faulty is what was understood of a YAML file that is not right, for the files that it names; nil where nothing was.
	faulty *config.Config
	// passwords is nil in the sandbox, which has its own. passwordErr is why some could not be looked for.
	passwords   *config.Passwords
	passwordErr error
	records     []run.Record
	// state is the state file. stateErr is why it has no place.
	state    string
	stateErr error
}

// open reads the YAML file and the passwords that it names, and finds the state.
func (a *app) open(sandbox bool) (installation, error) {
	in := installation{}
	var err error
	if in.path, in.config, err = a.loadConfig(); err != nil {
		in.config, in.faulty = nil, in.config
		return in, err
	}
	a.complete(&in, sandbox)
	return in, nil
}

// complete adds to a configuration what it names.
func (a *app) complete(in *installation, sandbox bool) {
	if !sandbox {
		in.passwords, in.passwordErr = a.readPasswords(in.config)
	}
	in.records = withPasswords(in.config, in.passwords)
	in.state, in.stateErr = a.statePath(in.config, sandbox)
}

// readingTime ends when a run that may take limit, or --timeout, has to end: a pipe into which nobody writes is not waited
// for any longer.
func (a *app) readingTime(limit time.Duration) (context.Context, context.CancelFunc) {
	if a.timeLimit > 0 {
		limit = a.timeLimit
	}
	return context.WithTimeout(a.stop.Signalled, limit-a.Now().Sub(a.started))
}

// readPasswords finds the passwords that c names.
func (a *app) readPasswords(c *config.Config) (*config.Passwords, error) {
	ctx, cancel := a.readingTime(c.Timeout)
	defer cancel()
	return c.Passwords(ctx, config.Environment{Lookup: a.Lookup, Names: a.Variables})
}

// loadConfig reads the YAML file, or makes its like for --domain. path is empty for the latter. Beside an error there may be a
// c, as from config.Load.
func (a *app) loadConfig() (path string, c *config.Config, err error) {
	if a.domain != "" {
		c, err = config.Single(a.domain, a.host)
	} else {
		if path, err = config.Find(a.config, a.getenv); err != nil {
			return "", nil, a.noConfig(err)
		}
		ctx, cancel := a.readingTime(config.Defaults().Timeout)
		defer cancel()
		c, err = config.Load(ctx, path)
	}
	if c != nil && a.envFile != "" {
		c.EnvFile, c.ReplacedEnvFile = a.envFile, c.EnvFile
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil, usage(fmt.Sprintf("there is no file %s", path), "check --config and $DDNS_BATCH_CONFIG")
	case err != nil:
		return path, c, configFailure(err)
	}
	return path, c, nil
}

// configIfAny is loadConfig, or an empty configuration where --state is all that is needed and there is no YAML file.
func (a *app) configIfAny() (*config.Config, error) {
	var none *config.NotFound
	if _, err := config.Find(a.config, a.getenv); a.domain == "" && a.state != "" && errors.As(err, &none) {
		return &config.Config{}, nil
	}
	_, c, err := a.loadConfig()
	return c, err
}

// start is what somebody types who has nothing yet, and least is what they write.
const start = "type ddns-batch init, which makes it, or ddns-batch import if another program has done this; or name a file with --config FILE; " +
	"one record needs no file: ddns-batch --domain example.com --host www"

// usualName is how the YAML file is called where it is looked for.
const usualName = "hosts.yaml"

var least = []string{
	"a minimal file:",
	"    records:",
	"      - host: www",
	"        domain: example.com",
	"        password_env: EXAMPLE_COM_DDNS_PASSWORD",
}

func (a *app) noConfig(err error) *run.Failure {
	f := usage("there is no configuration file", start)
	if info, err := os.Stat(usualName); err == nil && info.Mode().IsRegular() {
		f.Report.Hint = "the " + usualName + " in this folder is not read unless it is named:"
		f.Report.Command = slices.Concat([]string{"ddns-batch"}, a.Args, []string{"--config", usualName})
	}
	var none *config.NotFound
	if errors.As(err, &none) {
		looked := "looked for "
		for _, path := range none.Looked {
			f.Report.Details = append(f.Report.Details, looked+path)
			looked = "and for    "
		}
	}
	f.Report.Details = append(f.Report.Details, least...)
	return f
}

// statePath says where the state is.
func (a *app) statePath(c *config.Config, sandbox bool) (string, error) {
	path := a.state
	if path == "" {
		var err error
		if path, err = a.usualState(c); err != nil {
			return "", run.StateFailure(err)
		}
	}
	if sandbox {
		path = state.SandboxPath(path)
	}
	return path, nil
}

// usualState is where the state of c is without --state.
func (a *app) usualState(c *config.Config) (string, error) {
	if c.State != "" {
		return c.State, nil
	}
	return state.DefaultPath(c.Path, a.getenv)
}
