/**
 * Which folders are the system's own, so that the program never mounts, exports, owns or writes there. The one place
 * that says so for every key that names a folder; remote/files/folders.sh refuses the same again on the machine.
 */

// Of the file system hierarchy (hier(7)): the folder and all that is in it.
const SYSTEM_TREES = [
  ..."bin boot dev efi etc lib lib32 lib64 libx32 lost+found proc root run sbin snap sys tmp usr"
    .split(" ")
    .map((name) => `/${name}`),
  "/var/lib/vmstation",
  "/var/lock",
  "/var/run",
];

// These folders belong to the system, and folders of the user may lie below them.
const SYSTEM_PARENTS = ["/", "/home", "/var", "/var/lib", "/var/log"];

// What packages and the cluster keep for themselves. A disk may be mounted there, for containerd's images or for etcd.
const PACKAGE_TREES = [
  ..."cache crash empty log mail spool tmp".split(" ").map((name) => `/var/${name}`),
  ..."cni containerd rke2".split(" ").map((name) => `/opt/${name}`),
  ...[
    "AccountsService NetworkManager PackageKit alternatives apt authselect bluetooth boltd calico chrony cloud cni",
    "containerd containers cups dbus dhcp dhcpcd dkms dnf docker dpkg etcd firewalld flatpak fwupd gdm3 gssproxy grub",
    "initramfs-tools kdump kubelet libvirt lightdm logrotate lxc lxd man-db nfs nftables node_exporter os-prober pam",
    "plymouth polkit-1 postfix private python qemu rancher rhsm rpcbind rpm rpm-state rsyslog samba selinux snapd sss",
    "sudo systemd tpm2-tss tuned ucf udisks2 unattended-upgrades update-notifier upower usbutils wicked xkb",
  ]
    .flatMap((line) => line.split(" "))
    .map((name) => `/var/lib/${name}`),
];

// Many use them at once: a folder in one of them may be somebody's, the whole never.
const SHARED = ["/mnt", "/media", "/opt", "/srv", "/var/backups", "/var/local", "/var/opt"];

// What is hidden in somebody's home is their log-in's: .ssh, .config.
const HIDDEN_IN_HOME = /^\/home\/[^/]+\/\.[^/]+(\/|$)/;
const HOME = /^\/home\/[^/]+$/;

/** Whether `inner` is `outer` or lies in it; both as `absolutePath` accepts them. */
export function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer === "/" ? outer : `${outer}/`);
}

/** Whether one of two folders holds the other, or both are the same. */
export function overlapping(a: string, b: string): boolean {
  return isWithin(a, b) || isWithin(b, a);
}

/** Whether nothing may be mounted over it, exported, or lie in it. */
export function isSystemFolder(folder: string): boolean {
  return (
    SYSTEM_PARENTS.includes(folder) ||
    HIDDEN_IN_HOME.test(folder) ||
    SYSTEM_TREES.some((tree) => isWithin(folder, tree))
  );
}

/** Whether it belongs to a package: a disk may be mounted there, but nothing of ours is put there or exported. */
export function isPackageFolder(folder: string): boolean {
  return PACKAGE_TREES.some((tree) => isWithin(folder, tree));
}

/** Whether an app or a part of the program may have it for itself, with an owner and a mode of its own. */
export function isSharedFolder(folder: string): boolean {
  return SHARED.includes(folder) || HOME.test(folder);
}
