// Book stands for metatrace in the tests of package notebook.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	switch os.Args[1] {
	case "opt":
		file := os.Args[len(os.Args)-1]
		text, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		fmt.Printf("# opt %q\n%s", os.Args[2:len(os.Args)-1], text)
	case "time":
		fmt.Printf("start\nit took %v of 3 traces\nend\n", time.Duration(time.Now().UnixNano()))
	case "fail":
		fmt.Println("before")
		fmt.Fprintln(os.Stderr, "it fails")
		os.Exit(3)
	case "hints":
		entries, err := os.ReadDir(os.Getenv("METATRACE_STATE"))
		fmt.Println(len(entries), err)
	}
}
