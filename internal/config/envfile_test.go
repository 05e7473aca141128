package config

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseEnvFile(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want map[string]assignment
		said string
	}{
		"nothing":                       {"", nil, ""},
		"comments and blank lines":      {"# A=x\n\n  # A=y\n \t\n", nil, ""},
		"a value":                       {"A=x", map[string]assignment{"A": {"x", 1}}, ""},
		"white space around the value":  {"\t A= x y \r\n", map[string]assignment{"A": {"x y", 1}}, ""},
		"export":                        {"export A=x\nexport\t  B=y", map[string]assignment{"A": {"x", 1}, "B": {"y", 2}}, ""},
		"a variable named export":       {"export=x\nexportA=y", map[string]assignment{}, ""},
		"export of nothing":             {"export A\n", nil, "hosts.env:1: is not of the form NAME=value"},
		"double quotes":                 {`A=" x"`, map[string]assignment{"A": {" x", 1}}, ""},
		"single quotes":                 {`A='"x"'`, map[string]assignment{"A": {`"x"`, 1}}, ""},
		"a quote on one side":           {`A="x`, map[string]assignment{"A": {`"x`, 1}}, ""},
		"one quote":                     {`A="`, map[string]assignment{"A": {`"`, 1}}, ""},
		"quotes that differ":            {`A="x'`, map[string]assignment{"A": {`"x'`, 1}}, ""},
		"a number sign in the value":    {"A=x # y", map[string]assignment{"A": {"x # y", 1}}, ""},
		"an equals sign in the value":   {"A=x=y", map[string]assignment{"A": {"x=y", 1}}, ""},
		"nothing expanded":              {`A=$B${B}\n$(id)`, map[string]assignment{"A": {`$B${B}\n$(id)`, 1}}, ""},
		"others are not taken":          {"C=x\nA=y\nAB=z", map[string]assignment{"A": {"y", 2}}, ""},
		"the last of two":               {"A=x\nB=y\nA=z", map[string]assignment{"A": {"z", 3}, "B": {"y", 2}}, "hosts.env:3: A is also set on line 1; this line is used"},
		"a line without a name":         {"=" + canary, nil, "hosts.env:1: is not of the form NAME=value"},
		"a line that is a password":     {"A=x\n" + canary + "\n", map[string]assignment{"A": {"x", 1}}, "hosts.env:2: is not of the form NAME=value"},
		"white space after the name":    {"A = " + canary, nil, "hosts.env:1: has spaces around =; write NAME=value"},
		"and after export":              {"export A\t=" + canary, nil, "hosts.env:1: has spaces around =; write NAME=value"},
		"a name that is none":           {canary + "-=x\n1A=x", nil, "hosts.env:1: is not of the form NAME=value\nhosts.env:2: is not of the form NAME=value"},
		"a file of something different": {strings.Repeat(canary+"\n", 100), nil, strings.Repeat("hosts.env:%: is not of the form NAME=value\n", 5) + "hosts.env: 95 more lines are not of the form NAME=value"},
	} {
		t.Run(name, func(t *testing.T) {
			found, repeated, problems := parseEnvFile("hosts.env", c.data, map[string]bool{"A": true, "B": true})
			if len(found.values)+len(c.want) > 0 && !reflect.DeepEqual(found.values, c.want) {
				t.Errorf("got %v, want %v", found.values, c.want)
			}
			said := append(repeated, problems...).Error()
			want := c.said
			for _, line := range []string{"1", "2", "3", "4", "5"} {
				want = strings.Replace(want, "%", line, 1)
			}
			if said != want {
				t.Errorf("said\n%s\nwant\n%s", said, want)
			}
			if strings.Contains(said, canary) {
				t.Error("a line is quoted")
			}
		})
	}
}

func TestEnvFileSize(t *testing.T) {
	dir := folder(t, map[string]string{"hosts.env": "A=x\n#" + strings.Repeat("x", maxEnvFile)})
	_, err := load(t, dir, "password_env: A").Passwords(t.Context(), environment(nil))
	if err == nil || !strings.HasSuffix(err.Error(), "it is larger than 1024 KiB") {
		t.Errorf("got %v", err)
	}
}

func TestLinesThatSetAVariableAgainAreCounted(t *testing.T) {
	found, repeated, problems := parseEnvFile("hosts.env", strings.Repeat("A=x\n", 10_001), map[string]bool{"A": true})
	if len(repeated) != maxLines+1 || repeated.Count() != 10_000 || problems != nil || found.values["A"].line != 10_001 {
		t.Errorf("%v, %v, %v", found, repeated, problems)
	}
	if last := repeated[maxLines].Error(); last != "hosts.env: 9995 more lines set a variable again; the last one is used" {
		t.Errorf("said %q", last)
	}
}
