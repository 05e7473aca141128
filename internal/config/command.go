package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
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
	return Command{Arguments: written, Where: fmt.Sprintf("%s:%d:%d: %s", c.path, n.Line, n.Column, key)}
}
