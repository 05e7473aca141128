package main

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"ddns-batch/internal/cli"
	"ddns-batch/internal/config"
	"ddns-batch/internal/exitstatus"
)

// allDocuments is the text of the README and of docs.
func allDocuments(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, name := range documents(t) {
		all.WriteString(readProject(t, name))
	}
	return all.String()
}

// readProject reads a file by its path from the project's folder.
func readProject(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

func TestReadmeListsTheExitStatusesOfTheHelp(t *testing.T) {
	var inReadme, inHelp []string
	for _, row := range find(t, sections(t), "Exit statuses").rows() {
		inReadme = append(inReadme, strings.Join(row, " "))
	}
	for line := range strings.Lines(exitstatus.Help()) {
		if status, meaning, ok := strings.Cut(strings.TrimSpace(line), " "); ok && status != "Exit" {
			inHelp = append(inHelp, status+" "+strings.TrimSpace(meaning))
		}
	}
	if !reflect.DeepEqual(inReadme, inHelp) || len(inHelp) == 0 {
		t.Errorf("the README has\n%s\nand --help\n%s", strings.Join(inReadme, "\n"), strings.Join(inHelp, "\n"))
	}
}

// rows are the cells of the tables in a section, without their headings and without backquotes.
func (s section) rows() [][]string {
	var rows [][]string
	head := ""
	for line := range strings.Lines(s.text) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			head = ""
		case head == "":
			head = line
		case strings.Trim(line, "|- ") != "":
			var cells []string
			for _, cell := range strings.Split(strings.Trim(line, "|"), "|") {
				cells = append(cells, strings.ReplaceAll(strings.TrimSpace(cell), "`", ""))
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

var (
	commandLine = regexp.MustCompile("(?:^|[ `\\\\]|bin/|cmd/|\\./)ddns-batch(?:\\.exe)?((?: [^`\n]*)?)")
	flagAlone   = regexp.MustCompile("`(-[^`\n]*)`")
	flagWord    = regexp.MustCompile(`(?:^| )--?([a-z][a-z-]*)`)
)

func TestReadmeNamesNoFlagThatIsNotThere(t *testing.T) {
	known := knownFlags()
	seen := 0
	for _, s := range sections(t) {
		found := commandLine.FindAllStringSubmatch(s.text, -1)
		if s.title != "How it compares" {
			found = append(found, flagAlone.FindAllStringSubmatch(s.text, -1)...)
		}
		for _, f := range found {
			for _, word := range flagWord.FindAllStringSubmatch(f[1], -1) {
				seen++
				if !known[word[1]] {
					t.Errorf("%s: there is no flag %q, in %q", s.title, word[1], f[0])
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d flags were found", seen)
	}
}

func knownFlags() map[string]bool {
	known := map[string]bool{"help": true, "qq": true}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		add := func(f *pflag.Flag) { known[f.Name], known[f.Shorthand] = true, true }
		c.Flags().VisitAll(add)
		c.PersistentFlags().VisitAll(add)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(cli.Commands())
	return known
}

// TestDocumentsLinkToWhatIsThere: every link within the project leads to a file, and to a heading in it.
func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	followed := 0
	for _, name := range append(documents(t), "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md") {
		for _, m := range links.FindAllStringSubmatch(readProject(t, name), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			followed++
			file, heading, _ := strings.Cut(m[1], "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(target))); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if heading != "" && !anchors(readProject(t, target))[heading] {
				t.Errorf("%s: %s has no heading #%s", name, target, heading)
			}
		}
	}
	if followed < 20 {
		t.Errorf("only %d links were found", followed)
	}
}

// anchors are the headings of a document as links name them: in small letters, with dashes for blanks.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(m[1]), "")
		found[strings.ReplaceAll(name, " ", "-")] = true
	}
	return found
}

// TestReadmeShowsSoundConfigurations: every YAML block is read as hosts.yaml. One that has no records gets some.
func TestReadmeShowsSoundConfigurations(t *testing.T) {
	whole := 0
	for _, s := range sections(t) {
		for _, block := range s.blocks("yaml") {
			if strings.HasPrefix(block, "records:") {
				whole++
			} else {
				block += "records: [{host: www, domain: example.com, password_env: PASSWORD}]\n"
			}
			if _, err := config.Parse("hosts.yaml", []byte(block)); err != nil {
				t.Errorf("%s: %v\n%s", s.title, err, block)
			}
		}
	}
	if whole == 0 {
		t.Error("there is no whole configuration")
	}
}

func TestReadmeHasEveryKeyWithItsDefault(t *testing.T) {
	blocks := find(t, sectionsOf(t, "docs/configuration.md"), "All settings").blocks("yaml")
	if len(blocks) != 1 {
		t.Fatalf("%d blocks", len(blocks))
	}
	c, err := config.Parse("hosts.yaml", []byte(blocks[0]))
	if err != nil {
		t.Fatal(err)
	}
	want := config.Defaults()
	want.Path, want.Records = c.Path, c.Records
	if len(c.IP.Allow) == 0 {
		c.IP.Allow = nil
	}
	if !reflect.DeepEqual(*c, want) {
		t.Errorf("the README has %+v, the defaults are %+v", *c, want)
	}
	keys := regexp.MustCompile(`yaml:"([a-z_]+)"`).FindAllStringSubmatch(readProject(t, "internal/config/schema.go"), -1)
	for _, key := range keys {
		if !regexp.MustCompile(`(?m)^[ -]*` + key[1] + `:`).MatchString(blocks[0]) {
			t.Errorf("the key %s is not there", key[1])
		}
	}
	if len(keys) == 0 {
		t.Error("there are no keys")
	}
}

// TestExamplesForTimersWorkAsPasted: what is in the README is what is in the files, every path in it is a whole one, and
// systemd, which starts no service without its credentials, finds them.
func TestExamplesForTimersWorkAsPasted(t *testing.T) {
	text := allDocuments(t)
	paths := regexp.MustCompile(`(?:^ExecStart=|^LoadCredential=[\w.-]+:|--config |\*  ddns-batch  )(\S+)`)
	files := 0
	for _, dir := range []string{"systemd", "cron.d"} {
		root := os.DirFS(filepath.Join("..", "..", "examples", dir))
		err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			files++
			content := readProject(t, "examples/"+dir+"/"+name)
			if !strings.Contains(text, content) {
				t.Errorf("the README shows another %s/%s", dir, name)
			}
			for line := range strings.Lines(content) {
				for _, m := range paths.FindAllStringSubmatch(line, -1) {
					if !strings.HasPrefix(m[1], "/") {
						t.Errorf("%s: %s is not a whole path", name, m[1])
					}
					// init --system makes them.
					if strings.HasPrefix(line, "LoadCredential=") && m[1] != "/etc/ddns-batch/hosts.env" {
						t.Errorf("%s loads %s, which nothing makes", name, m[1])
					}
				}
			}
			if calls := callsOf[name]; calls != "" && !strings.Contains(content, "/usr/local/bin/ddns-batch "+calls+" --config /etc/ddns-batch/hosts.yaml") {
				t.Errorf("%s does not call the program with %s and its configuration", name, calls)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files != 5 {
		t.Errorf("%d files", files)
	}
}

// callsOf is how the examples call the program.
var callsOf = map[string]string{"ddns-batch": "--quiet", "ddns-batch.service": "--quiet", "ddns-batch-watch.service": "watch"}

// TestExamplesForContainersAreSound: what a ConfigMap brings is a configuration, and the Secret beside it has the passwords that it names.
func TestExamplesForContainersAreSound(t *testing.T) {
	parts := strings.Split(readProject(t, "examples/kubernetes/config.yaml"), "\n---\n")
	if len(parts) < 2 {
		t.Fatalf("%d parts", len(parts))
	}
	var configMap struct {
		Data map[string]string `yaml:"data"`
	}
	var secret struct {
		Passwords map[string]string `yaml:"stringData"`
	}
	if err := errors.Join(yaml.Unmarshal([]byte(parts[0]), &configMap), yaml.Unmarshal([]byte(parts[1]), &secret)); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse("hosts.yaml", []byte(configMap.Data["hosts.yaml"]))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Records {
		if secret.Passwords[r.Password.File] == "" {
			t.Errorf("%s: there is no password %q", r.Name, r.Password.File)
		}
	}
}
