#!/usr/bin/env bash
# Prints how `unshare --mount --propagation` can make mounts that nobody else sees: `private`, or `unchanged` in a chroot, where
# / is no mount and so cannot be made private, if no mount is shared there. Fails where neither goes.
set -euo pipefail
if unshare --mount --propagation private true 2>/dev/null; then
  echo private
elif ! grep -q ' shared:' /proc/self/mountinfo && unshare --mount --propagation unchanged true 2>/dev/null; then
  echo unchanged
else
  exit 1
fi
