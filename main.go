// Metatrace is a course in which you build a meta-tracing JIT compiler, and the
// compiler that it builds. This command is how to look at both; package cli has
// its subcommands.
package main

import (
	"os"

	"metatrace/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
