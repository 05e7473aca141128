//go:build !windows

package config

import "path/filepath"

// places follows the XDG base directory specification, which says to ignore a relative $XDG_CONFIG_HOME.
func places(getenv func(string) string) []string {
	var all []string
	if dir := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		all = append(all, filepath.Join(dir, "ddns-batch", "hosts.yaml"))
	} else if home := getenv("HOME"); filepath.IsAbs(home) {
		all = append(all, filepath.Join(home, ".config", "ddns-batch", "hosts.yaml"))
	}
	return append(all, "/etc/ddns-batch/hosts.yaml")
}
