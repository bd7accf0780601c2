//go:build tools

// Names the program that go.mod pins and go.sum holds the hashes of.
package tools

import _ "sigs.k8s.io/kustomize/kustomize/v5"
