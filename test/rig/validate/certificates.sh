# shellcheck shell=sh
# certificate FILE DAYS: a real certificate that ends in so many days; some days ago where they are negative.
certificate() {
  work=$(mktemp -d)
  mkdir -p "$(dirname "$1")"
  : >"$work/index"
  cat >"$work/ca.conf" <<END
[ca]
default_ca = own
[own]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
END
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=kube-apiserver \
    -keyout "$work/key" -out "$work/request" 2>/dev/null
  openssl ca -batch -notext -selfsign -config "$work/ca.conf" -keyfile "$work/key" -in "$work/request" \
    -startdate "$(date -u -d '-400 days' +%Y%m%d%H%M%SZ)" \
    -enddate "$(date -u -d "$2 days" +%Y%m%d%H%M%SZ)" -out "$1" 2>/dev/null
  rm -r "$work"
}
