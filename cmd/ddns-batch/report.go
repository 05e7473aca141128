package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/report"
	"ddns-batch/internal/report/page"
	"ddns-batch/internal/state"
)

const reportHelp = `report writes one HTML page from the YAML and the state file: every record, those that need somebody first, and how the
addresses changed. The page is a single file that asks nobody for anything: open it, print it, mail it, or let a web
server show it. A file is replaced as a whole, with mode 0644; - is stdout. report opens no connection.

With report_file: in the YAML every run writes such a page.

Exit status: 0, 2 for a usage or configuration error or if the file cannot be written, 4 if the state cannot be read.`

func (a *app) reportCommand() *cobra.Command {
	file := ""
	cmd := &cobra.Command{
		Use:     "report --html FILE",
		Short:   "Write an HTML page of all records and their history; no network",
		Long:    reportHelp,
		Example: "  ddns-batch report --html ddns.html\n  ddns-batch report --html - --only example.com >example.html",
		RunE:    func(_ *cobra.Command, names []string) error { return a.writeReport(file, names) },
	}
	cmd.Flags().StringVar(&file, "html", "", "write the page to `FILE`; - is stdout")
	a.lookFlags(cmd)
	return cmd
}

// writeReport writes the page that was asked for.
func (a *app) writeReport(file string, names []string) error {
	if err := a.checkFlags(); err != nil {
		return err
	}
	switch {
	case len(names) > 0:
		return usage(fmt.Sprintf("report takes no names, such as %q", names[0]), "give the file with --html, and names with --only")
	case file == "":
		return usage("report needs a file to write", "as in ddns-batch report --html ddns.html; - is stdout")
	case a.output == "json":
		return usage("report writes an HTML page", "-o json goes with status, history and explain")
	}
	s, err := a.statusOf(a.only)
	if err != nil {
		return err
	}
	p := s.Page(a.local)
	if p.Machine == "" {
		p.Machine = a.machine()
	}
	if file == "-" {
		err = page.Write(a.stdout, p)
	} else {
		err = writePage(file, p)
	}
	if err != nil {
		return usage("cannot write the page: "+err.Error(), "")
	}
	return nil
}

func writePage(file string, p page.Page) error {
	var b bytes.Buffer
	if err := page.Write(&b, p); err != nil {
		return err
	}
	return replaceFile(file, b.Bytes())
}

// writeReportFile writes the page that report_file in the YAML asks for. It shows all records, whichever this run was
// about. A page that cannot be written is nothing for a run to fail of.
func (b *batch) writeReportFile(f *fatal) {
	if b.lock == nil || b.config.ReportFile == "" {
		return
	}
	last, err := state.ReadLastRun(b.path)
	if err != nil {
		b.log.Warn(err)
	}
	s := b.statusFrom(b.config, b.path, b.after, last, b.targetsOf(b.config, everyRecord(b.config), b.passwords, b.after, true))
	p := s.Page(b.local)
	if b.began.IsZero() && f != nil {
		untold(p.Records, f.report)
	}
	file := b.config.ReportFile
	if b.sandbox {
		file = rehearsalFile(file)
	}
	if err := writePage(file, p); err != nil {
		b.log.WithField("error", err).Warn("the report_file cannot be written")
	}
}

// untold: the state could not be read, so nothing is known of any record.
func untold(records []page.Record, why report.Error) {
	for i := range records {
		records[i] = page.Record{
			Name: records[i].Name, State: outcome.Unknown, Level: outcome.Warning, Standing: "not known", Message: why.Message, Hint: why.Hint,
		}
	}
}

// rehearsalFile is the page of a rehearsal beside the one of real runs: ddns.sandbox.html beside ddns.html.
func rehearsalFile(file string) string {
	extension := filepath.Ext(file)
	return strings.TrimSuffix(file, extension) + ".sandbox" + extension
}
