// A stand-in for a prover of the zkEVM family, for tests: it dials in, computes worthless proofs, and misbehaves when
// told to. Its messages are not ours but the family's own (github.com/0xPolygon/cdk), so it is an independent judge of
// our proto file. That module is under the AGPL: this program is built where tests run and handed to nobody.
//
// What happens is told on the standard output, a line of JSON each; commands come on the standard input.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"sync"
	"time"
)

var tell = func() func(event string, details map[string]any) {
	var mutex sync.Mutex
	return func(event string, details map[string]any) {
		mutex.Lock()
		defer mutex.Unlock()
		line := map[string]any{"event": event}
		for key, value := range details {
			line[key] = value
		}
		_ = json.NewEncoder(os.Stdout).Encode(line)
	}
}()

func main() {
	address := flag.String("address", "", "host:port of the gateway")
	name := flag.String("name", "test", "name of this prover")
	id := flag.String("id", "", "id of this prover's process")
	fork := flag.Uint64("fork", 9, "fork id")
	behaviour := flag.String("behaviour", "honest", "how it behaves")
	redial := flag.Duration("redial", 50*time.Millisecond, "pause before it dials again")
	watchdog := flag.Duration("watchdog", time.Minute, "it exits when no message comes for so long")
	describe := flag.Bool("describe", false, "print the family's messages and end")
	flag.Parse()
	if *describe {
		_ = json.NewEncoder(os.Stdout).Encode(describeMessages())
		return
	}

	prover := newProver(*name, *id, *fork, *behaviour)
	go obey(prover)
	for {
		tell("disconnected", map[string]any{"error": serve(*address, prover, *watchdog).Error()})
		time.Sleep(*redial)
	}
}

// Commands: "finish" ends the oldest computation that goes on, "disconnect" breaks the stream, "hold" and "dial" keep it
// from dialling and let it again, any other word is a new behaviour. The end of the input ends the program.
func obey(prover *prover) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		switch command := strings.TrimSpace(lines.Text()); command {
		case "finish":
			prover.finish()
		case "disconnect":
			prover.disconnect()
		case "hold":
			prover.hold(true)
			prover.disconnect()
		case "dial":
			prover.hold(false)
		default:
			prover.behave(command)
		}
		tell("obeyed", map[string]any{"command": lines.Text()})
	}
	os.Exit(0)
}
