package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/importer"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/report"
	"ddns-batch/internal/sanitize"
)

const importHelp = `import reads the configuration of other updaters, and makes a hosts.yaml from what it says about Namecheap. Without --to the
YAML goes to stdout, without passwords. With --to it creates DIR/hosts.yaml, and DIR/hosts.env, which holds the passwords and
which only you can read. It never replaces either of them. Nothing is run, no variable is expanded, and no other file is read
except those that a file includes from its own folder. FILE may be -, which is what comes through a pipe.

stderr lists, with file and line, what was taken, what was left out and why, what the other program never did with it, and
what needs you. The format of a file is recognised by its content; --from names it:

  ddclient       ddclient.conf, also the one that OPNsense writes
  inadyn         inadyn.conf
  ddns-updater   config.json of qdm12/ddns-updater
  ddns-go        .ddns_go_config.yaml
  openwrt        /etc/config/ddns
  pfsense        config.xml
  env            NAME=value lines and compose files of images for one record
  curl           crontabs and scripts that contain the whole URL
  ini            sections with host, domain and api_password

Exit status: 0, 1 if something needs you, 2 if nothing could be read or written.`

// importOptions are the flags of the import command.
type importOptions struct{ from, to string }

func (a *app) importCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE... [--to DIR]",
		Short: "Create hosts.yaml from the configuration of another updater; no network",
		Long:  importHelp,
		Example: "  ddns-batch import /etc/ddclient.conf                       show what would be taken\n" +
			"  ddns-batch import /etc/ddclient.conf --to /etc/ddns-batch  write it, passwords too",
		RunE: func(_ *cobra.Command, files []string) error { return a.importFiles(files, o) },
	}
	cmd.Flags().StringVar(&o.from, "from", "", "the `FORMAT` of all files")
	cmd.Flags().StringVar(&o.to, "to", "", "create hosts.yaml and hosts.env in `DIR`")
	return cmd
}

func (a *app) importFiles(paths []string, o importOptions) error {
	if err := a.checkImport(paths, o); err != nil {
		return err
	}
	if o.to != "" {
		o.to = wholePath(o.to)
	}
	files, err := a.readFiles(paths)
	if err != nil {
		return err
	}
	options := importer.Options{Format: importer.Format(o.from), Open: a.readForeign}
	if o.to != "" {
		options.EnvFile = usualEnv
	}
	r := importer.Import(files, options)
	for _, n := range r.Notes {
		_, _ = fmt.Fprintln(a.Stderr, sanitize.Text(n.String()))
	}
	r.Draft.Schema = schema()
	oversized := r.Draft.Oversized()
	switch {
	case r.Records > 0 && oversized != "":
		return usage(oversized+"; nothing was written", "split the file, and import each part into a folder of its own with --to")
	case r.Records == 0 && r.Has(importer.NeedsYou):
		return a.endImport(r, "no record could be taken as it is, so nothing was written; the lines above say what needs you")
	case r.Records == 0:
		return nothingFound(r.Read)
	case o.to == "":
		return a.showDraft(r, paths, o)
	}
	return a.writeDraft(r, o.to)
}

// nothingFound says what was found in place of records.
func nothingFound(files []importer.Reading) error {
	f := usage("no record of a domain at Namecheap was found; nothing was written", "if a file is of another format, name that with --from; ddns-batch import --help lists them all")
	widest := 0
	for _, r := range files {
		widest = max(widest, len(r.File))
	}
	for _, r := range files {
		found := "the format was not recognised"
		if r.Format != "" {
			found = fmt.Sprintf("read as %s: %s left out, see above", r.Format, humanize.Count(r.LeftOut, "record"))
			if r.LeftOut == 0 {
				found = fmt.Sprintf("read as %s: there is no record in it", r.Format)
			}
		}
		f.Report.Details = append(f.Report.Details, fmt.Sprintf("%-*s  %s", widest, r.File, found))
	}
	return f
}

