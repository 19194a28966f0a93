#!/bin/sh
# Run in a network namespace of its own: a NodePort as kube-proxy makes it, behind the rules in $1, and clients at two
# addresses of another machine. Prints for each address and port whether it gets through.
set -eu
ip link set lo up
unshare --net sleep 300 &
peer=$!
trap 'kill $peer $server 2>/dev/null' EXIT
server=
until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
ip link add here type veth peer name there netns $peer
ip address add 192.168.8.63/24 dev here
ip address add 10.9.0.1/24 dev here
ip link set here up
nsenter --target $peer --net sh -c '
  ip address add 192.168.8.9/24 dev there
  ip address add 10.9.0.2/24 dev there
  ip link set there up'
nft -f "$1"
nft -f - <<'END'
table ip proxy {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    tcp dport { 30080, 30081 } redirect to :8080
  }
}
END
python3 -c '
import socket
server = socket.create_server(("0.0.0.0", 8080))
while True:
    server.accept()[0].close()' &
server=$!
nsenter --target $peer --net python3 -c '
import socket, time
def through(source, target, port):
    with socket.socket() as sock:
        sock.settimeout(1.5)
        sock.bind((source, 0))
        try:
            sock.connect((target, port))
            return True
        except TimeoutError:
            return False
deadline = time.monotonic() + 20
while time.monotonic() < deadline:
    try:
        if through("192.168.8.9", "192.168.8.63", 8080):
            break
    except OSError:
        time.sleep(0.05)
for port in (30080, 30081):
    print("lan", port, through("192.168.8.9", "192.168.8.63", port))
    print("outside", port, through("10.9.0.2", "10.9.0.1", port))
    print("outside by the LAN address", port, through("10.9.0.2", "192.168.8.63", port))'
