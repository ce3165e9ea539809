//go:build tools

package main

// The programs that make Go code of the contracts, so that go.mod names their versions.
import (
	_ "google.golang.org/grpc/cmd/protoc-gen-go-grpc"
	_ "google.golang.org/protobuf/cmd/protoc-gen-go"
)
