// Package manifests has the tests of the examples for Kubernetes and Compose. It is a module of its own because of the size of what they need.
package manifests
