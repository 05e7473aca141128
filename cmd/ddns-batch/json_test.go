package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// jsonMatches fails unless a value of a JSON document is what is expected: matches stdout records.0.reason moved. "none"
// means that there is no such value, and a path that ends in count counts the elements of a list.
func jsonMatches(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: matches FILE PATH VALUE")
	}
	var document any
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	decoder.UseNumber()
	ts.Check(decoder.Decode(&document))
	if decoder.More() {
		ts.Fatalf("%s has more than one document", args[0])
	}
	if got := at(document, strings.Split(args[1], ".")); (got == args[2]) == neg {
		ts.Fatalf("%s is %q", args[1], got)
	}
}

func at(v any, path []string) string {
	if len(path) == 0 {
		return fmt.Sprint(v)
	}
	switch v := v.(type) {
	case map[string]any:
		if next, ok := v[path[0]]; ok {
			return at(next, path[1:])
		}
	case []any:
		if path[0] == "count" {
			return strconv.Itoa(len(v))
		}
		if i, err := strconv.Atoi(path[0]); err == nil && i < len(v) {
			return at(v[i], path[1:])
		}
	}
	return "none"
}
