//go:build tools

// Package buildkit pins the BuildKit that berth builds; nothing of it is ours.
package buildkit

import (
	_ "github.com/moby/buildkit/cmd/buildctl"
	_ "github.com/moby/buildkit/cmd/buildkitd"
)
