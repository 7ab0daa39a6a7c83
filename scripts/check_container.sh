#!/usr/bin/env bash
# Builds the Containerfile where no images can be fetched, and tries what it made.
#
#   scripts/check_container.sh [BINARY]
#
# Base images are made on the spot: Debian by debootstrap, and for the first stage the same with this machine's Rust. With
# BINARY, a program that was built for this machine's Linux, nothing is compiled: the first stage gets a `cargo` that
# hands BINARY over, and all other steps are as they stand. Needs root and the network for Debian's packages, and a
# folder of 3 GB (CHECK_DIR, by default a temporary one).
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
binary=${1:+$(realpath "$1")}

missing=()
command -v buildah >/dev/null || missing+=(buildah)
command -v debootstrap >/dev/null || missing+=(debootstrap)
command -v crun >/dev/null || command -v runc >/dev/null || missing+=(crun)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

work=${CHECK_DIR:-$(mktemp -d)}
mkdir -p "$work"
# Neither a daemon nor mounts of its own: this works inside a sandbox, too.
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
buildah() { command buildah --root "$work/store" --runroot "$work/run" "$@"; }
containers=()
cleanup() {
  for container in "${containers[@]}"; do buildah rm "$container" >/dev/null 2>&1 || true; done
  if [ -z "${CHECK_DIR:-}" ]; then rm -rf "$work"; fi
}
trap cleanup EXIT

echo '--- a base image by debootstrap'
if [ ! -d "$work/debian" ]; then
  debootstrap --variant=minbase bookworm "$work/debian.partial" >"$work/debootstrap.log"
  mv "$work/debian.partial" "$work/debian"
fi
# Names are looked up as on this machine.
base=$(buildah from scratch); containers+=("$base")
buildah copy --quiet "$base" "$work/debian" / >/dev/null
buildah commit --quiet "$base" localhost/debian:local >/dev/null

echo '--- the same with Rust'
rust=$(buildah from localhost/debian:local); containers+=("$rust")
if [ -n "$binary" ]; then
  mkdir -p "$work/cargo"
  cp "$binary" "$work/cargo/avibench"
  cat >"$work/cargo/cargo" <<'CARGO'
#!/bin/sh
# In place of cargo: hands over a program that was built elsewhere.
echo "cargo $*: not compiled here"
mkdir -p target/release && cp /opt/cargo/avibench target/release/avibench
CARGO
  chmod +x "$work/cargo/cargo"
  buildah copy --quiet "$rust" "$work/cargo" /opt/cargo >/dev/null
  buildah config --env PATH=/opt/cargo:/usr/sbin:/usr/bin:/sbin:/bin "$rust"
else
  toolchain=$(rustc --print sysroot)
  buildah copy --quiet "$rust" "$toolchain" /opt/rust >/dev/null
  # Crates are fetched over TLS; the image that this stands for has certificates, too.
  buildah run "$rust" -- sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates' >/dev/null
  buildah config --env PATH=/opt/rust/bin:/usr/sbin:/usr/bin:/sbin:/bin "$rust"
fi
buildah commit --quiet "$rust" localhost/rust:local >/dev/null

echo '--- the Containerfile'
buildah bud --quiet --layers=false --file "$root/Containerfile" --ignorefile "$root/.containerignore" \
  --build-arg RUST_IMAGE=localhost/rust:local --build-arg BASE_IMAGE=localhost/debian:local \
  --build-arg COMMIT="$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
  --tag localhost/avibench:local "$root" >"$work/bud.log" 2>&1 || { tail -50 "$work/bud.log"; exit 1; }

echo '--- what it made'
image=$(buildah from localhost/avibench:local); containers+=("$image")
config=$(buildah inspect --format '{{.OCIv1.Config.User}} {{.OCIv1.Config.WorkingDir}} {{.OCIv1.Config.Entrypoint}}' "$image")
echo "$config"
[ "$config" = 'avibench /work [avibench]' ] || { echo 'the image is configured otherwise' >&2; exit 1; }
inside() { buildah run "$image" -- "$@"; }
inside avibench --version
[ "$(inside id -u)" = 10001 ] || { echo 'it does not run as its own user' >&2; exit 1; }
if inside sh -c 'command -v gcc || command -v cargo' 2>/dev/null; then echo 'the image holds a compiler' >&2; exit 1; fi
if inside sh -c 'touch /usr/local/bin/x' 2>/dev/null; then echo 'the user may write everywhere' >&2; exit 1; fi
# Folders, as `docker run -v` mounts them: the data only to be read.
mkdir -p "$work/data" "$work/results"
chown 10001:10001 "$work/data" "$work/results"
buildah run --volume "$work/data:/data" "$image" -- avibench synth smoke --out /data --force
mounted() { buildah run --volume "$work/data:/data:ro" --volume "$work/results:/work" "$image" -- "$@"; }
mounted avibench run --backend signal --model-label inside
mounted avibench refine --refine rules
mounted avibench score --captions stand-in | head -20
[ "$(stat -c %u "$work/results/eval_outputs/inside.json")" = 10001 ] || { echo 'results lie elsewhere' >&2; exit 1; }
size=$(buildah images --format '{{.Size}}' localhost/avibench:local)
echo "--- the image builds and works; its size: $size"
