package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/report/page"
)

const reportHelp = `report writes one HTML page from the YAML and the state file: every record, with those that need attention first, and how
the addresses changed. The page is a single file that loads nothing from elsewhere: open it, print it, mail it, or let a web
server serve it. A file is replaced as a whole, with mode 0644; - is stdout. report opens no connection.

With report_file: in the YAML every run writes such a page.

Exit status: 0, 2 for a usage or configuration error or if the file cannot be written, 4 if the state cannot be read.`

// reportOptions are the flags of report.
type reportOptions struct {
	lookOptions
	file string
}

func (a *app) reportCommand() *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:     "report --html FILE",
		Short:   "Write an HTML page of all records and their history; no network",
		Long:    reportHelp,
		Example: "  ddns-batch report --html ddns.html\n  ddns-batch report --html - --only example.com >example.html",
		RunE:    func(_ *cobra.Command, names []string) error { return a.report(o, names) },
	}
	cmd.Flags().StringVar(&o.file, "html", "", "write the page to `FILE`; - is stdout")
	o.register(cmd)
	return cmd
}

// report writes the page that was asked for.
func (a *app) report(o reportOptions, names []string) error {
	switch {
	case len(names) > 0:
		return usage(fmt.Sprintf("report takes no names, such as %q", names[0]), "give the file with --html, and names with --only")
	case o.file == "":
		return usage("report needs a file to write", "as in ddns-batch report --html ddns.html; - is stdout")
	case a.output == outputJSON:
		return usage("report writes an HTML page", "-o json goes with status, history and explain")
	}
	r, err := a.recall(o.lookOptions)
	if err == nil {
		err = r.narrow(a.only)
	}
	if err == nil && o.file != "-" {
		err = a.checkPage(r.config, o.file)
	}
	if err != nil {
		return err
	}
	p := r.Page(a.Local)
	if p.Machine == "" {
		p.Machine = a.machine()
	}
	if o.file == "-" {
		err = page.Write(a.Stdout, p)
	} else {
		err = replaceBy(o.file, func(w io.Writer) error { return page.Write(w, p) })
	}
	if err != nil {
		return usage("cannot write the page: "+err.Error(), "")
	}
	return nil
}

// checkPage refuses to write the page over something else. The report_file is such a page, too.
func (a *app) checkPage(c *config.Config, file string) error {
	var written []place
	for _, f := range a.sideFiles(runOptions{}, installation{config: c}) {
		if f.Path != c.ReportFile {
			written = append(written, placeOf(f.Kind, f.Path))
		}
	}
	return a.checkPlaces(c, "", append(written, placeOf("the --html file", file))...)
}
