package main

import (
	"errors"
	"fmt"
	"io/fs"

	"ddns-batch/internal/config"
	"ddns-batch/internal/state"
)

// loadConfig reads the YAML file, or makes its like for --domain.
func (a *app) loadConfig() (*config.Config, error) {
	c, err := a.findConfig()
	if err != nil {
		return nil, err
	}
	if a.envFile != "" {
		c.EnvFile = a.envFile
	}
	return c, nil
}

func (a *app) findConfig() (*config.Config, error) {
	if a.domain != "" {
		c, err := config.Single(a.domain, a.host)
		if err != nil {
			return nil, configTrouble(err)
		}
		return c, nil
	}
	path, err := config.Find(a.config, a.getenv)
	if err != nil {
		return nil, noConfig(err)
	}
	a.configPath = path
	c, err := config.Load(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage(fmt.Sprintf("there is no file %s", path), "check --config and $DDNS_BATCH_CONFIG")
	case err != nil:
		return nil, configTrouble(err)
	}
	return c, nil
}

// start is what somebody types who has nothing yet, and least is what they write.
const start = "write that file, then type ddns-batch validate, and ddns-batch --dry-run; " +
	"one record needs no file: ddns-batch --domain example.com --host www"

var least = []string{
	"the least that works:",
	"    records:",
	"      - host: www",
	"        domain: example.com",
	"        password_env: EXAMPLE_COM_DDNS_PASSWORD",
}

func noConfig(err error) *fatal {
	f := usage("there is no configuration file", start)
	f.unconfigured = true
	var none *config.NotFound
	if errors.As(err, &none) {
		looked := "looked for "
		for _, path := range none.Looked {
			f.report.Details = append(f.report.Details, looked+path)
			looked = "and for    "
		}
	}
	f.report.Details = append(f.report.Details, least...)
	return f
}

// statePath says where the state is.
func (a *app) statePath(c *config.Config) (string, error) {
	path := a.state
	if path == "" {
		path = c.State
	}
	if path == "" {
		var err error
		if path, err = state.DefaultPath(c.Path, a.getenv); err != nil {
			return "", stateTrouble(err)
		}
	}
	if a.sandbox {
		path = state.SandboxPath(path)
	}
	return path, nil
}
