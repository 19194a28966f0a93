// small: what the suite's containers run that need nothing else.
//
//	pause          waits for a signal, and reaps what the pod leaves: the sandbox of every pod; -v only says what it is
//	web PORT       answers every request with the host's name and the client's address, and with whom that one speaks for
//	reach URL      prints the answer, waits two seconds at most
//	resolve NAME   prints the addresses
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const patience = 2 * time.Second

func main() {
	words := append([]string{filepath.Base(os.Args[0])}, os.Args[1:]...)
	if words[0] == "small" {
		words = words[1:]
	}
	switch {
	case len(words) == 2 && words[0] == "pause" && words[1] == "-v":
		// As the real one does: kubeadm sees by this that the cluster runs a Job.
		fmt.Println("pause")
	case len(words) >= 1 && words[0] == "pause":
		pause()
	case len(words) == 2 && words[0] == "web":
		fail(web(words[1]))
	case len(words) == 2 && words[0] == "reach":
		fail(reach(words[1]))
	case len(words) == 2 && words[0] == "resolve":
		fail(resolve(words[1]))
	default:
		fail(fmt.Errorf("usage: small pause | web PORT | reach URL | resolve NAME"))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func pause() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for got := range signals {
		if got != syscall.SIGCHLD {
			return
		}
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if pid <= 0 || err != nil {
				break
			}
		}
	}
}

func web(port string) error {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		os.Exit(0)
	}()
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	answer := func(out http.ResponseWriter, in *http.Request) {
		client, _, _ := net.SplitHostPort(in.RemoteAddr)
		words := []string{host, client}
		if forwarded := in.Header.Get("X-Forwarded-For"); forwarded != "" {
			words = append(words, "for", forwarded)
		}
		fmt.Fprintln(out, strings.Join(words, " "))
	}
	return http.ListenAndServe(":"+port, http.HandlerFunc(answer))
}

func reach(url string) error {
	client := http.Client{Timeout: patience}
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(os.Stdout, answer.Body)
	return err
}

func resolve(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	found, err := net.DefaultResolver.LookupHost(ctx, name)
	fmt.Println(strings.Join(found, " "))
	return err
}
