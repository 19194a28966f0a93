// Reads lines "KIND TEXT" of standard input and answers each with one line of JSON: what Go's own parser of that kind
// makes of the text, or null where it refuses it.
//
//	quantity  {"exact": "0.0039", "milli": "4", "whole": "1"}: Kubernetes' resource.Quantity, the latter two rounded up
//	duration  nanoseconds, as time.ParseDuration reads them
//	version   [major, minor, patch], as Kubernetes' own comparison of versions reads them
package main

import (
	"bufio"
	"encoding/json"
	"math/big"
	"os"
	"strings"
	"time"

	"gopkg.in/inf.v0"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/version"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		kind, text, _ := strings.Cut(lines.Text(), " ")
		if err := out.Encode(read(kind, text)); err != nil {
			panic(err)
		}
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
}

func read(kind, text string) any {
	switch kind {
	case "quantity":
		if quantity, err := resource.ParseQuantity(text); err == nil {
			exact := quantity.AsDec()
			return map[string]string{
				"exact": exact.String(),
				"milli": roundUp(exact, 1000),
				"whole": roundUp(exact, 1),
			}
		}
	case "duration":
		if duration, err := time.ParseDuration(text); err == nil {
			return int64(duration)
		}
	case "version":
		if found, err := version.ParseGeneric(text); err == nil {
			return []uint{found.Major(), found.Minor(), found.Patch()}
		}
	default:
		panic("no such kind: " + kind)
	}
	return nil
}

func roundUp(amount *inf.Dec, factor int64) string {
	scaled := new(inf.Dec).Mul(amount, inf.NewDecBig(big.NewInt(factor), 0))
	return scaled.Round(scaled, 0, inf.RoundCeil).String()
}
