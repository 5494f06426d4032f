#!/bin/sh
# Stands in for cargo: reports two crates, of which FRESH says whether they were up to
# date, and a binary that fails at once.
printf '{"reason":"compiler-artifact","fresh":%s,"executable":null}\n' "$FRESH" "$FRESH"
printf '{"reason":"compiler-artifact","fresh":true,"executable":"/bin/false"}\n'
