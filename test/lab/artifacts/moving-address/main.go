// Gives an address to one control plane at a time and tells the network by ARP where it is. It stands in for kube-vip
// where that cannot be had: it is told by the same variables, asks the same API server with the same kubeconfig, holds
// the same lease, and gives the address back when it is told to stop. BGP, IPVS and services are not its business.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordination "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

const (
	kubeconfig = "/etc/kubernetes/admin.conf"
	// How often the network is told, as kube-vip does where nothing else is said.
	arpEvery = 3 * time.Second
)

func main() {
	if os.Getenv("vip_arp") != "true" || os.Getenv("vip_leaderelection") != "true" || os.Getenv("cp_enable") != "true" {
		log.Fatal("nothing to do: an address for control planes, with ARP and an election, is all that this can")
	}
	place, err := findPlace()
	if err != nil {
		log.Fatal(err)
	}
	// Whoever was killed could not take it back.
	place.remove()
	lock, err := lease()
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock:            lock,
		ReleaseOnCancel: true,
		LeaseDuration:   seconds("vip_leaseduration"),
		RenewDeadline:   seconds("vip_renewdeadline"),
		RetryPeriod:     seconds("vip_retryperiod"),
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: place.hold,
			OnStoppedLeading: place.remove,
			OnNewLeader:      func(name string) { log.Printf("the address is on %s", name) },
		},
	})
}

// lease asks the API server beside it, whoever has the address: the manifest says where "kubernetes" is.
func lease() (resourcelock.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.Host = "kubernetes:" + os.Getenv("port")
	config.Timeout = 10 * time.Second
	client, err := coordination.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Name: os.Getenv("vip_leasename"), Namespace: os.Getenv("cp_namespace")},
		Client:     client,
		LockConfig: resourcelock.ResourceLockConfig{Identity: os.Getenv("vip_nodename")},
	}, nil
}

func seconds(name string) time.Duration {
	number, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	return time.Duration(number) * time.Second
}

// place is where the address goes on this host.
type place struct {
	link    netlink.Link
	address *netlink.Addr
}

func findPlace() (*place, error) {
	address, err := netlink.ParseAddr(os.Getenv("address") + "/" + os.Getenv("vip_subnet"))
	if err != nil {
		return nil, err
	}
	link, err := findLink()
	if err != nil {
		return nil, err
	}
	return &place{link, address}, nil
}

func findLink() (netlink.Link, error) {
	if name := os.Getenv("vip_interface"); name != "" {
		return netlink.LinkByName(name)
	}
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return nil, err
	}
	for _, route := range routes {
		if route.Dst == nil || route.Dst.IP.IsUnspecified() {
			return netlink.LinkByIndex(route.LinkIndex)
		}
	}
	return nil, fmt.Errorf("no interface is said, and there is no default route")
}

func (p *place) hold(ctx context.Context) {
	if err := netlink.AddrReplace(p.link, p.address); err != nil {
		log.Fatalf("%s cannot be added: %v", p.address, err)
	}
	for {
		if err := p.announce(); err != nil {
			log.Printf("the network cannot be told: %v", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(arpEvery):
		}
	}
}

func (p *place) remove() { _ = netlink.AddrDel(p.link, p.address) }

// announce asks by ARP for its own address, so that all who know it learn where it is now.
func (p *place) announce() error {
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	mac, own := p.link.Attrs().HardwareAddr, p.address.IP.To4()
	everybody := net.HardwareAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	// Ethernet, IPv4, lengths of both, a request; who asks, and for whom.
	packet := []byte{0, 1, 8, 0, 6, 4, 0, 1}
	for _, part := range [][]byte{mac, own, everybody, own} {
		packet = append(packet, part...)
	}
	to := &unix.SockaddrLinklayer{Protocol: 0x0608, Ifindex: p.link.Attrs().Index, Halen: 6}
	copy(to.Addr[:], everybody)
	return unix.Sendto(socket, packet, 0, to)
}
