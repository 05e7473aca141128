package cli

import (
	"os"
	"path/filepath"
	"strings"
)

// schemaName is the JSON schema of hosts.yaml among the documents.
const schemaName = "docs/hosts.schema.json"

// shippedSchema is where the JSON schema of hosts.yaml lies that came with the program at path: beside it, as in an archive, or
// where packages put it. It is empty where there is none, or where editors could not read its name in a comment.
func shippedSchema(program string) string {
	dir := filepath.Dir(program)
	for _, path := range []string{filepath.Join(dir, schemaName), filepath.Join(filepath.Dir(dir), "share/doc/ddns-batch", schemaName)} {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && !strings.ContainsAny(path, " \t") {
			return filepath.ToSlash(path)
		}
	}
	return ""
}

// schema is the one that came with this program.
func schema() string {
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	return shippedSchema(program)
}
