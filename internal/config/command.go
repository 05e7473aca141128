package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ddns-batch/internal/ownership"
	"ddns-batch/internal/publicip"
)

// command checks a program and its arguments. Whether the program is there is not looked at: a missing one keeps no record
// from being updated.
func (c *checker) command(key string, written []string) Command {
	if len(written) == 0 {
		return Command{}
	}
	n, _ := c.find(key)
	switch {
	case !filepath.IsAbs(written[0]):
		c.fail(key+"[0]", errors.New("must be the whole path of a program, such as /usr/local/bin/tell; PATH is not searched, and no shell is used"))
	case slices.ContainsFunc(written, func(s string) bool { return strings.Contains(s, "\x00") }):
		c.fail(key, errors.New("contains a zero byte, which cannot be passed to a program"))
	}
	return Command{Arguments: written, Where: fmt.Sprintf("%s:%d:%d", c.path, n.Line, n.Column)}
}

// startable refuses commands of a file that others could change, where root runs this: whoever changes it would become root.
// For another user that is a warning.
func (c *checker) startable(f file, exposure *ownership.Exposure) {
	field := firstCommand(f)
	if exposure == nil || field == "" {
		return
	}
	n, _ := c.find(field)
	p := Problem{Path: c.path, Line: n.Line, Column: n.Column, Field: field}
	advice, command := exposure.Remedy()
	if p.Command = command; !ownership.Root() {
		p.Text = fmt.Sprintf("others could change which command is started: %s; %s", exposure, advice)
		c.warn(p)
		return
	}
	p.Text = fmt.Sprintf("root starts no command that others could change: %s; %s", exposure, advice)
	c.problems.add(p)
}

// firstCommand is the key of the first command that a run would start; empty for none.
func firstCommand(f file) string {
	for i, raw := range f.IP.Sources {
		if s, err := publicip.ParseSource(raw); err == nil && s.Kind == publicip.CommandSource {
			return fmt.Sprintf("ip.sources[%d]", i)
		}
	}
	switch {
	case len(f.OnChange) > 0:
		return "on_change"
	case len(f.OnNews) > 0:
		return "on_news"
	}
	return ""
}
