// SPDX-License-Identifier: GPL-3.0-or-later

// Serves the file-based catalogue of a folder over gRPC, as the Pod of a CatalogSource does: FOLDER CACHE ADDRESS.
package main

import (
	"context"
	"log"
	"net"
	"os"

	"github.com/operator-framework/operator-registry/pkg/api"
	"github.com/operator-framework/operator-registry/pkg/cache"
	"github.com/operator-framework/operator-registry/pkg/server"
	"google.golang.org/grpc"
	health "google.golang.org/grpc/health/grpc_health_v1"
)

func serve(folder, kept, address string) error {
	store, err := cache.New(kept)
	if err != nil {
		return err
	}
	if err := cache.LoadOrRebuild(context.Background(), store, os.DirFS(folder)); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	answering := grpc.NewServer()
	api.RegisterRegistryServer(answering, server.NewRegistryServer(store))
	health.RegisterHealthServer(answering, server.NewHealthServer())
	return answering.Serve(listener)
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: FOLDER CACHE ADDRESS")
	}
	log.Fatal(serve(os.Args[1], os.Args[2], os.Args[3]))
}