func (a *app) checkImport(paths []string, o importOptions) error {
	if err := a.refuseFiles("import"); err != nil {
		return err
	}
	names := formatNames()
	switch {
	case len(paths) == 0:
		return usage("there is no file to import", "name one, as in ddns-batch import /etc/ddclient.conf; ddns-batch import --help lists the formats")
	case o.from != "" && !slices.Contains(names, o.from):
		return usage(fmt.Sprintf("unknown --from %q", o.from), "use one of "+strings.Join(names, ", "))
	case a.output == outputJSON:
		return usage("import has no JSON output", "leave out --output: without --to it prints YAML")
	case a.changed("to") && o.to == "":
		return usage("--to is empty", "name a folder, or leave it out to see the YAML")
	case o.to != "":
		return checkNew(newFiles(o.to, config.Draft{}))
	}
	return nil
}

// fromStdin stands for what comes through a pipe.
const fromStdin = "-"

func (a *app) readFiles(paths []string) ([]importer.File, error) {
	var files []importer.File
	for _, path := range paths {
		hint := ""
		if path == fromStdin {
			path, hint = "/dev/stdin", "- stands for what comes through a pipe; name a file otherwise, as in ddns-batch import /etc/ddclient.conf"
		}
		data, err := a.readForeign(path)
		if err != nil {
			return nil, usage(fmt.Sprintf("cannot read %s: %v", path, err), hint)
		}
		files = append(files, importer.File{Path: path, Data: data})
	}
	return files, nil
}

// readForeign reads a file that was named, or that one of these includes.
func (a *app) readForeign(path string) ([]byte, error) {
	ctx, cancel := a.readingTime(config.Defaults().Timeout)
	defer cancel()
	data, _, err := config.ReadText(ctx, path, importer.MostFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("there is no such file")
	}
	return data, err
}

// showDraft prints the YAML file.
func (a *app) showDraft(r *importer.Result, paths []string, o importOptions) error {
	if _, err := a.Stdout.Write(r.Draft.YAML()); err != nil {
		return usage("cannot write the output: "+err.Error(), "")
	}
	if passwords(r.Draft) > 0 {
		a.hint(a.howToWrite(paths, o))
	}
	return a.endImport(r, "")
}

// howToWrite says how the files are written that were only shown: into the folder where they are looked for first, unless
// something is there, or what was read came through a pipe.
func (a *app) howToWrite(paths []string, o importOptions) outcome.Hint {
	h := outcome.Hint{Text: "the passwords are not shown; with --to DIR they are written to DIR/" + usualEnv + ", which only you can read"}
	dir := config.UsualFolder(a.getenv)
	piped := slices.ContainsFunc(paths, func(path string) bool { return path == fromStdin || strings.HasPrefix(path, "/dev/") })
	if piped || !filepath.IsAbs(dir) || checkNew(newFiles(dir, config.Draft{})) != nil {
		return h
	}
	h.Text = "the passwords are not shown; this writes them, to a file that only you can read:"
	h.Command = []string{"import"}
	if o.from != "" {
		h.Command = append(h.Command, "--from", o.from)
	}
	h.Command = append(append(h.Command, paths...), "--to", dir)
	return h
}

// passwords counts those that are known.
func passwords(d config.Draft) int {
	n := 0
	for _, v := range d.Variables {
		if !v.Secret.IsZero() {
			n++
		}
	}
	return n
}

func (a *app) writeDraft(r *importer.Result, dir string) error {
	if err := a.createFiles(newFiles(dir, r.Draft)); err != nil {
		return err
	}
	path := filepath.Join(dir, usualName)
	_, err := fmt.Fprintf(a.Stdout, "wrote %s: %s\nwrote %s: %s, which only its owner can read\n",
		path, humanize.Count(r.Records, "record"), filepath.Join(dir, usualEnv), humanize.Count(passwords(r.Draft), "password"))
	if err != nil {
		return usage("cannot write the output: "+err.Error(), "")
	}
	next := "; then see what a run would do:"
	if r.Has(importer.NeedsYou, importer.Unreadable) {
		next = "; fix what needs you, then see what a run would do:"
	}
	a.hint(outcome.Hint{Text: "stop the other program" + next, Command: append(a.argumentsFor(path), "--dry-run")})
	return a.endImport(r, "")
}

// endImport ends with the status that the result has.
func (a *app) endImport(r *importer.Result, why string) error {
	if why != "" {
		a.printError(report.Error{Message: why})
	}
	if r.Has(importer.NeedsYou, importer.Unreadable) {
		return exitStatus(exitstatus.NotAsAsked)
	}
	return nil
}
