import {sh} from './sh.ts';

/**
 * Sets `$_run` to our directory for what lasts until the host restarts, and makes it. Fails where somebody else
 * has made it: names under /tmp can be guessed.
 */
export const findRunDirectory = sh`_run=/run/provision _mode=755
[ "$(id -u)" = 0 ] || _run=\${XDG_RUNTIME_DIR:-/tmp}/provision-$(id -u) _mode=700
[ -d "$_run" ] || mkdir -m "$_mode" "$_run"
if [ -L "$_run" ] || ! [ -O "$_run" ]; then printf '%s belongs to somebody else\\n' "$_run" >&2; false; fi`;
