# SOAK is a time or a number of rounds for each of the tests that kill runs, fill disks and start many runs at once, and asks
# for a million mutants of replies;
# FUZZTIME a time for each fuzz target.
SOAK = 5m
FUZZTIME = 1m

.PHONY: build test soak fuzz bench bench-short dist lint

build:
	go build -o ddns-batch ./cmd/ddns-batch

test:
	go test ./...

soak:
	DDNS_BATCH_SOAK=$(SOAK) go test -race -count=1 -timeout=0 -v -run='^TestSoak' ./cmd/ddns-batch ./internal/provider/namecheap

fuzz:
	for package in $$(go list ./...); do \
		for target in $$(go test -list='^Fuzz' $$package | grep '^Fuzz'); do \
			go test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) $$package || exit 1; \
		done; \
	done

bench:
	cd bench && go run .

# The goals only, in three minutes, for a change that could matter to them.
bench-short:
	cd bench && go run . -short

# Everything that users install, in dist: archives, packages, a container image and checksums.
dist:
	cd packaging && go run . -o ../dist

lint:
	test -z "$$(gofmt -l .)"
	go vet ./...
	go tool staticcheck ./...
	cd bench && go vet ./...
	cd packaging && go vet ./...
