package config

import (
	"strings"
	"testing"
)

func TestWhatStandsOutInAPassword(t *testing.T) {
	const usual = "c4a17b0e9dc4a17b0e9dc4a17b0e9dff"
	for value, want := range map[string]string{
		"": "", usual: "", strings.ToUpper(usual): "", `p"a'ß,w;$1#x%&=`: "", "a$b": "", "50%": "", "a#b": "", "https://x": "", "q=": "looks like a whole NAME=value line",
		`"` + usual + `"`:           "has quotes around it",
		"'" + usual + "'":           "has quotes around it",
		"“" + usual + "”":           "has quotes around it",
		`"` + usual:                 "begins with a quote",
		usual + "’":                 "ends with a quote",
		`"`:                         "begins with a quote",
		usual + ",":                 "ends with a comma",
		usual + ";":                 "ends with a semicolon",
		`"` + usual + `",`:          "begins with a quote and ends with a comma",
		`"` + usual + `,"`:          "has quotes around it and ends with a comma",
		usual[:9] + " " + usual[9:]: "contains a space",
		usual + " # the new one":    "is followed by a comment",
		usual + " // the new one":   "is followed by a comment",
		"${EXAMPLE_NET}":            "looks like a variable, but variables are not expanded",
		"${EXAMPLE_NET:-x}":         "looks like a variable, but variables are not expanded",
		"$EXAMPLE_NET":              "looks like a variable, but variables are not expanded",
		"$(pass show net)":          "looks like a variable, but variables are not expanded and contains a space",
		"%EXAMPLE_NET%":             "looks like a variable, but variables are not expanded",
		"EXAMPLE_NET=" + usual:      "looks like a whole NAME=value line",
		"export EXAMPLE=" + usual:   "looks like a whole NAME=value line and contains a space",
		"\ufeff" + usual:            "begins with a byte order mark",
		usual + "\u200b":            "contains a zero-width space",
		usual[:9] + "\u00a0":        "contains a no-break space",
		"\u202e" + usual:            "begins with an invisible character",
		usual + "\xff":              "contains bytes that are not UTF-8",
	} {
		got := oddity(value)
		if got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
		if len(value) > 8 && strings.Contains(got, usual[:8]) {
			t.Errorf("%q is quoted: %s", value, got)
		}
	}
}

// A letter or digit beside others is no oddity; every other byte is looked at.
func TestOnlyLettersAndDigitsAreNotLookedAt(t *testing.T) {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for b := range 256 {
		value := "a" + string([]byte{byte(b)}) + "1"
		if got, want := alphanumeric(value), strings.IndexByte(letters, byte(b)) >= 0; got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
}

func TestAMissingVariableIsGuessedAt(t *testing.T) {
	const records = "records:\n- {host: a, domain: example.com, password_env: EXAMPLE_COM_PASSWORD}\n" +
		"- {host: b, domain: example.com, password_env: EXAMPLE_CON_PASSWORD}\n- {host: c, domain: example.net, password_env: HOME_1}\n" +
		"- {host: d, domain: example.org, password_env: HOME_2}\n- {host: e, domain: example.org, password_env: X}\nenv_file: hosts.env\n"
	for name, c := range map[string]struct {
		environment map[string]string
		envFile     string
		want        string // what is said of the second reference
		at          int
	}{
		"one of the environment":             {map[string]string{"EXAMPLE_CO_PASSWORD": "x"}, "", "not set; did you mean EXAMPLE_CO_PASSWORD?", 1},
		"one of the env file":                {nil, "export EXAMPLE_CNO_PASSWORD=x\n", "not set; did you mean EXAMPLE_CNO_PASSWORD?", 1},
		"the nearest":                        {map[string]string{"EXAMPLE_COO_PASSWOR": "x"}, "EXAMPLE_CN_PASSWORD=x", "not set; did you mean EXAMPLE_CN_PASSWORD?", 1},
		"in lower case":                      {map[string]string{"example_con_password": "x"}, "", "not set; did you mean example_con_password?", 1},
		"that of the domain's other records": {map[string]string{"EXAMPLE_COM_PASSWORD": "x"}, "", "not set; did you mean EXAMPLE_COM_PASSWORD?", 1},
		"not that of another domain":         {map[string]string{"HOME_1": "x"}, "", "not set", 3},
		"not one that is blank":              {map[string]string{"EXAMPLE_CO_PASSWORD": " "}, "EXAMPLE_CNO_PASSWORD=", "not set", 1},
		"not one that is far off":            {map[string]string{"EXAMPLE_ORG_PASSWORD": "x", "Y": "x"}, "", "not set", 1},
		"no short one":                       {map[string]string{"Y": "x"}, "Z=x", "not set", 4},
		"where it is only empty":             {map[string]string{"EXAMPLE_CON_PASSWORD": "", "EXAMPLE_CO_PASSWORD": "x"}, "", "empty", 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{"hosts.yaml": records, "hosts.env": c.envFile})
			config, err := Load(t.Context(), dir+"/hosts.yaml")
			if err != nil {
				t.Fatal(err)
			}
			passwords, err := config.Passwords(t.Context(), environment(c.environment))
			if err != nil {
				t.Fatal(err)
			}
			if got := passwords.Of(c.at).Problem; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
