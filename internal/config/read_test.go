package config

import (
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

const oneRecord = "records:\n- host: www\n  domain: example.com\n  password_env: A\n"

// encodings are those in which an editor, or a shell's redirection, writes a file with a mark.
var encodings = map[string]func(string) string{
	"UTF-8":                   func(s string) string { return "\ufeff" + s },
	"UTF-16, as PowerShell's": func(s string) string { return inUTF16(binary.LittleEndian, s) },
	"UTF-16, the other way":   func(s string) string { return inUTF16(binary.BigEndian, s) },
}

func inUTF16(order binary.AppendByteOrder, text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestEveryKindOfFileIsReadInEveryEncoding(t *testing.T) {
	for name, encode := range encodings {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{
				"hosts.yaml": encode("# ü\r\n" + strings.ReplaceAll(oneRecord, "\n", "\r\n")),
				"bad.yaml":   encode(strings.ReplaceAll(oneRecord+"- @\n- x\n", "\n", "\r\n")),
				"hosts.env":  encode("# ü\r\nA=" + canary + "€😀\r\nfault " + canary + "\r\n"),
				"password":   encode(canary + "€😀\r\n"),
			})
			c, err := Load(t.Context(), filepath.Join(dir, "hosts.yaml"))
			if err != nil || len(c.Records) != 1 {
				t.Fatalf("the YAML file: %v", err)
			}
			if _, err := Load(t.Context(), filepath.Join(dir, "bad.yaml")); err == nil || !strings.Contains(err.Error(), "bad.yaml:5:3: ") {
				t.Errorf("a fault on line 5 of the YAML file: %v", err)
			}
			c.EnvFile = filepath.Join(dir, "hosts.env")
			passwords, err := c.Passwords(t.Context(), environment(nil))
			if err == nil || err.Error() != c.EnvFile+":3: is not of the form NAME=value" {
				t.Errorf("the env file: %v", err)
			}
			if passwords.Of(0).Secret.Reveal() != canary+"€😀" {
				t.Errorf("the env file's password is another, or %s", passwords.Of(0).Problem)
			}
			passwords, _ = load(t, dir, "password_file: password").Passwords(t.Context(), environment(nil))
			if passwords.Of(0).Secret.Reveal() != canary+"€😀" {
				t.Errorf("the password file's is another, or %s", passwords.Of(0).Problem)
			}
		})
	}
}
