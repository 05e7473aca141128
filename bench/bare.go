package main

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
)

const bareWord = "bare-child"

// readyBare sends the same requests with nothing around them but Go's net/http: no look-up, no plan, no state, and the
// answers thrown away. No program on top of net/http can be faster.
func readyBare(t *table, address string) (command, error) {
	self, err := os.Executable()
	if err != nil {
		return command{}, err
	}
	var list strings.Builder
	for _, url := range t.urls() {
		list.WriteString(url + address + "\n")
	}
	file, err := t.write("bare", list.String())
	return command{args: []string{self, bareWord, file, t.site.certificate, strconv.Itoa(t.workers)}}, err
}

// bareChild is the process that does it.
func bareChild(args []string) error {
	list, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer list.Close()
	trusted, err := trust(args[1])
	if err != nil {
		return err
	}
	workers, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	http1 := new(http.Protocols)
	http1.SetHTTP1(true)
	transport := &http.Transport{
		TLSClientConfig: trusted, Protocols: http1,
		MaxConnsPerHost: workers, MaxIdleConnsPerHost: workers, DisableCompression: true,
	}
	urls, failed := make(chan string), make(chan error, workers)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for url := range urls {
				if err := bareRequest(transport, url); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		select {
		case urls <- lines.Text():
		case err := <-failed:
			return err
		}
	}
	close(urls)
	all.Wait()
	close(failed)
	return errors.Join(lines.Err(), <-failed)
}

func bareRequest(transport *http.Transport, url string) error {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return errors.Join(err, response.Body.Close())
}
