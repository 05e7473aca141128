// Command ddns-batch keeps the A records of whole zones at Namecheap pointing at this connection's address.
//
// This package is the outermost layer: it reads flags, puts the inner packages together, prints, and turns what
// happened into an exit status. It is the only one that logs, prints an error or exits.
package main

import "os"

func main() { os.Exit(execute(realWorld())) }
