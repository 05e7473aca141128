package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ddns-batch/internal/cli"
	"ddns-batch/internal/config"
	"ddns-batch/internal/exitstatus"
)

const (
	commandPage = "packaging/man/ddns-batch.1.md"
	filePage    = "packaging/man/hosts.yaml.5.md"
)

// defined are the words that the definition lists of a text explain: those in bold type, before each line that begins with a colon.
func defined(text string) []string {
	var found []string
	for _, m := range regexp.MustCompile(`(?m)^(\*\*.*)\n: `).FindAllStringSubmatch(text, -1) {
		for _, word := range regexp.MustCompile(`\*\*([^*]+)\*\*`).FindAllStringSubmatch(m[1], -1) {
			found = append(found, word[1])
		}
	}
	return found
}

// TestDocumentsNameEveryFlagInTheManPage: each command has its part of ddns-batch(1), which explains all flags of its own and no others.
func TestDocumentsNameEveryFlagInTheManPage(t *testing.T) {
	parts := map[string]string{}
	text, commands, _ := strings.Cut(readProject(t, commandPage), "\n# COMMANDS\n")
	commands, _, _ = strings.Cut(commands, "\n# ")
	for part := range strings.SplitSeq(commands, "\n## ") {
		title, rest, _ := strings.Cut(part, "\n")
		parts[regexp.MustCompile(`^ddns-batch(?: [a-z]+)+|^$`).FindString(title)] = rest
	}
	text, _, _ = strings.Cut(text, "\n# COMMANDS\n")
	root := cli.Commands()
	root.InitDefaultHelpFlag()
	root.InitDefaultVersionFlag()
	root.InitDefaultCompletionCmd()
	compareFlags(t, "OPTIONS", text, root.LocalFlags())
	explained := map[string]bool{"": true}
	for _, c := range leaves(root) {
		// Those of all shells have the same flags.
		title := regexp.MustCompile(`^(ddns-batch completion) .*`).ReplaceAllString(c.CommandPath(), "$1")
		part, there := parts[title]
		if !there {
			t.Errorf("%s has no part %q", commandPage, "## "+title)
			continue
		}
		if title != "ddns-batch completion" || c.Name() == "bash" {
			compareFlags(t, title, part, c.LocalNonPersistentFlags())
		}
		explained[title] = true
	}
	for title := range parts {
		if !explained[title] {
			t.Errorf("%s explains %q, which is no command", commandPage, title)
		}
	}
}

// leaves are the commands that do something, apart from help.
func leaves(c *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, sub := range c.Commands() {
		switch {
		case sub.Name() == "help":
		case sub.HasSubCommands():
			all = append(all, leaves(sub)...)
		default:
			all = append(all, sub)
		}
	}
	return all
}

func compareFlags(t *testing.T, where, text string, flags *pflag.FlagSet) {
	t.Helper()
	var want, got []string
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" && where != "OPTIONS" {
			return
		}
		want = append(want, "--"+f.Name)
		if f.Shorthand != "" {
			want = append(want, "-"+f.Shorthand)
		}
	})
	for _, word := range defined(text) {
		if strings.HasPrefix(word, "-") && len(word) > 1 {
			got = append(got, word)
		}
	}
	for _, flag := range want {
		if !slices.Contains(got, flag) {
			t.Errorf("%s does not explain %s of %s", commandPage, flag, where)
		}
	}
	for _, flag := range got {
		if !slices.Contains(want, flag) {
			t.Errorf("%s explains %s of %s, which is not there", commandPage, flag, where)
		}
	}
}

// TestDocumentsNameEveryKeyInTheManPage: hosts.yaml(5) explains all keys and no others, and its example is sound.
func TestDocumentsNameEveryKeyInTheManPage(t *testing.T) {
	text := readProject(t, filePage)
	explained := defined(text)
	sections := regexp.MustCompile(`(?m)^## (\w+)$`).FindAllStringSubmatch(text, -1)
	for _, s := range sections {
		explained = append(explained, s[1])
	}
	var keys []string
	for _, m := range regexp.MustCompile(`yaml:"([a-z_]+)"`).FindAllStringSubmatch(readProject(t, "internal/config/schema.go"), -1) {
		keys = append(keys, m[1])
		if !slices.Contains(explained, m[1]) {
			t.Errorf("%s does not explain %s", filePage, m[1])
		}
	}
	for _, key := range explained {
		if !slices.Contains(keys, key) {
			t.Errorf("%s explains %s, which is no key", filePage, key)
		}
	}
	_, example, _ := strings.Cut(text, "\n# EXAMPLE\n")
	example, _, _ = strings.Cut(example, "\n# ")
	if _, err := config.Parse("hosts.yaml", []byte(regexp.MustCompile(`(?m)^    `).ReplaceAllString(example, ""))); err != nil {
		t.Error(err)
	}
}

func TestDocumentsNameEveryStatusInTheManPage(t *testing.T) {
	_, text, _ := strings.Cut(readProject(t, commandPage), "\n# EXIT STATUS\n")
	listed := 0
	for line := range strings.Lines(exitstatus.Help()) {
		status, meaning, _ := strings.Cut(strings.TrimSpace(line), " ")
		if status == "Exit" || status == "" {
			continue
		}
		listed++
		if want := "**" + status + "**\n: " + strings.TrimSpace(meaning) + "\n"; !strings.Contains(text, want) {
			t.Errorf("%s does not say\n%s", commandPage, want)
		}
	}
	if listed < 5 {
		t.Errorf("only %d statuses are listed", listed)
	}
}
