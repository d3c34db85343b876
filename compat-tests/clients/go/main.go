// Runs the scenarios of the Go clients one after the other and prints what became of each.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

var (
	bootstrap = os.Getenv("BOOTSTRAP")
	restart   = os.Getenv("RESTART")
)

// A client has no code for something, which is not a matter of the broker.
var errNotOffered = errors.New("the client does not offer it")

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
	for _, client := range []client{franz{}, saramaClient{}, segment{}, confluent{}} {
		for _, one := range scenarios {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			outcome := "ok"
			if err := one.run(ctx, client, client.name()+"-"+one.topic); errors.Is(err, errNotOffered) {
				outcome = errNotOffered.Error()
			} else if err != nil {
				outcome = "FAILED: " + strings.SplitN(err.Error(), "\n", 2)[0]
				failed = true
			}
			cancel()
			fmt.Println(strings.Join([]string{client.name(), versionOf(client.module()), one.name, outcome}, "\t"))
		}
	}
	if failed {
		os.Exit(1)
	}
}
