#!/usr/bin/env bash
# scripts/buf.sh lint | breaking [GIT_REF]: the rules for protos (proto/buf.yaml), offline.
# protoc makes the image, so google/api comes from Debian's package and not from a registry.
# `breaking` compares with GIT_REF (default: main, or origin/main) and fails where a reader of the
# old protos would break.
set -euo pipefail

BUF_VERSION=1.75.0  # keep equal to deploy/deps
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/bellwether
GRPC_GATEWAY=/usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway
GOOGLEAPIS=${GOOGLEAPIS_DIR:-$GRPC_GATEWAY/third_party/googleapis}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() { printf 'buf.sh: %s\n' "$*" >&2; exit 1; }

BUF=$CACHE/buf-$BUF_VERSION/node_modules/.bin/buf
[ -x "$BUF" ] || BUF=$(command -v buf) || die "buf is absent; run deploy/deps lint"
command -v protoc >/dev/null || die "protoc is absent; run deploy/deps run"
[ -d "$GOOGLEAPIS/google/api" ] ||
  die "no google/api in $GOOGLEAPIS; run deploy/deps run, or set GOOGLEAPIS_DIR"

TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

# image FOLDER FILE: the protos of FOLDER with their comments.
image() {
  local files
  mapfile -t files < <(cd "$1" && find . -name '*.proto' -printf '%P\n' | sort)
  [ ${#files[@]} -gt 0 ] || die "no protos in $1"
  protoc -I"$1" -I"$GOOGLEAPIS" --include_imports --include_source_info -o "$2" "${files[@]}"
}

image proto "$TMP/now.binpb"
case ${1:-} in
  lint)
    "$BUF" lint "$TMP/now.binpb" --config proto/buf.yaml
    ;;
  breaking)
    ref=${2:-}
    for candidate in main origin/main; do
      [ -z "$ref" ] && git rev-parse -q --verify "$candidate^{commit}" >/dev/null && ref=$candidate
    done
    [ -n "$ref" ] || die "no main to compare with; name a git reference"
    if ! git cat-file -e "$ref:proto/bellwether" 2>/dev/null; then
      echo "buf.sh: $ref has no protos yet: nothing to break"
      exit 0
    fi
    mkdir "$TMP/old"
    git archive "$ref" proto | tar -x -C "$TMP/old"
    image "$TMP/old/proto" "$TMP/old.binpb"
    "$BUF" breaking "$TMP/now.binpb" --against "$TMP/old.binpb" --config proto/buf.yaml
    ;;
  *)
    die "usage: scripts/buf.sh lint | breaking [GIT_REF]"
    ;;
esac
