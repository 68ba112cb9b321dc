/**
 * What runs in the unit, in three steps: `SETUP` builds its root in fresh namespaces and leaves the machine's
 * behind, `INIT` is its first process, `LOGIN` asks who is there.
 */

/**
 * First process in the new namespaces, still seeing the machine's root. Run in the unit's folder with the
 * machine's busybox as $BB. Fails at the first step that does not work.
 */
export const SETUP = `set -e
umask 022
export PATH=
b() { "$BB" "$@"; }
# The system's own flags of a mount must be kept when it is made read-only, and they differ by machine.
ro() {
  b mount -o remount,bind,ro "$1" 2>/dev/null ||
  b mount -o remount,bind,ro,nosuid,nodev "$1" 2>/dev/null ||
  b mount -o remount,bind,ro,nosuid,nodev,noexec "$1" 2>/dev/null || true
}
b hostname "$UNIT_HOSTNAME"
b mount -t tmpfs -o "size=$UNIT_ROOT_KIB"k,nr_inodes=4096,mode=755 /dev/mmcblk0p2 root
cd root
b mkdir -p bin dev proc sys etc root tmp run boot data var/log var/spool old
b chmod 1777 tmp
b cp -r ../files/. .
b cp ../busybox bin/busybox
b chmod 755 bin/busybox usr/sbin/dmesg
: > etc/shadow
b mount --bind ../shadow etc/shadow
ro "$PWD/etc/shadow"
b mount -t proc proc proc
for f in ../proc/*; do
  [ -e "proc/\${f##*/}" ] || continue
  b mount --bind "$f" "proc/\${f##*/}"
  ro "$PWD/proc/\${f##*/}"
done
b mount --bind ../boot_id proc/sys/kernel/random/boot_id
ro "$PWD/proc/sys/kernel/random/boot_id"
b mount --bind ../sys sys
ro "$PWD/sys"
for f in null zero full random urandom tty; do
  : > "dev/$f"
  b mount --bind "/dev/$f" "dev/$f"
done
for f in ../media/*; do
  : > "dev/\${f##*/}"
  b mount --bind "$f" "dev/\${f##*/}"
done
: > var/log/messages
b mount --bind ../messages var/log/messages
ro "$PWD/var/log/messages"
b mount -t tmpfs -o size=64k /dev/mmcblk0p1 boot
b mount -t tmpfs -o size=64k /dev/mmcblk0p3 data
echo 'kernel image' > boot/Image
echo 'settings' > data/settings
: > var/spool/fill
# A runaway in the unit must not become one on the machine.
"$PRLIMIT" --pid 1 --nproc=128 --as=268435456 --fsize="$UNIT_FILE_BYTES" --core=0
b pivot_root . old
cd /
exec /bin/busybox env -i PATH=/bin TERM=vt102 LOGIN_DELAY="$UNIT_LOGIN_DELAY" NEEDS_LOGIN="$UNIT_NEEDS_LOGIN" \\
  HAS_TERMINAL="$UNIT_HAS_TERMINAL" \\
  /bin/busybox sh /etc/init
`;

/**
 * First process of the unit. Job control gives everything that it starts its own place on the terminal; in a
 * session of its own a shell has none, as where the system was started on /dev/console.
 */
export const INIT = `/bin/busybox umount -l /old || exit 1
/bin/busybox rmdir /old
/bin/busybox --install -s /bin
# The table's emptied names.
for f in /bin/*$(printf '\\001'); do [ -L "$f" ] && rm "$f"; done
[ -e /bin/dmesg ] || cp /usr/sbin/dmesg /bin/dmesg
cd /
if [ "$HAS_TERMINAL" = 1 ]; then set -m; else set -- setsid; fi
echo
echo 'FieldOS starting'
while :; do
  if [ "$NEEDS_LOGIN" = 1 ]; then "$@" /bin/sh /etc/login; else "$@" /bin/sh -l; fi
done
`;

/**
 * Asks for a name and a password and compares with /etc/shadow. busybox's own \`login\` cannot be used: it sets
 * supplementary groups, which a user namespace made by an ordinary user does not allow.
 */
export const LOGIN = `printf '\\n%s login: ' "$(hostname)"
IFS= read -r name || exit
[ -n "$name" ] || exit
printf 'Password: '
IFS= read -rs word || exit
echo
line=$(grep "^$name:" /etc/shadow)
hash=\${line#*:}
hash=\${hash%%:*}
salt=\${hash#\\$*\\$}
salt=\${salt%%\\$*}
if [ -n "$hash" ] && [ "$(echo "$word" | mkpasswd -m sha512 -S "$salt" -P 0)" = "$hash" ]; then
  unset word line hash salt
  echo
  echo 'FieldOS 4.2.1'
  exec /bin/sh -l
fi
sleep "$LOGIN_DELAY"
echo 'Login incorrect'
`;
