// SPDX-License-Identifier: GPL-3.0-or-later

// Command controlplane is the real Kubernetes control plane in one program: the first argument names the
// component (apiserver, controller-manager, scheduler, etcd), the others are that component's own flags.
package main

import (
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	commands := map[string]func() *cobra.Command{
		"apiserver":          apiserver.NewAPIServerCommand,
		"controller-manager": controllers.NewControllerManagerCommand,
		"scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
		"etcd":               etcd,
	}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: controlplane apiserver|controller-manager|scheduler|etcd [flag…]")
		os.Exit(2)
	}
	command := commands[os.Args[1]]()
	os.Args = append(os.Args[:1], os.Args[2:]...)
	os.Exit(cli.Run(command))
}

// etcd is a single-member store on the loopback interface. It never syncs to disk: a sandbox that loses its last
// second with the machine is made again.
func etcd() *cobra.Command {
	var dir, client string
	command := &cobra.Command{Use: "etcd", SilenceUsage: true, RunE: func(*cobra.Command, []string) error {
		listen, err := url.Parse(client)
		if err != nil {
			return err
		}
		peer := url.URL{Scheme: "http", Host: "127.0.0.1:0"}
		config := embed.NewConfig()
		config.Dir, config.UnsafeNoFsync, config.LogLevel = dir, true, "warn"
		config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{*listen}, []url.URL{*listen}
		config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
		config.InitialCluster = config.InitialClusterFromName(config.Name)
		server, err := embed.StartEtcd(config)
		if err != nil {
			return err
		}
		defer server.Close()
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
		select {
		case <-stop:
			return nil
		case err := <-server.Err():
			return err
		}
	}}
	command.Flags().StringVar(&dir, "data", "", "folder of the database")
	command.Flags().StringVar(&client, "client-url", "http://127.0.0.1:2379", "address for clients")
	return command
}
