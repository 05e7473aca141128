package cli

import (
	"bytes"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"ddns-batch/internal/report"
	"ddns-batch/internal/report/page"
	"ddns-batch/internal/run"
)

// sideFiles are the files that a run writes for others. The page shows all records, whichever the run was about.
func (a *app) sideFiles(o runOptions, in installation) []run.File {
	var files []run.File
	if file := in.config.ReportFile; file != "" {
		if o.sandbox {
			file = sandboxFile(file)
		}
		files = append(files, run.File{Kind: "the report_file", Path: file, Write: func(s report.Status, _ netip.Addr) error {
			return writePage(file, s.Page(a.Local))
		}})
	}
	if o.ipFile != "" {
		files = append(files, run.File{Kind: "the --ip-file", Path: o.ipFile, NeedsAddress: true, Write: func(_ report.Status, address netip.Addr) error {
			// In the form that the scripts know which read it.
			return replaceFile(o.ipFile, fmt.Appendf(nil, "%s @ %s\n", address, a.Now().In(a.Local).Format("01/02/2006 - 15:04:05")))
		}})
	}
	return files
}

func writePage(file string, p page.Page) error {
	var b bytes.Buffer
	if err := page.Write(&b, p); err != nil {
		return err
	}
	return replaceFile(file, b.Bytes())
}

// sandboxFile is the page of a sandbox run beside the one of real runs: ddns.sandbox.html beside ddns.html.
func sandboxFile(file string) string {
	extension := filepath.Ext(file)
	return strings.TrimSuffix(file, extension) + ".sandbox" + extension
}
