// Runs the scenarios of the Go clients one after the other and prints what became of each.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// A scenario fails by returning an error, or by taking more than a minute.
type scenario struct {
	name string
	run  func(context.Context) error
}

var (
	bootstrap = os.Getenv("BOOTSTRAP")
	restart   = os.Getenv("RESTART")
)

func versionOf(module string) string {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return strings.TrimPrefix(dependency.Version, "v")
		}
	}
	return "unknown"
}

func main() {
	failed := false
	for _, one := range franzScenarios() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		outcome := "ok"
		if err := one.run(ctx); err != nil {
			outcome = "FAILED: " + strings.SplitN(err.Error(), "\n", 2)[0]
			failed = true
		}
		cancel()
		fmt.Println(strings.Join([]string{"franz-go", versionOf("github.com/twmb/franz-go"), one.name, outcome}, "\t"))
	}
	if failed {
		os.Exit(1)
	}
}
