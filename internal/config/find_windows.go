package config

import "path/filepath"

func places(getenv func(string) string) []string {
	if dir := getenv("AppData"); filepath.IsAbs(dir) {
		return []string{filepath.Join(dir, "ddns-batch", "hosts.yaml")}
	}
	return []string{`%AppData%\ddns-batch\hosts.yaml`}
}
