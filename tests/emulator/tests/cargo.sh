#!/bin/sh
# Replaces cargo in a test. Reports a binary that fails immediately, and two crates that were up to
# date if FRESH is true.
printf '{"reason":"compiler-artifact","fresh":%s,"executable":null}\n' "$FRESH" "$FRESH"
printf '{"reason":"compiler-artifact","fresh":true,"executable":"/bin/false"}\n'
