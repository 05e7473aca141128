package main

import "fmt"

// writeIPFile writes the address for scripts that read it, in the form they know.
func (b *batch) writeIPFile() {
	if b.ipFile == "" || !b.address.IsValid() || b.dryRun {
		return
	}
	at := b.now().In(b.local)
	err := replaceFile(b.ipFile, fmt.Appendf(nil, "%s @ %s\n", b.address, at.Format("01/02/2006 - 15:04:05")))
	b.noteFile("the --ip-file", b.ipFile, err)
}
