# shellcheck shell=sh
# etcd as Kubespray sets it up (a service, an environment file, TLS for clients and peers): etcd.sh NAME ADDRESS
# Certificates that are there already are kept, as Kubespray does.
set -eu
name=$1 address=$2
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
ln -sf /dev/null /etc/systemd/system/etcd.service
apt-get -qq install --no-install-recommends etcd-server etcd-client restic openssl >/dev/null
rm /etc/systemd/system/etcd.service

mkdir -p /etc/ssl/etcd/ssl
cd /etc/ssl/etcd/ssl
if [ ! -e ca.pem ]; then
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=etcd-ca -keyout ca-key.pem -out ca.pem 2>/dev/null
  printf 'subjectAltName=IP:%s,IP:127.0.0.1\n' "$address" >names
  for kind in member admin; do
    openssl req -newkey rsa:2048 -nodes -subj "/CN=etcd-$kind" -keyout "$kind-$name-key.pem" -out request.pem 2>/dev/null
    openssl x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile names \
      -out "$kind-$name.pem" 2>/dev/null
  done
fi

cat >/etc/etcd.env <<END
ETCD_DATA_DIR=/var/lib/etcd
ETCD_ADVERTISE_CLIENT_URLS=https://$address:2379
ETCD_INITIAL_ADVERTISE_PEER_URLS=https://$address:2380
ETCD_INITIAL_CLUSTER_STATE=new
ETCD_LISTEN_CLIENT_URLS=https://$address:2379,https://127.0.0.1:2379
ETCD_INITIAL_CLUSTER_TOKEN=k8s_etcd
ETCD_LISTEN_PEER_URLS=https://$address:2380
ETCD_NAME=etcd1
ETCD_INITIAL_CLUSTER=etcd1=https://$address:2380
ETCD_TRUSTED_CA_FILE=/etc/ssl/etcd/ssl/ca.pem
ETCD_CERT_FILE=/etc/ssl/etcd/ssl/member-$name.pem
ETCD_KEY_FILE=/etc/ssl/etcd/ssl/member-$name-key.pem
ETCD_CLIENT_CERT_AUTH=true
ETCD_PEER_TRUSTED_CA_FILE=/etc/ssl/etcd/ssl/ca.pem
ETCD_PEER_CERT_FILE=/etc/ssl/etcd/ssl/member-$name.pem
ETCD_PEER_KEY_FILE=/etc/ssl/etcd/ssl/member-$name-key.pem
ETCD_PEER_CLIENT_CERT_AUTH=true
END
cat >/etc/systemd/system/etcd.service <<'END'
[Service]
Type=notify
EnvironmentFile=/etc/etcd.env
ExecStart=/usr/bin/etcd
NotifyAccess=all
Restart=always
RestartSec=1s
[Install]
WantedBy=multi-user.target
END
# The package's own, of another user.
rm -rf /var/lib/etcd
mkdir -p /etc/kubernetes/manifests
echo 'kind: Pod' >/etc/kubernetes/manifests/kube-apiserver.yaml
systemctl daemon-reload
systemctl enable -q --now etcd.service
